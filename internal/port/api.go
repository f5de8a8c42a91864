package port

import (
	_ "embed"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"path"
	"strings"
	"sync"
)

// root is the import path of the packages' module.
const root = "github.com/wangkuiyi/gotorch/"

//go:embed zz_generated_api.txt
var generatedAPI string

// standardAPI has what ported programs use of Go's own packages.
//
//go:embed std.txt
var standardAPI string

// api gives the packages that ported programs import, without their source, and so
// without a Go installation and in milliseconds.
type api struct {
	files    *token.FileSet
	sources  map[string][]*ast.File // by import path
	packages map[string]*types.Package
	lock     sync.Mutex // of packages
}

// unlocked imports packages for one that is being imported.
type unlocked struct{ *api }

func (u unlocked) Import(name string) (*types.Package, error) { return u.load(name), nil }

// loadAPI reads the embedded declarations, once.
var loadAPI = sync.OnceValue(func() *api {
	a := &api{files: token.NewFileSet(), sources: map[string][]*ast.File{}, packages: map[string]*types.Package{}}
	a.read(generatedAPI, root)
	a.read(standardAPI, "")
	return a
})

// read takes in files, each behind a line "-- folder/file.go --".
func (a *api) read(text, prefix string) {
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, body, found := strings.Cut(part, " --\n")
		if !found {
			continue
		}
		file, err := parser.ParseFile(a.files, name, body, parser.SkipObjectResolution)
		if err != nil {
			panic(err) // what internal/gen wrote
		}
		folder := prefix + path.Dir(name)
		a.sources[folder] = append(a.sources[folder], file)
	}
}

// Import returns a package. One that is not embedded is empty: what the declarations
// say of it is of no known type.
func (a *api) Import(name string) (*types.Package, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.load(name), nil
}

// load returns a package, under the lock.
func (a *api) load(name string) *types.Package {
	if p := a.packages[name]; p != nil {
		return p
	}
	if a.sources[name] == nil {
		p := types.NewPackage(name, path.Base(name))
		p.MarkComplete()
		a.packages[name] = p
		return p
	}
	config := types.Config{Importer: unlocked{a}, IgnoreFuncBodies: true, Error: func(error) {}}
	p, _ := config.Check(name, a.files, a.sources[name], nil)
	a.packages[name] = p
	return p
}

// check type-checks a ported file, and returns what is wrong.
func (a *api) check(name string, text []byte) (errs []typeError) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution|parser.AllErrors)
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) {
			for _, e := range list {
				errs = append(errs, typeError{e.Pos.Line, e.Msg})
			}
		}
		return errs
	}
	config := types.Config{Importer: a, Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) {
			errs = append(errs, typeError{files.Position(e.Pos).Line, e.Msg})
		}
	}}
	_, _ = config.Check("main", files, []*ast.File{file}, nil) // whose errors config got
	return errs
}

// lookup returns what a package declares, or nil.
func (a *api) lookup(folder, name string) types.Object {
	p, _ := a.Import(root + folder)
	return p.Scope().Lookup(name)
}

// named returns a type of a package of Go's torch.
func (a *api) named(folder, name string) types.Type {
	if o := a.lookup(folder, name); o != nil {
		return o.Type()
	}
	return types.Typ[types.Invalid]
}

// member returns a field or method of a type, its own or a promoted one.
func member(t types.Type, name string) types.Object {
	if t == nil {
		return nil
	}
	o, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	return o
}

// folders are the packages by the name that programs call them by.
var folders = map[string]string{
	"torch": "torch", "nn": "torch/nn", "functional": "torch/nn/functional", "nninit": "torch/nn/nninit",
	"optim": "torch/optim", "lrscheduler": "torch/optim/lrscheduler", "data": "torch/utils/data",
	"linalg": "torch/linalg", "fft": "torch/fft", "special": "torch/special", "amp": "torch/amp",
	"utils": "torch/nn/utils", "rnn": "torch/nn/utils/rnn", "parametrizations": "torch/nn/utils/parametrizations",
	"parametrize": "torch/nn/utils/parametrize", "prune": "torch/nn/utils/prune", "checkpoint": "torch/utils/checkpoint", "cuda": "torch/cuda",
	"distributions": "torch/distributions", "ops": "torch/vision/ops", "models": "torch/vision/models",
	"accelerator": "torch/accelerator", "datasets": "torch/vision/datasets", "distributed": "torch/distributed", "parallel": "torch/nn/parallel", "transforms": "torch/vision/transforms", "autograd": "torch/autograd",
}

// standard are Go's own packages that ported programs use, by the name that they call
// them by.
var standard = map[string]string{
	"binary": "encoding/binary", "bytes": "bytes", "cmp": "cmp", "context": "context", "errors": "errors", "fs": "io/fs", "runtime": "runtime", "exec": "os/exec", "filepath": "path/filepath", "flag": "flag",
	"fmt": "fmt", "gzip": "compress/gzip", "html": "html", "io": "io", "iter": "iter", "maps": "maps", "math": "math", "os": "os", "reflect": "reflect", "regexp": "regexp",
	"slices": "slices", "strconv": "strconv", "strings": "strings", "time": "time", "utf8": "unicode/utf8",
}

// importPath returns the path of a package that a program calls name.
func importPath(name string) string {
	if folder, ok := folders[name]; ok {
		return root + folder
	}
	return standard[name]
}
