package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

const (
	library    = "github.com/wangkuiyi/gotorch/torch"
	workerPath = "github.com/wangkuiyi/gotorch/internal/oddcalls/worker"
)

// listed is a package as go list describes it.
type listed struct {
	ImportPath string
	Dir        string
	Export     string // the file with its types
	DepOnly    bool   // imported by one that was asked for
}

// list asks the go command for the library's packages and all that they import.
func list() ([]listed, error) {
	command := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,DepOnly", library+"/...", workerPath)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, err
		}
		packages = append(packages, p)
	}
}

// registry writes the Go file that tells the worker of all that the library exports,
// which reflection alone cannot find.
type registry struct {
	lines   []string
	imports map[string]string // a name by an import path
	types   []types.Type      // what generic functions are called with
}

// source returns the file for packages.
func source(packages []listed) (string, error) {
	exports := map[string]string{}
	for _, p := range packages {
		exports[p.ImportPath] = p.Export
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	r := &registry{imports: map[string]string{}}
	var all []*types.Package
	for _, p := range packages {
		if p.DepOnly || p.ImportPath == workerPath || strings.Contains(p.ImportPath, "/internal/") {
			continue
		}
		imported, err := from.Import(p.ImportPath)
		if err != nil {
			return "", err
		}
		all = append(all, imported)
	}
	r.candidates(all)
	for _, p := range all {
		for _, name := range p.Scope().Names() {
			if object := p.Scope().Lookup(name); object.Exported() {
				r.object(object)
			}
		}
	}
	return r.String(), nil
}

// candidates finds what a type parameter may stand for: the types that are most used,
// then those of the library.
func (r *registry) candidates(packages []*types.Package) {
	for _, name := range []string{"float32", "int64", "bool", "int", "string", "any"} {
		r.types = append(r.types, types.Universe.Lookup(name).Type())
	}
	for _, p := range packages {
		for _, name := range p.Scope().Names() {
			t, ok := p.Scope().Lookup(name).(*types.TypeName)
			if ok && t.Exported() && !isGeneric(t.Type()) {
				r.types = append(r.types, types.NewPointer(t.Type()), t.Type())
			}
		}
	}
}

func isGeneric(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && named.TypeParams().Len() > 0
}

// object tells of one exported name.
func (r *registry) object(object types.Object) {
	name := r.qualify(object.Pkg()) + "." + object.Name()
	shown := strings.TrimPrefix(object.Pkg().Path(), path.Dir(library)+"/") + "." + object.Name()
	switch object := object.(type) {
	case *types.Const, *types.Var:
		r.add("values = append(values, reflect.ValueOf(%s))", name)
	case *types.Func:
		signature := object.Type().(*types.Signature)
		for _, args := range r.arguments(signature, signature.TypeParams()) {
			r.add("functions = append(functions, function{%q, reflect.ValueOf(%s)})", shown+args, name+args)
		}
	case *types.TypeName:
		if object.IsAlias() || types.IsInterface(object.Type()) {
			return
		}
		named := object.Type().(*types.Named)
		for _, args := range r.arguments(named, named.TypeParams()) {
			r.add("types = append(types, named{reflect.TypeFor[%s](), %q})", name+args, strings.Join(methods(named), " "))
		}
	}
}

// methods are the exported ones that a type has of itself, not of what it embeds.
func methods(t *types.Named) []string {
	var names []string
	for method := range t.Methods() {
		if method.Exported() {
			names = append(names, method.Name())
		}
	}
	slices.Sort(names)
	return names
}

// arguments returns lists of type arguments that t takes, at most three, or "" if it is
// not generic.
func (r *registry) arguments(t types.Type, parameters *types.TypeParamList) []string {
	if parameters.Len() == 0 {
		return []string{""}
	}
	var found []string
	for _, first := range r.types {
		arguments := slices.Repeat([]types.Type{first}, parameters.Len())
		for _, last := range r.types {
			arguments[len(arguments)-1] = last
			if _, err := types.Instantiate(nil, t, arguments, true); err == nil {
				found = append(found, r.text(arguments))
				break
			}
			if len(arguments) == 1 {
				break
			}
		}
		if len(found) == 3 {
			break
		}
	}
	return found
}

func (r *registry) text(arguments []types.Type) string {
	var list []string
	for _, t := range arguments {
		list = append(list, types.TypeString(t, r.qualify))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

func (r *registry) qualify(p *types.Package) string {
	if _, ok := r.imports[p.Path()]; !ok {
		r.imports[p.Path()] = fmt.Sprintf("p%d", len(r.imports))
	}
	return r.imports[p.Path()]
}

func (r *registry) add(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// String returns the file.
func (r *registry) String() string {
	var out strings.Builder
	out.WriteString("package main\n\nimport (\n\"reflect\"\n")
	for path, name := range r.imports {
		fmt.Fprintf(&out, "%s %q\n", name, path)
	}
	out.WriteString(")\n\nfunc init() {\n" + strings.Join(r.lines, "\n") + "\n}\n")
	return out.String()
}
