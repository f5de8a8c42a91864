package torch

import (
	"maps"
	"runtime"
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal"
)

type (
	scriptModule    = internal.ScriptModule[*Tensor]
	scriptAttribute = internal.ScriptAttribute[*Tensor]
)

// script is the one internal.Script.
type script struct{ program *cgotorch.Program }

func newScript(program *cgotorch.Program) *script {
	s := &script{program}
	runtime.AddCleanup(s, (*cgotorch.Program).Free, program)
	return s
}

// LoadScript loads a program, to a device, or with none to where it was saved.
func (exports) LoadScript(data []byte, device Device) (s internal.Script[*Tensor], err error) {
	err = Try(func() {
		var deviceType, index int32
		if device != (Device{}) {
			device.mustBeAvailable()
			deviceType, index = device.raw()
		}
		program, err := cgotorch.LoadProgram(data, device == Device{}, deviceType, index)
		check("", err)
		s = newScript(program)
	})
	return s, err
}

// Free frees the program. Calls that run end first.
func (s *script) Free() { s.program.Free() }

// ChangesTensors reports whether a method changes which tensor a parameter or a buffer is.
func (s *script) ChangesTensors() bool { return s.program.ChangesTensors() }

// use makes a call of op by f, with what the call has, alone or besides others.
func (s *script) use(op string, alone bool, c *Call, f func() *cgotorch.Error) {
	c.hold()
	defer c.release()
	err := s.program.Use(alone, f)
	runtime.KeepAlive(s)
	c.check(op, err)
	if cgotorch.Warned() {
		warn()
	}
}

// ask is use for a call that gives results.
func (s *script) ask(op string, alone bool, c *Call, f func(*cgotorch.Args) (cgotorch.Results, *cgotorch.Error)) Results {
	var raw cgotorch.Results
	s.use(op, alone, c, func() (err *cgotorch.Error) {
		raw, err = f(&c.args)
		return err
	})
	return Results{raw}
}

// Call calls a method of the module of a path, with arguments and others by name.
func (s *script) Call(path, method string, args []any, kwargs map[string]any) (value any, err error) {
	err = Try(func() {
		var c Call
		op := "jit: " + method
		if path != "" {
			op = "jit: " + path + "." + method
		}
		c.String(path)
		c.String(method)
		c.args.List(len(args))
		for i, arg := range args {
			if place, wrong := c.passNested(arg, 0); wrong != "" {
				panic(Errorf(op, TypeError, "argument %d%s: %s", i, place, wrong))
			}
		}
		c.args.Dict(len(kwargs))
		for _, name := range slices.Sorted(maps.Keys(kwargs)) {
			c.String(name)
			if place, wrong := c.passNested(kwargs[name], 0); wrong != "" {
				panic(Errorf(op, TypeError, "argument %s%s: %s", name, place, wrong))
			}
		}
		c.refuseBad(op)
		r := s.ask(op, s.program.Changes(), &c, s.program.Call)
		value = r.takeNested()
	})
	return value, err
}

// Modules lists the modules, those around others first.
func (s *script) Modules() (modules []scriptModule, err error) {
	err = Try(func() {
		r := s.ask("jit", false, &Call{}, func(*cgotorch.Args) (cgotorch.Results, *cgotorch.Error) { return s.program.List() })
		for !r.raw.Done() {
			modules = append(modules, r.takeModule())
		}
	})
	return modules, err
}

func (r *Results) takeModule() scriptModule {
	attributes := make([]scriptAttribute, r.raw.TakeList()-3)
	m := scriptModule{Path: r.raw.TakeString(), ID: r.Int(), Attributes: attributes}
	if training, ok := r.takeNested().(bool); ok {
		m.Training = &training
	}
	for i := range attributes {
		r.raw.TakeList()
		a := &attributes[i]
		a.Name, a.Type = r.raw.TakeString(), r.raw.TakeString()
		kind := r.Int()
		a.Parameter, a.Buffer, a.Tensor = kind == 1, kind == 2, r.Tensor()
	}
	return m
}

// Methods lists the methods of the module of a path.
func (s *script) Methods(path string) (methods []internal.ScriptMethod, err error) {
	err = Try(func() {
		var c Call
		c.String(path)
		r := s.ask("jit", false, &c, s.program.Methods)
		for !r.raw.Done() {
			methods = append(methods, internal.ScriptMethod{Name: r.raw.TakeString(), Schema: r.raw.TakeString()})
		}
	})
	return methods, err
}

// Code returns the source of a method of the module of a path.
func (s *script) Code(path, method string) (code string, err error) {
	err = Try(func() {
		var c Call
		c.String(path)
		c.String(method)
		r := s.ask("jit", false, &c, s.program.Code)
		code = r.raw.TakeString()
	})
	return code, err
}

// Get returns the attribute of a path.
func (s *script) Get(path string) (value any, err error) {
	err = Try(func() {
		var c Call
		c.String(path)
		r := s.ask("jit", false, &c, s.program.Get)
		value = r.takeNested()
	})
	return value, err
}

// Set sets the attribute of a path.
func (s *script) Set(path string, value any) error {
	return Try(func() {
		var c Call
		c.String(path)
		if place, wrong := c.passNested(value, 0); wrong != "" {
			panic(Errorf("jit", TypeError, "%s%s: %s", path, place, wrong))
		}
		c.refuseBad("jit")
		s.use("jit", true, &c, func() *cgotorch.Error { return s.program.Set(&c.args) })
	})
}

// Save writes the program and extra files to an open file.
func (s *script) Save(file uintptr, extra map[string][]byte) error {
	return Try(func() {
		var c Call
		c.args.Dict(len(extra))
		for _, name := range slices.Sorted(maps.Keys(extra)) {
			c.String(name)
			c.String(string(extra[name]))
		}
		s.use("", s.program.Changes(), &c, func() *cgotorch.Error { return s.program.Save(&c.args, int(file)) })
	})
}

// Freeze returns a program of its own that is frozen, but for what is to be preserved.
func (s *script) Freeze(preserved []string, optimizeNumerics bool) (internal.Script[*Tensor], error) {
	var c Call
	c.strings(preserved)
	c.Bool(optimizeNumerics)
	return s.derive(&c, s.program.Freeze)
}

// Optimize returns a program of its own that is optimized for inference, forward and
// other methods.
func (s *script) Optimize(methods []string) (internal.Script[*Tensor], error) {
	var c Call
	c.strings(methods)
	return s.derive(&c, s.program.Optimize)
}

func (s *script) derive(c *Call, f func(*cgotorch.Args) (*cgotorch.Program, *cgotorch.Error)) (derived internal.Script[*Tensor], err error) {
	err = Try(func() {
		s.use("", s.program.Changes(), c, func() *cgotorch.Error {
			program, err := f(&c.args)
			if err == nil {
				derived = newScript(program)
			}
			return err
		})
	})
	return derived, err
}

// strings passes a list of texts.
func (c *Call) strings(list []string) {
	c.args.List(len(list))
	for _, text := range list {
		c.String(text)
	}
}
