package tensorboard

import (
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// AddTensor adds a tensor as it is: TensorBoard does not draw it, but other programs
// can read it. Float16 and BFloat16 are written as the bits of a float32, as Python
// writes them. It panics on a dtype that Python's does not write, such as the
// quantized ones, and on 2 GB or more.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html
func (w *SummaryWriter) AddTensor(tag string, x *torch.Tensor, step int, options ...EventOptions) {
	const op = "SummaryWriter.AddTensor"
	form, ok := forms[x.DType()]
	if !ok {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "%s has unsupported tensor dtype %v", tag, x.DType()))
	}
	if x.Numel()*x.ElementSize() >= 1<<31 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError,
			"tensor is bigger than protocol buffer's hard limit of 2GB in size"))
	}
	var elements field
	torch.Scope(func() {
		torch.NoGrad(func() {
			parts := x
			if x.DType().IsComplex() {
				parts = torch.ViewAsReal(x.ResolveConj())
			}
			elements = form.encode(form.number, parts)
		})
	})
	w.add(option.First(options).time(), step,
		bytes(1, tag), tensor(form.dtype, x.Shape(), elements), plugin("tensor", nil))
}

// The data types of TensorBoard's tensors that other values have too.
const (
	typeFloat  = 1
	typeDouble = 2
	typeString = 7
)

// forms says which data type of TensorBoard's a dtype is, the number of the field that
// holds the elements, and how.
var forms = map[torch.DType]struct {
	dtype, number int
	encode        func(number int, x *torch.Tensor) field
}{
	torch.Float32:    {typeFloat, 5, floatsOf},
	torch.Float64:    {typeDouble, 6, doublesOf},
	torch.Int32:      {3, 7, integersOf},
	torch.Uint8:      {4, 16, integersOf},
	torch.Int16:      {5, 7, integersOf},
	torch.Int8:       {6, 7, integersOf},
	torch.Complex64:  {8, 9, floatsOf},
	torch.Int64:      {9, 10, integersOf},
	torch.Bool:       {10, 11, integersOf},
	torch.BFloat16:   {14, 13, bitsOf},
	torch.Complex128: {18, 12, doublesOf},
	torch.Float16:    {19, 13, bitsOf},
}

func floatsOf(number int, x *torch.Tensor) field { return floats(number, torch.ToSlice[float64](x)) }

func doublesOf(number int, x *torch.Tensor) field { return doubles(number, torch.ToSlice[float64](x)) }

func integersOf(number int, x *torch.Tensor) field { return integers(number, torch.ToSlice[int](x)) }

// bitsOf is the bits of the elements as float32, each of which is an int32.
func bitsOf(number int, x *torch.Tensor) field {
	bits := make([]int, x.Numel())
	for i, v := range torch.ToSlice[float32](x) {
		bits[i] = int(int32(math.Float32bits(v)))
	}
	return integers(number, bits)
}

// tensor is the field of a value that is a tensor.
func tensor(dtype int, shape []int, elements field) field {
	return message(8, integer(1, dtype), bytes(2, sizes(shape)), elements)
}

// sizes is what the message of a shape holds.
func sizes(shape []int) (all field) {
	for _, size := range shape {
		all = append(all, message(2, integer(1, size))...)
	}
	return all
}
