// Command gen writes the zz_generated files of package torch and of those below
// it: the operators whose Go form follows from their schema, a table of them for
// the tests of package optest, and one for package portgraph. The schemas come
// from the dispatcher of an installed libtorch, the variants of each operator
// from the native_functions.yaml beside it; the tables say which operators there
// are, in which package, and what their documentation says.
//
//	go run ./internal/gen [-check]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// schemaVersion is the libtorch whose schemas the packages are written from.
const schemaVersion = cgotorch.SchemaVersion

func main() {
	check := flag.Bool("check", false, "write nothing; fail if a file is not current")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	lib, err := loadLibrary()
	if err != nil {
		return err
	}
	files, err := generate(packages, lib)
	if err != nil {
		return err
	}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if !check {
			err = os.WriteFile(path, files[path], 0o666)
		} else if current, readErr := os.ReadFile(path); readErr != nil || !bytes.Equal(current, files[path]) {
			err = fmt.Errorf("%s is not current: run make generate", path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// loadLibrary asks the libtorch in use for its operators.
func loadLibrary() (*library, error) {
	if err := cgotorch.Load(); err != nil {
		return nil, err
	}
	if v := cgotorch.Version(); v != schemaVersion {
		return nil, fmt.Errorf("libtorch %s is in use, but the schemas are those of %s", v, schemaVersion)
	}
	lines, err := cgotorch.Schemas()
	if err != nil {
		return nil, err
	}
	lib := &library{schemas: map[string]string{}}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "(")
		if name, aten := strings.CutPrefix(name, "aten::"); aten {
			lib.schemas[name] = line
		}
	}
	installation, err := cgotorch.Find()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(installation.Dir, "share", "native_functions.yaml"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: it comes with the wheel's libtorch, by scripts/install_libtorch.sh --force", err)
	}
	if err != nil {
		return nil, err
	}
	lib.declarations = parseDeclarations(string(text))
	return lib, nil
}

// generate returns the Go source of each file.
func generate(packages []*goPackage, lib *library) (map[string][]byte, error) {
	files := map[string][]byte{}
	calls := &callTable{}
	for _, pkg := range packages {
		declared := map[string]bool{}
		for _, t := range pkg.tables {
			source, err := pkg.source(t, lib, declared, calls)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", t.file, err)
			}
			formatted, err := format.Source([]byte(source))
			if err != nil {
				return nil, fmt.Errorf("%w in\n%s", err, source)
			}
			files[filepath.Join(pkg.folder, "zz_generated_"+t.file+".go")] = formatted
		}
	}
	tests, err := calls.files()
	if err != nil {
		return nil, err
	}
	maps.Copy(files, tests)
	forms, err := calls.forms.file()
	if err != nil {
		return nil, err
	}
	maps.Copy(files, forms)
	return files, nil
}
