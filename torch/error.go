package torch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// ErrorKind says what class of exception PyTorch would have raised.
type ErrorKind int

// The kinds of error. The comment names Python's exception.
const (
	RuntimeError        ErrorKind = ErrorKind(cgotorch.KindRuntime)        // RuntimeError
	IndexError          ErrorKind = ErrorKind(cgotorch.KindIndex)          // IndexError
	ValueError          ErrorKind = ErrorKind(cgotorch.KindValue)          // ValueError
	TypeError           ErrorKind = ErrorKind(cgotorch.KindType)           // TypeError
	NotImplementedError ErrorKind = ErrorKind(cgotorch.KindNotImplemented) // NotImplementedError
	OutOfMemoryError    ErrorKind = ErrorKind(cgotorch.KindOutOfMemory)    // torch.OutOfMemoryError
	LinAlgError         ErrorKind = ErrorKind(cgotorch.KindLinAlg)         // torch.linalg.LinAlgError
	UnsupportedError    ErrorKind = ErrorKind(cgotorch.KindUnsupported)    // libtorch is missing, or too old for a call
	ClosedError         ErrorKind = ErrorKind(cgotorch.KindClosed)         // a closed tensor or generator was used
)

// Error is what an operation panics with when it cannot be done: shapes that do
// not match, a wrong dtype, a closed tensor. [Try] makes it an error value.
type Error struct {
	Op        string    // the operator or function, such as "aten::mm"
	Kind      ErrorKind // PyTorch's class of exception
	Message   string    // PyTorch's own words, with Go's names for what they advise
	Arguments string    // the arguments' shapes and dtypes, or ""
	Module    string    // where in a network it happened, such as "encoder.fc2", or ""
}

// Error returns the module, the operator, the message and the arguments, each if
// known.
func (e *Error) Error() string {
	var text strings.Builder
	if e.Module != "" {
		text.WriteString(e.Module + ": ")
	}
	if e.Op != "" {
		text.WriteString(e.Op + ": ")
	}
	text.WriteString(e.Message)
	if e.Arguments != "" {
		text.WriteString("\n  arguments: " + e.Arguments)
	}
	return text.String()
}

// Errorf returns the error of the operation op, of a kind of PyTorch's exceptions and with a
// formatted message, for a package of one's own to panic with as those of gotorch do:
//
//	panic(torch.Errorf("mynet.New", torch.ValueError, "depth must be positive, got %d", depth))
//
// It has no counterpart in PyTorch, whose functions raise Python's exceptions.
func Errorf(op string, kind ErrorKind, format string, args ...any) *Error {
	return &Error{Op: op, Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Is reports whether target is an *Error of the same kind with nothing else set,
// so that errors.Is(err, &torch.Error{Kind: torch.IndexError}) works.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && *other == Error{Kind: e.Kind}
}

// Try calls f and returns the *[Error] that it panicked with, or nil. Other
// panics go on.
func Try(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case error:
			if e := (*Error)(nil); errors.As(v, &e) {
				err = v
				return
			}
			panic(v)
		default:
			panic(v)
		}
	}()
	mustCall("torch.Try", f)
	f()
	return nil
}

// What cgotorch panics with is an Error too, such as that libtorch is missing.
func init() { cgotorch.Raise = func(err *cgotorch.Error) { check("", err) } }

// So is what is wrong with options.
func init() {
	option.NewError = func(message string) error { return Errorf("", TypeError, "%s", message) }
}

// check panics with err, if there is one, as the error of op, or with what a Go
// function that libtorch called panicked with.
func check(op string, err *cgotorch.Error) {
	if err != nil {
		if cgotorch.Warned() {
			warn()
		}
		switch v := err.Panic.(type) {
		case nil:
		case *cgotorch.Error:
			check(op, v)
		default:
			panic(v)
		}
		panic(errorOf(op, err))
	}
}

// errorOf returns err as an Error of op, unless it names an operator itself.
func errorOf(op string, err *cgotorch.Error) *Error {
	if err.Op != "" {
		op = err.Op
	}
	e := &Error{Op: op, Kind: ErrorKind(err.Kind), Message: inGo(err.Message), Arguments: err.Arguments}
	if op == opBackward && explainBackward != nil {
		e.Message += explainBackward(e.Message)
	}
	return e
}

// explainBackward says more of what failed in a backward pass.
var explainBackward func(message string) string

// ExplainBackward lets package distributed add to the errors of backward passes, in which
// other processes may have a part.
func (exports) ExplainBackward(f func(message string) string) { explainBackward = f }
