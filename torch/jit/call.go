package jit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
)

// Run calls the module's forward with the arguments and returns what that gives. What
// Python has in a tuple is a [torch.Tuple], what it has in a list a []any, and in a dict a
// map[string]any, or a map[any]any if not all keys are strings; a NamedTuple is a Tuple.
// Slices and maps of any type are taken, and for a dict a [torch.OrderedDict], whose order
// counts. The tensors in the results are the caller's; the arguments stay so.
//
// It fails where the arguments do not fit the method's schema, and says which and where in
// it; where an operator fails, and where the program raises an exception, with the place in
// the Python source. The error is then a *[torch.Error], whose Kind is that of Python's
// exception. Gradients flow to parameters and arguments, but in [torch.NoGrad].
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.ScriptModule.html
func (m *Module) Run(args ...any) (any, error) { return m.RunMethod("forward", args, nil) }

// RunNamed is [Module.Run] with further arguments by their names in forward.
func (m *Module) RunNamed(args []any, kwargs map[string]any) (any, error) {
	return m.RunMethod("forward", args, kwargs)
}

// RunMethod is [Module.RunNamed] for any of the module's methods, which [Module.Methods] lists.
func (m *Module) RunMethod(name string, args []any, kwargs map[string]any) (any, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	if err := m.program.push(); err != nil {
		return nil, explain(err)
	}
	value, err := m.program.Call(m.path, name, args, kwargs)
	if err == nil && m.program.ChangesTensors() {
		err = m.program.pull()
	}
	if err != nil {
		return nil, explain(err)
	}
	return value, nil
}

// Forward is [Module.Run] on a tensor for a tensor, with the hooks of [nn.Module]. It
// panics with a *[torch.Error] where Run fails, and if forward gives anything else.
func (m *Module) Forward(x *torch.Tensor) *torch.Tensor {
	return m.Module.Run(x, func(x *torch.Tensor) *torch.Tensor {
		value, err := m.Run(x)
		if err != nil {
			var e *torch.Error
			if !errors.As(err, &e) {
				e = torch.Errorf("jit", torch.RuntimeError, "%s", err.Error())
			}
			panic(e)
		}
		y, ok := value.(*torch.Tensor)
		if !ok {
			panic(torch.Errorf("jit", torch.TypeError, "forward gives %s: use Run", what(value)))
		}
		return y
	})
}

func what(value any) string {
	if value == nil {
		return "None"
	}
	return fmt.Sprintf("a %T", value)
}

// longest is how many characters an error of a program may have.
const longest = 4000

// explain returns an error of libtorch's with what TorchScript says around it put in order:
// first what is wrong, then where that is in Python.
func explain(err error) error {
	var e *torch.Error
	if !errors.As(err, &e) {
		return err
	}
	clear := *e
	clear.Message = brief.Cut(rearrange(e.Message), longest)
	return &clear
}

const (
	interpreter = "The following operation failed in the TorchScript interpreter.\n"
	traceback   = "Traceback of TorchScript"
	original    = "Traceback of TorchScript, original code (most recent call last):\n"
)

// rearrange puts the last line of a traceback first, and leaves out the code that was
// serialized where it has the original.
func rearrange(message string) string {
	rest, ok := strings.CutPrefix(message, interpreter)
	if !ok || !strings.HasPrefix(rest, traceback) {
		return message
	}
	trace := rest
	if at := strings.Index(rest, original); at >= 0 {
		trace = rest[at:]
	}
	// What is raised comes after the mark of the last place, and may be of several lines.
	const mark = "<--- HERE\n"
	at := strings.LastIndex(trace, mark)
	if at < 0 {
		return message
	}
	at += len(mark)
	for line := range strings.Lines(trace[at:]) { // the rest of what was marked
		if !strings.HasPrefix(line, " ") && strings.TrimSpace(line) != "" {
			break
		}
		at += len(line)
	}
	wrong := strings.TrimSpace(trace[at:])
	wrong = strings.TrimPrefix(strings.TrimPrefix(wrong, "builtins."), "RuntimeError: ")
	return wrong + "\n" + strings.TrimRight(trace[:at], " \n")
}
