package testing

import (
	"errors"
	"fmt"
	"testing"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/internal/pytree"
)

// CloseOptions are the options of [AssertClose], [AssertEqual] and [Compare].
type CloseOptions struct {
	Rtol        *float64 // the relative tolerance; default: by the dtypes; give both or none
	Atol        *float64 // the absolute one; default: by the dtypes
	EqualNaN    bool     // NaN equals NaN
	CheckDevice *bool    // devices must be the same; default: true
	CheckDType  *bool    // dtypes must be the same, and Go's types of numbers; default: true
	CheckLayout *bool    // layouts must be the same; default: true
	CheckStride bool     // strides must be the same

	// Msg makes another message of the one that tells the difference.
	Msg func(message string) string
}

// AssertClose ends the test if actual and expected are not close to each other, as
// [Compare] says.
//
// https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
func AssertClose(t testing.TB, actual, expected any, options ...CloseOptions) {
	argument.NotNil("testing.AssertClose", "t", t)
	t.Helper()
	if err := Compare(actual, expected, options...); err != nil {
		t.Fatal(err)
	}
}

// AssertEqual is [AssertClose] with tolerances of 0, which options must not change.
//
// https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
func AssertEqual(t testing.TB, actual, expected any, options ...CloseOptions) {
	const op = "testing.AssertEqual"
	argument.NotNil(op, "t", t)
	t.Helper()
	o := option.First(options)
	if o.Rtol != nil || o.Atol != nil {
		panic(torch.Errorf(op, torch.ValueError, "takes no Rtol and no Atol; AssertClose does"))
	}
	o.Rtol, o.Atol = new(0.0), new(0.0)
	AssertClose(t, actual, expected, o)
}

// Compare returns nil if actual and expected are close to each other, else an error
// that says in PyTorch's words where they are not.
//
// Both are tensors, numbers, bools, nil, or slices, arrays or maps of those, of any
// depth. Elements are close if |actual − expected| ≤ Atol + Rtol × |expected|. The
// default tolerances, relative and absolute, are the greater ones of both dtypes:
//
//	Float16, Complex32               1e-3    1e-5
//	BFloat16                         1.6e-2  1e-5
//	Float32, Complex64, quantized    1.3e-6  1e-5
//	Float64, Complex128              1e-7    1e-7
//	all others                       0       0
//
// Numbers have the tolerances of the dtypes of their Go types. Tensors must have the
// same shape, dtype, device and layout. Of sparse tensors the indices must be equal;
// quantized ones are close if they have the same scheme and stand for close numbers;
// of tensors on [torch.Meta] there is no more to compare.
//
// https://docs.pytorch.org/docs/stable/testing.html#torch.testing.assert_close
func Compare(actual, expected any, options ...CloseOptions) error {
	o := option.First(options)
	var found error
	err := torch.Try(func() {
		torch.Scope(func() {
			torch.NoGrad(func() { found = (&comparison{o: o}).compare(actual, expected) })
		})
	})
	if err == nil {
		err = found
	}
	if err != nil && o.Msg != nil {
		return errors.New(o.Msg(err.Error()))
	}
	return err
}

// comparison compares what is at a place of both values.
type comparison struct {
	o     CloseOptions
	place []any // the indices and keys that lead there
}

// differ returns an error that names the place.
func (c *comparison) differ(format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if len(c.place) > 0 {
		message += "\n\nThe failure occurred for item "
		for _, key := range c.place {
			message += "[" + pytree.Quote(key) + "]"
		}
	}
	return errors.New(message)
}

// tolerances returns the relative and the absolute tolerance for the dtypes.
func (c *comparison) tolerances(dtypes ...torch.DType) (rtol, atol float64, err error) {
	switch {
	case c.o.Rtol != nil && c.o.Atol != nil:
		return *c.o.Rtol, *c.o.Atol, nil
	case c.o.Rtol != nil || c.o.Atol != nil:
		missing := "Rtol"
		if c.o.Rtol != nil {
			missing = "Atol"
		}
		return 0, 0, c.differ("Both Rtol and Atol must be either specified or omitted, but got no %s.", missing)
	}
	for _, d := range dtypes {
		r, a := defaultTolerances(d)
		rtol, atol = max(rtol, r), max(atol, a)
	}
	return rtol, atol, nil
}

func defaultTolerances(d torch.DType) (rtol, atol float64) {
	switch d {
	case torch.Float16, torch.Complex32:
		return 1e-3, 1e-5
	case torch.BFloat16:
		return 1.6e-2, 1e-5
	case torch.Float32, torch.Complex64, torch.QInt8, torch.QUint8, torch.QInt32:
		return 1.3e-6, 1e-5
	case torch.Float64, torch.Complex128:
		return 1e-7, 1e-7
	}
	return 0, 0
}
