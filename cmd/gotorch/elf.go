package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// missingLibraries follows what ELF files link to, as the dynamic loader does,
// and returns a line for each library that it would not find.
func missingLibraries(paths ...string) ([]string, error) {
	w := walker{seen: map[string]bool{}, system: systemLibraries()}
	for _, path := range paths {
		if err := w.visit(path, nil); err != nil {
			return nil, err
		}
	}
	return w.missing, nil
}

// A walker visits libraries in the loader's order.
type walker struct {
	seen    map[string]bool
	system  map[string]bool // what the loader's cache holds
	bare    bool            // nothing is set in the environment
	missing []string
}

// visit looks for what the file at path needs. The rpaths are those of the files
// that led here, which count where the file has no RUNPATH.
func (w *walker) visit(path string, rpaths []string) error {
	file, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer file.Close()
	needed, err := file.ImportedLibraries()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	runpath := searchPath(file, elf.DT_RUNPATH, path)
	rpath := append(searchPath(file, elf.DT_RPATH, path), rpaths...)
	var folders []string
	if len(runpath) == 0 {
		folders = append(folders, rpath...)
	}
	if !w.bare {
		folders = append(folders, filepath.SplitList(os.Getenv("LD_LIBRARY_PATH"))...)
	}
	folders = append(folders, runpath...)
	for _, name := range needed {
		if w.seen[name] {
			continue
		}
		w.seen[name] = true
		found := slices.IndexFunc(folders, func(folder string) bool { return exists(filepath.Join(folder, name)) })
		switch {
		case found >= 0:
			if err := w.visit(filepath.Join(folders[found], name), rpath); err != nil {
				return err
			}
		case !w.system[name] && name != "libcuda.so.1": // the driver's
			w.missing = append(w.missing, name+", which "+filepath.Base(path)+" needs")
		}
	}
	return nil
}

// searchPath returns the folders in a DT_RPATH or DT_RUNPATH entry.
func searchPath(file *elf.File, tag elf.DynTag, path string) []string {
	values, err := file.DynString(tag)
	if err != nil {
		return nil
	}
	origin := filepath.Dir(path)
	var folders []string
	for _, value := range values {
		for _, folder := range filepath.SplitList(value) {
			// Not joined and cleaned: .. counts from where a link points to.
			folders = append(folders, strings.NewReplacer("$ORIGIN", origin, "${ORIGIN}", origin).Replace(folder))
		}
	}
	return folders
}

// systemLibraries returns the names in the loader's cache and default folders.
func systemLibraries() map[string]bool {
	names := map[string]bool{}
	for _, command := range []string{"ldconfig", "/sbin/ldconfig"} {
		output, err := exec.Command(command, "-p").Output()
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(output)) {
			if name, _, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
				names[name] = true
			}
		}
		break
	}
	for _, folder := range []string{"/lib64", "/usr/lib64", "/lib", "/usr/lib"} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			names[entry.Name()] = true
		}
	}
	return names
}

// cxx11ABI says whether a library uses the C++11 strings of libstdc++, and
// whether it uses strings at all.
func cxx11ABI(path string) (cxx11, known bool, err error) {
	file, err := elf.Open(path)
	if err != nil {
		return false, false, fmt.Errorf("%s: %w", path, err)
	}
	defer file.Close()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		return false, false, fmt.Errorf("%s: %w", path, err)
	}
	// c10's function that every failed check calls takes a string.
	const check = "_ZN3c106detail14torchCheckFailEPKcS2_jRK"
	for _, symbol := range symbols {
		if rest, ok := strings.CutPrefix(symbol.Name, check); ok {
			return strings.Contains(rest, "cxx11"), true, nil
		}
	}
	return false, false, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
