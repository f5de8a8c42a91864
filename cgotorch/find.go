package cgotorch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
}

// Problem returns what keeps the installation from being used, as far as a look
// at the files tells, or "".
func (i Installation) Problem() string {
	if _, err := os.Stat(i.Dir); err != nil {
		return "the folder is not there"
	}
	if _, err := os.Stat(i.Shim); err == nil {
		return ""
	}
	if others, _ := filepath.Glob(filepath.Join(i.Dir, "shim", "libcgotorch-*")); len(others) > 0 {
		return "its shim was built for another version of gotorch"
	}
	return "it has no shim"
}

// CacheDir returns the folder that installations and downloads live in:
// $GOTORCH_CACHE, or gotorch/ in the user's cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv(EnvCache); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w; set $%s", err, EnvCache)
	}
	return filepath.Join(dir, "gotorch"), nil
}

// Candidates returns the places where an installation is looked for, in order:
// the folder that $GOTORCH_LIBTORCH names, libtorch/ beside the executable, and
// the one that the file "current" in the cache folder names. If the variable is
// set, the others are not looked at.
func Candidates() []Installation {
	if dir := os.Getenv(EnvLibtorch); dir != "" {
		return []Installation{newInstallation(dir, "$"+EnvLibtorch)}
	}
	var list []Installation
	if executable, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(executable); err == nil {
			executable = real
		}
		list = append(list, newInstallation(filepath.Join(filepath.Dir(executable), "libtorch"), "beside the executable"))
	}
	if cache, err := CacheDir(); err == nil {
		if name, err := os.ReadFile(filepath.Join(cache, "current")); err == nil {
			list = append(list, newInstallation(filepath.Join(cache, strings.TrimSpace(string(name))), "the user's cache"))
		}
	}
	return list
}

func newInstallation(dir, origin string) Installation {
	return Installation{Dir: dir, Origin: origin, Shim: filepath.Join(dir, "shim", "libcgotorch-"+ShimID()+".so")}
}

// Find returns the first candidate that has the shim this package needs. The
// error says what was looked at and which command installs what is missing.
func Find() (Installation, error) {
	var looked strings.Builder
	for _, candidate := range Candidates() {
		problem := candidate.Problem()
		if problem == "" {
			return candidate, nil
		}
		fmt.Fprintf(&looked, "\n  %s (%s): %s", candidate.Dir, candidate.Origin, problem)
	}
	if looked.Len() == 0 {
		looked.WriteString("\n  nothing is installed")
	}
	return Installation{}, errors.New("libtorch is not ready for this program:" + looked.String() +
		"\nInstall it with: " + InstallCommand)
}
