// Package debugmode shows what a program does, operator by operator: as a log, and by
// finding the operator that first made a NaN.
//
// https://docs.pytorch.org/docs/stable/torch.html#torch.utils._debug_mode.DebugMode
package debugmode

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/moduletrack"
	"github.com/wangkuiyi/gotorch/torch/internal/short"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

// LogOptions are the options of [Log].
type LogOptions struct {
	// Modules are the modules to name, with those within. A module counts as running in
	// calls that call its hooks: see nn.Module.RegisterForwardPreHook.
	Modules []nn.AnyModule
}

// Log calls f and writes a line for each operator, below autograd, that f calls in the
// calling goroutine, in backward passes and optimizers' steps too:
//
//	Net
//	  Net.fc1
//	    aten::t(f32[128, 784]) -> f32[784, 128]
//	    aten::addmm(f32[128], f32[64, 784], f32[784, 128]) -> f32[64, 128]
//	  aten::relu(f32[64, 128]) -> f32[64, 128]
//
// Tensors are written as dtype and shape, and arguments at their defaults not at all. The
// lines of a module are indented below its name; where its part of a backward pass runs,
// "backward" follows that. Log returns the first error of w, and fails if w or f is nil.
func Log(w io.Writer, f func(), options ...LogOptions) error {
	const op = "debugmode.Log"
	l := &logger{w: w}
	if err := torch.Try(func() {
		argument.NotNil(op, "the writer", w)
		argument.NotNil(op, "the function", f)
		l.tracker = moduletrack.New(option.First(options).Modules...)
	}); err != nil {
		return err
	}
	defer l.tracker.Close()
	torch.WithDispatch(l, f, torch.DispatchOptions{Scoped: true})
	return l.err
}

// logger is the mode of Log.
type logger struct {
	w        io.Writer
	err      error
	tracker  *moduletrack.Tracker
	headings []string // those that the latest line is below
}

// Dispatch writes the line of an operator.
func (l *logger) Dispatch(call *torch.DispatchCall) []any {
	given := arguments(call) // before the operator changes them
	results := call.Run()
	headings := headings(l.tracker.Innermost())
	same := 0
	for same < min(len(headings), len(l.headings)) && headings[same] == l.headings[same] {
		same++
	}
	for depth := same; depth < len(headings); depth++ {
		l.line(depth, headings[depth])
	}
	l.headings = headings
	line := call.Op.Name() + "(" + given + ")"
	switch texts := list(results); len(results) {
	case 0:
	case 1:
		line += " -> " + texts
	default:
		line += " -> (" + texts + ")"
	}
	l.line(len(headings), line)
	return results
}

// headings returns the headings of a module's lines: those of the modules around it and its
// own.
func headings(name string) (list []string) {
	suffix := ""
	if internals.InBackward() {
		suffix = " backward"
	}
	for i := range len(name) {
		if name[i] == '.' {
			list = append(list, name[:i]+suffix)
		}
	}
	if name != "" {
		list = append(list, name+suffix)
	}
	return list
}

func (l *logger) line(depth int, text string) {
	if l.err == nil {
		_, l.err = fmt.Fprintln(l.w, strings.Repeat("  ", depth)+text)
	}
}

// arguments writes a call's arguments but those at their defaults.
func arguments(call *torch.DispatchCall) string {
	var texts []string
	left := false
	for i, a := range internals.SchemaOf(call.Op).Arguments {
		value := text(call.Args[i])
		switch {
		case a.IsDefault(value):
			left = true
		case left || a.Keyword:
			texts = append(texts, a.Name+"="+value)
		default:
			texts = append(texts, value)
		}
	}
	return strings.Join(texts, ", ")
}

// list writes values with commas between them.
func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	return strings.Join(texts, ", ")
}

// text writes an argument or a result.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case *torch.Tensor:
		return short.Tensor(v)
	case []*torch.Tensor:
		texts := make([]string, len(v))
		for i, x := range v {
			texts[i] = short.Tensor(x)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case []any:
		return "[" + list(v) + "]"
	case string:
		return strconv.Quote(v)
	case bool:
		if v {
			return "True"
		}
		return "False"
	case []bool, []int, []float64:
		inner := strings.ReplaceAll(strings.Trim(fmt.Sprint(v), "[]"), " ", ", ")
		return "[" + strings.NewReplacer("true", "True", "false", "False").Replace(inner) + "]"
	case torch.DType:
		return short.DType(v)
	case *torch.Generator:
		return "generator"
	case *torch.Storage:
		return "storage"
	}
	return fmt.Sprint(v)
}
