// Package optest compares every generated operator with Python's.
package optest_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// call is a generated function.
type call struct {
	function any      // or a method
	inplace  any      // the in-place method, or nil
	fields   []string // for each argument "" if it is positional, the field of the options, or "-" if Go lacks it
}

// value is an argument in a golden file: one of its fields is set, or none for
// None.
type value struct {
	Tensor  *torchtest.Tensor
	Strided bool // the tensor lies in memory with gaps
	Tensors []*torchtest.Tensor
	Int     *int
	Float   *string // in hexadecimal, for the infinities and NaN too
	Bool    *bool
	Complex *[2]float64
	String  *string
	Ints    []int
	Floats  []float64
	DType   *string
	List    []value
}

// argument is a value ready to be passed, and the tensors within it.
type argument struct {
	v       value
	tensors []*torch.Tensor
}

func (v value) prepare(t *testing.T, grad bool) *argument {
	a := &argument{v: v}
	list := v.Tensors
	if v.Tensor != nil {
		list = append(list, v.Tensor)
	}
	for _, g := range list {
		if g == nil {
			a.tensors = append(a.tensors, nil)
			continue
		}
		x := g.Make(t)
		if v.Strided {
			x = torch.Stack([]*torch.Tensor{x, x}, -1).Select(-1, 0)
		}
		if grad && (x.DType().IsFloatingPoint() || x.DType().IsComplex()) {
			x = x.Detach().SetRequiresGrad(true)
		}
		a.tensors = append(a.tensors, x)
	}
	return a
}

// goValue returns the argument as a Go function takes it: a Go type for each type
// of the schemas.
func (a *argument) goValue(want reflect.Type) (reflect.Value, error) {
	if want.Kind() == reflect.Pointer && want.Elem().Kind() != reflect.Struct {
		if a.none() {
			return reflect.Zero(want), nil
		}
		v, err := a.goValue(want.Elem())
		if err != nil {
			return v, err
		}
		p := reflect.New(want.Elem())
		p.Elem().Set(v)
		return p, nil
	}
	got := a.natural()
	switch {
	case got == nil:
		return reflect.Zero(want), nil
	case want.Kind() == reflect.Slice && reflect.TypeOf(got) == want.Elem():
		list := reflect.MakeSlice(want, 1, 1) // Python takes one for a list of one
		list.Index(0).Set(reflect.ValueOf(got))
		return list, nil
	case want.Kind() == reflect.String:
		return reflect.ValueOf(got).Convert(want), nil // a mode
	case want == reflect.TypeFor[float64]():
		if i, ok := got.(int); ok {
			got = float64(i)
		}
	case want == reflect.TypeFor[[]float64]():
		if list, ok := got.([]int); ok {
			floats := make([]float64, len(list))
			for i, n := range list {
				floats[i] = float64(n)
			}
			got = floats
		}
	case want == reflect.TypeFor[[]torch.Number]():
		switch list := got.(type) {
		case []int:
			got = numbers(list)
		case []float64:
			got = numbers(list)
		}
	}
	v := reflect.ValueOf(got)
	if !v.Type().AssignableTo(want) {
		return v, fmt.Errorf("a golden %T does not go into a %v", got, want)
	}
	return v, nil
}

func numbers[T any](list []T) []torch.Number {
	all := make([]torch.Number, len(list))
	for i, n := range list {
		all[i] = n
	}
	return all
}

func (a *argument) none() bool { return a.natural() == nil }

// natural returns the argument as the Go value that is nearest to Python's.
func (a *argument) natural() any {
	v := a.v
	switch {
	case v.Tensor != nil:
		return a.tensors[0]
	case v.Tensors != nil:
		return a.tensors
	case v.Int != nil:
		return *v.Int
	case v.Float != nil:
		var f float64
		if _, err := fmt.Sscanf(*v.Float, "%g", &f); err != nil {
			panic(err)
		}
		return f
	case v.Bool != nil:
		return *v.Bool
	case v.Complex != nil:
		return complex(v.Complex[0], v.Complex[1])
	case v.String != nil:
		return *v.String
	case v.Ints != nil:
		return v.Ints
	case v.Floats != nil:
		return v.Floats
	case v.DType != nil:
		return dtypes[*v.DType]
	}
	return nil
}

// dtypes are those of golden arguments.
var dtypes = map[string]torch.DType{
	"float16": torch.Float16, "bfloat16": torch.BFloat16, "float32": torch.Float32, "float64": torch.Float64,
	"int64": torch.Int64, "int32": torch.Int32, "int16": torch.Int16, "int8": torch.Int8, "uint8": torch.Uint8,
	"bool": torch.Bool, "complex64": torch.Complex64, "complex128": torch.Complex128,
	"qint8": torch.QInt8, "quint8": torch.QUint8, "qint32": torch.QInt32,
}

// run calls a function with arguments by position and by field, and returns the
// tensors that it gives, those in lists too.
func (c call) run(t *testing.T, function any, args []*argument) []*torch.Tensor {
	f := reflect.ValueOf(function)
	typ := f.Type()
	var in []reflect.Value
	var options reflect.Value
	if typ.IsVariadic() {
		if last := typ.In(typ.NumIn() - 1).Elem(); last.Kind() == reflect.Struct {
			options = reflect.New(last).Elem()
		}
	}
	for i, a := range args {
		switch field := c.fields[i]; field {
		case "-":
			require.True(t, a.none(), "argument %d is not one of Go's", i)
		case "":
			at := len(in)
			want := typ.In(min(at, typ.NumIn()-1))
			v, err := a.goValue(want)
			require.NoError(t, err, "argument %d", i)
			in = append(in, v)
		default:
			to := options.FieldByName(field)
			v, err := a.goValue(to.Type())
			require.NoError(t, err, "argument %d", i)
			to.Set(v)
		}
	}
	var out []reflect.Value
	switch {
	case options.IsValid():
		out = f.Call(append(in, options))
	case typ.IsVariadic():
		out = f.CallSlice(in)
	default:
		out = f.Call(in)
	}
	var tensors []*torch.Tensor
	for _, o := range out {
		switch v := o.Interface().(type) {
		case *torch.Tensor:
			tensors = append(tensors, v)
		case []*torch.Tensor:
			tensors = append(tensors, v...)
		case torch.DType:
			tensors = append(tensors, torch.Zeros(nil, torch.TensorOptions{DType: v}))
		case bool, int, float64:
			tensors = append(tensors, torch.NewTensor(v))
		default:
			require.Fail(t, "a result of an unknown type", "%T", v)
		}
	}
	return tensors
}
