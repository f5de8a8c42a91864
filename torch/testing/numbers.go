package testing

import (
	"math"
	"math/big"
	"math/cmplx"
	"reflect"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
)

// numbers compares numbers that are not bools.
func (c *comparison) numbers(actual, expected any) error {
	a, b := reflect.TypeOf(actual), reflect.TypeOf(expected)
	if (c.o.CheckDType == nil || *c.o.CheckDType) && a != b {
		return c.differ("The (d)types do not match: %v != %v.", a, b)
	}
	rtol, atol, err := c.tolerances(numberType(a), numberType(b))
	if err != nil {
		return err
	}
	p, q := number.Plain(actual), number.Plain(expected)
	absolute, relative := difference(p, q)
	x, y := asComplex(p), asComplex(q)
	size, _ := number.Float(absolute)
	if i, ok := absolute.(*big.Int); ok {
		size, _ = new(big.Float).SetInt(i).Float64()
	}
	switch {
	case size == 0 || x == y && cmplx.IsInf(x):
		return nil
	case c.o.EqualNaN && cmplx.IsNaN(x) && cmplx.IsNaN(y):
		return nil
	case !math.IsInf(size, 0) && size <= atol+rtol*abs(y):
		return nil
	}
	return c.differ("%s", scalarMessage("Scalars", p, q, absolute, relative, rtol, atol))
}

// numberType returns the dtype that a Go type of numbers has the tolerances of.
func numberType(t reflect.Type) torch.DType {
	switch t.Kind() {
	case reflect.Float32:
		return torch.Float32
	case reflect.Float64:
		return torch.Float64
	case reflect.Complex64:
		return torch.Complex64
	case reflect.Complex128:
		return torch.Complex128
	}
	return torch.Int64
}

// difference returns |a − b|, a *big.Int of integers and bools and else a float64, and that
// relative to b.
func difference(a, b any) (absolute any, relative float64) {
	i, bothIntegers := asInteger(a)
	j, ok := asInteger(b)
	size := 0.0
	if bothIntegers && ok {
		d := new(big.Int)
		d.Abs(d.Sub(i, j))
		size, _ = new(big.Float).SetInt(d).Float64()
		absolute = d
	} else {
		size = abs(asComplex(a) - asComplex(b))
		absolute = size
	}
	if b := asComplex(b); b != 0 {
		return absolute, size / abs(b)
	}
	return absolute, math.Inf(1)
}

// abs returns |z|, rounded once as C's hypot is, which cmplx.Abs is not.
func abs(z complex128) float64 {
	if cmplx.IsNaN(z) || cmplx.IsInf(z) {
		return cmplx.Abs(z)
	}
	square := func(v float64) *big.Float {
		x := new(big.Float).SetPrec(256).SetFloat64(v)
		return x.Mul(x, x)
	}
	sum := square(real(z))
	size, _ := sum.Sqrt(sum.Add(sum, square(imag(z)))).Float64()
	return size
}

// asInteger returns an integer or a bool that number.Plain returned.
func asInteger(v any) (*big.Int, bool) {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v), true
	case uint64:
		return new(big.Int).SetUint64(v), true
	case bool:
		if v {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	}
	return nil, false
}

// asComplex returns any number that number.Plain returned.
func asComplex(v any) complex128 {
	if z, ok := v.(complex128); ok {
		return z
	}
	if i, ok := v.(bool); ok && i {
		return 1
	}
	x, _ := number.Float(v)
	return complex(x, 0)
}

// scalarMessage says how two numbers differ.
func scalarMessage(identifier string, actual, expected, absolute any, relative, rtol, atol float64) string {
	return mismatch{
		identifier: identifier,
		extra:      "Expected " + python.Repr(expected) + " but got " + python.Repr(actual) + ".",
		absolute:   python.Repr(absolute),
		relative:   python.Repr(relative),
		rtol:       rtol,
		atol:       atol,
	}.String()
}
