package cgotorch

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// distrust says who else may have put the code there that an installation would run,
// or "". Its files and their folders, and the given ones above, have to be the user's
// or root's, and nobody else may write them. Of the folders further up it asks only
// that not everybody can rename what they hold.
func (i Installation) distrust() string {
	for _, path := range i.own() {
		if why := foreign(path); why != "" {
			return why
		}
	}
	for _, path := range i.own() {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			continue // it is not there
		}
		for _, path := range []string{path, real} {
			if why := exposed(path); why != "" {
				return why
			}
		}
	}
	return ""
}

// own returns what has to be the user's or root's, the outermost first.
func (i Installation) own() []string {
	own := append(append([]string{}, i.above...), i.Dir, filepath.Dir(i.Shim), i.Shim, i.libraryDir(), i.stubDir(),
		i.torchvisionDir(), i.Torchvision())
	return append(own, i.libraries()...)
}

// foreign says who else owns or may write what a path leads to, or "".
func foreign(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "" // what is not there is no danger
	}
	stat := info.Sys().(*syscall.Stat_t)
	switch {
	case !mine(stat.Uid):
		return fmt.Sprintf("%s belongs to user %d", path, stat.Uid)
	case info.Mode()&0o002 != 0:
		return "everybody may write " + path
	case info.Mode()&0o020 != 0 && !mine(stat.Gid):
		return fmt.Sprintf("group %d may write %s", stat.Gid, path)
	}
	return ""
}

// mine reports whether a user is root or who runs the program. Of a group it says
// whether it is the one of that user's own, which has the user's number by custom.
func mine(id uint32) bool { return id == 0 || id == uint32(os.Geteuid()) }

// exposed says in which folder above a path everybody may rename what others put
// there, or "".
func exposed(path string) string {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
			return "everybody may write " + dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
