package torch

import (
	"fmt"
	"io"
	"unicode"
)

// Format lets fmt write tensors. %v and %s write what [Tensor.String] returns, and %#v
// what [Tensor.GoString] does.
//
// A tensor with one element is written as its number by the verbs for numbers and
// bools, as Python's format(x, ".4f") does: %.4f, %8.2e and %g also write integers
// and bools, %d also bools, as 0 or 1. Numbers of 32 bits or fewer are written as a
// float32 is, so that %g of 0.1 is 0.1.
//
// Other tensors, for which Python's format fails, are written by these verbs as by
// String, but for floating-point elements, which %.2f, %.2e and %.2g write with the
// verb's precision: tensor([0.50, 1.00]). Without a precision the settings of
// [SetPrintOptions] count.
//
// https://docs.pytorch.org/docs/stable/tensors.html
func (x *Tensor) Format(state fmt.State, verb rune) {
	format := fmt.FormatString(state, verb)
	switch {
	case verb == 'v' && state.Flag('#'):
		_, _ = io.WriteString(state, x.GoString())
	case verb == 'v', verb == 's', verb == 'q':
		fmt.Fprintf(state, format, x.String())
	case x.isNumber():
		fmt.Fprintf(state, format, x.formatted(verb))
	default:
		_, _ = io.WriteString(state, x.text(formatSettings(state, verb)))
	}
}

// isNumber reports whether the tensor has one element, in memory.
func (x *Tensor) isNumber() bool {
	return x != nil && x.isOpen() && x.Layout() == Strided && !x.IsNested() && !x.IsQuantized() && !x.IsMeta() && x.Numel() == 1
}

// formatted returns the only element as a type that fmt has the verb for.
func (x *Tensor) formatted(verb rune) any {
	dtype := x.DType()
	switch v := x.value("Format").(type) {
	case uint64:
		if isFloatVerb(verb) {
			return float64(v)
		}
		return v
	case int:
		switch {
		case isFloatVerb(verb):
			return float64(v)
		case dtype == Bool && verb == 't':
			return v != 0
		}
		return v
	case float64:
		if dtype != Float64 {
			return float32(v)
		}
		return v
	case complex128:
		if dtype != Complex128 {
			return complex64(v)
		}
		return v
	default:
		return v
	}
}

// formatSettings returns the settings that a verb and its precision ask for.
func formatSettings(state fmt.State, verb rune) *printSettings {
	o := *printing.Load()
	if digits, ok := state.Precision(); ok && isFloatVerb(verb) {
		o.precision, o.verb = digits, byte(unicode.ToLower(verb))
	}
	return &o
}

// isFloatVerb reports whether fmt has the verb for floating-point numbers only.
func isFloatVerb(verb rune) bool {
	switch verb {
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return true
	}
	return false
}
