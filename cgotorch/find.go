package cgotorch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// The environment variables that this package reads.
const (
	// EnvLibtorch names an installation folder, before any other is looked for.
	EnvLibtorch = "GOTORCH_LIBTORCH"
	// EnvCache names the cache folder, instead of gotorch/ in the user's.
	EnvCache = "GOTORCH_CACHE"
)

// InstallCommand installs libtorch and builds the shim; errors quote it.
const InstallCommand = "go run github.com/wangkuiyi/gotorch/cmd/gotorch install"

// Installation is a folder that holds, or should hold, a libtorch in lib/ and
// the shims built for it in shim/.
type Installation struct {
	Dir    string // the folder
	Origin string // in words, how it was found
	Shim   string // the path of the shim that this package needs, there or not

	trusted bool     // the user named it, and whose it is does not matter
	above   []string // folders above it in which others could put another one
	trouble string   // why it was not even looked for, or ""
}

// Problem returns what keeps the installation from being used, as far as a look
// at the files tells, or "".
func (i Installation) Problem() string {
	if i.trouble != "" {
		return i.trouble
	}
	if _, err := os.Stat(i.Dir); errors.Is(err, fs.ErrNotExist) {
		return "the folder is not there"
	} else if err != nil {
		return err.Error()
	}
	if !i.trusted {
		if who := i.distrust(); who != "" {
			return "it is passed over, as its code may be somebody else's: " + who +
				"; mend that, or set $" + EnvLibtorch + " to the folder to trust it"
		}
	}
	if _, err := os.Stat(i.Shim); errors.Is(err, fs.ErrNotExist) {
		if others, _ := filepath.Glob(filepath.Join(i.Dir, "shim", "libcgotorch-*.so")); len(others) > 0 {
			return "its shim was built for another version of gotorch"
		}
		return "it has no shim"
	} else if err != nil {
		return err.Error()
	}
	if why := cutOff(i.Shim); why != "" {
		return why
	}
	for _, library := range i.libraries() {
		if why := cutOff(library); why != "" {
			return why + "; install it again with --force"
		}
	}
	return ""
}

// libraryDir returns the folder of libtorch's libraries.
func (i Installation) libraryDir() string { return filepath.Join(i.Dir, "lib") }

// stubDir returns the folder of the empty libraries that stand in for those that
// libtorch's folder lacks.
func (i Installation) stubDir() string { return filepath.Join(i.Dir, "stubs") }

// libraries returns the paths of libtorch's libraries, of those that they need, and of
// the stubs.
func (i Installation) libraries() []string {
	var paths []string
	for _, dir := range []string{i.libraryDir(), i.stubDir()} {
		entries, _ := os.ReadDir(dir) // where there is none, loading says so
		for _, entry := range entries {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

// CacheDir returns the folder that installations and downloads live in:
// $GOTORCH_CACHE, or gotorch/ in the user's cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv(EnvCache); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w; set $HOME or $%s", err, EnvCache)
	}
	return filepath.Join(dir, "gotorch"), nil
}

// Candidates returns the places where an installation is looked for, in order:
// the folder that $GOTORCH_LIBTORCH names, libtorch/ beside the executable, and
// the one that the file "current" in the cache folder names. If the variable is
// set, the others are not looked at.
//
// The one that the variable names is trusted. The others are used only if the files,
// their folders, and the executable's or the cache folder belong to the user or to
// root, and nobody else may write them.
func Candidates() []Installation {
	if dir := os.Getenv(EnvLibtorch); dir != "" {
		named := newInstallation(dir, "$"+EnvLibtorch)
		// Whoever starts a set-user-id program does not decide what it runs.
		named.trusted = os.Getuid() == os.Geteuid() && os.Getgid() == os.Getegid()
		return []Installation{named}
	}
	var list []Installation
	if executable := executablePath(); executable != "" {
		if real, err := filepath.EvalSymlinks(executable); err == nil {
			executable = real
		}
		folder := filepath.Dir(executable)
		beside := newInstallation(filepath.Join(folder, "libtorch"), "beside the executable")
		beside.above = []string{folder}
		list = append(list, beside)
	}
	return append(list, cached())
}

// executablePath returns the path of the program, or "". Where there is no /proc, it is what
// the program was called by, which nobody decides for a set-user-id program.
func executablePath() string {
	if path, err := os.Executable(); err == nil {
		return path
	}
	if os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() || !strings.Contains(os.Args[0], "/") {
		return ""
	}
	path, err := filepath.Abs(os.Args[0])
	if err != nil {
		return ""
	}
	return path
}

// cached returns the installation in the cache folder that is in use.
func cached() Installation {
	const origin = "the user's cache"
	cache, err := CacheDir()
	if err != nil {
		return Installation{Dir: "gotorch", Origin: origin, trouble: err.Error()}
	}
	current := filepath.Join(cache, "current")
	name, err := os.ReadFile(current)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Installation{Dir: cache, Origin: origin, trouble: "nothing is installed"}
	case errors.Is(err, syscall.EISDIR):
		return Installation{Dir: cache, Origin: origin,
			trouble: current + " is a folder, and should be a file that names the installation in use; remove it"}
	case err != nil:
		return Installation{Dir: cache, Origin: origin, trouble: err.Error()}
	}
	installation := newInstallation(filepath.Join(cache, strings.TrimSpace(string(name))), origin)
	installation.above = []string{cache}
	if os.Getenv(EnvCache) == "" {
		installation.above = []string{filepath.Dir(cache), cache}
	}
	return installation
}

func newInstallation(dir, origin string) Installation {
	return Installation{Dir: dir, Origin: origin, Shim: filepath.Join(dir, "shim", "libcgotorch-"+ShimID()+".so")}
}

// Remedy says what to do where none of the places that were looked at is ready: why
// others were not, or "", and the command that mends it.
func Remedy(looked []Installation) (why, command string) {
	if len(looked) == 1 && looked[0].Origin == "$"+EnvLibtorch {
		return "$" + EnvLibtorch + " keeps other places from being looked at", "unset " + EnvLibtorch + ", then " + InstallCommand
	}
	return "", InstallCommand
}

// Find returns the first candidate that has the shim this package needs. The
// error says what was looked at and which command installs what is missing.
func Find() (Installation, error) {
	var looked strings.Builder
	candidates := Candidates()
	for _, candidate := range candidates {
		problem := candidate.Problem()
		if problem == "" {
			return candidate, nil
		}
		fmt.Fprintf(&looked, "\n  %s (%s): %s", candidate.Dir, candidate.Origin, problem)
	}
	why, command := Remedy(candidates)
	if why != "" {
		looked.WriteString("\n" + why)
	}
	return Installation{}, errors.New("libtorch is not ready for this program:" + looked.String() +
		"\nInstall it with: " + command)
}
