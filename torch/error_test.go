package torch_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
)

// anyKind stands for an error whose kind is not the same in all versions.
const anyKind torch.ErrorKind = -1

// TestBadInput makes the typical mistakes and asserts the words of the errors.
func TestBadInput(t *testing.T) {
	x := torch.Ones([]int{2, 3})
	closed := torch.Ones([]int{2})
	closed.Close()
	ints := torch.NewTensor([]int{1, 2, 3})
	for name, c := range map[string]struct {
		f     func()
		kind  torch.ErrorKind
		words []string
	}{
		"shapes of a product": {func() { x.Mm(x) }, torch.RuntimeError,
			[]string{"aten::mm", "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", "self Tensor[2, 3] Float cpu"}},
		"shapes that do not broadcast": {func() { x.Add(torch.Ones([]int{2})) }, torch.RuntimeError,
			[]string{"The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1"}},
		"wrong dtype": {func() { x.Matmul(torch.Ones([]int{3}, torch.TensorOptions{DType: torch.Float64})) }, torch.RuntimeError,
			[]string{"self Tensor[2, 3] Float cpu, other Tensor[3] Double cpu"}},
		"mean of ints":            {func() { ints.Mean() }, anyKind, []string{"mean(): could not infer output dtype"}},
		"nil argument":            {func() { x.Matmul(nil) }, torch.TypeError, []string{"argument 'other' is nil, but a Tensor is required"}},
		"nil receiver of an op":   {func() { (*torch.Tensor)(nil).Exp() }, torch.TypeError, []string{"argument 'self' is nil"}},
		"nil receiver of a query": {func() { (*torch.Tensor)(nil).Shape() }, torch.TypeError, []string{"the tensor is nil"}},
		"nil in a list":           {func() { torch.Cat([]*torch.Tensor{x, nil}, 0) }, torch.TypeError, []string{"argument 'tensors' is nil"}},
		"closed argument":         {func() { x.Add(closed) }, torch.ClosedError, []string{"argument 'other' is closed"}},
		"closed receiver":         {func() { closed.Exp() }, torch.ClosedError, []string{"argument 'self' is closed"}},
		"shape of a closed one":   {func() { closed.Shape() }, torch.ClosedError, []string{"the tensor is closed"}},
		"values of a closed one":  {func() { torch.ToSlice[float32](closed) }, torch.ClosedError, []string{"the tensor is closed"}},
		"gradient of a closed":    {func() { closed.Grad() }, torch.ClosedError, []string{"the tensor is closed"}},
		"backward of a closed":    {func() { closed.Backward() }, torch.ClosedError, []string{"the tensor is closed"}},
		"operand of another type": {func() { x.Add("one") }, torch.TypeError, []string{"want a *torch.Tensor or a number, not a string"}},
		"item of many":            {func() { x.Item() }, torch.RuntimeError, []string{"a Tensor with 6 elements cannot be converted to Scalar"}},
		"item of none":            {func() { torch.Zeros([]int{0}).Item() }, torch.RuntimeError, []string{"a Tensor with 0 elements"}},
		"ragged slices":           {func() { torch.NewTensor([][]float32{{1, 2}, {3}}) }, torch.ValueError, []string{"expected sequence of length 2 at dim 1 (got 1)"}},
		"slices of strings":       {func() { torch.NewTensor([]string{"a"}) }, torch.TypeError, []string{"no dtype holds a []string"}},
		"nil data":                {func() { torch.NewTensor(nil) }, torch.TypeError, []string{"no dtype holds"}},
		"shape of a slice":        {func() { torch.FromSlice([]float32{1, 2, 3}, 2, 2) }, torch.ValueError, []string{"shape [2 2] is invalid for 3 elements"}},
		"negative shape":          {func() { torch.FromSlice([]float32{1, 2}, -1, -2) }, torch.ValueError, []string{"shape [-1 -2] is invalid"}},
		"negative size":           {func() { torch.Zeros([]int{-1}) }, torch.RuntimeError, []string{"negative"}},
		"dimension out of range":  {func() { x.Softmax(2) }, torch.IndexError, []string{"Dimension out of range (expected to be in range of [-2, 1], but got 2)"}},
		"size out of range":       {func() { x.Size(-3) }, torch.IndexError, []string{"Dimension out of range (expected to be in range of [-2, 1], but got -3)"}},
		"index out of range":      {func() { x.Select(0, 2) }, torch.IndexError, []string{"index 2 out of range for tensor of size [2, 3] at dimension 0"}},
		"index of index_select":   {func() { x.IndexSelect(0, torch.NewTensor([]int{5})) }, torch.IndexError, []string{"out of range"}},
		"view":                    {func() { x.View(4) }, torch.RuntimeError, []string{"shape '[4]' is invalid for input of size 6"}},
		"too many dimensions":     {func() { x.Prod(0, 1) }, torch.TypeError, []string{"takes one dimension, or no argument for all of them, but got 2 dimensions"}},
		"backward without grad":   {func() { x.Sum().Backward() }, torch.RuntimeError, []string{"does not require grad and does not have a grad_fn"}},
		"backward of many":        {func() { param(2).Mul(2).Backward() }, torch.RuntimeError, []string{"grad can be implicitly created only for scalar outputs"}},
		"gradient's shape": {func() { param(2).Mul(2).Backward(torch.BackwardOptions{Gradient: torch.Ones([]int{3})}) }, torch.RuntimeError,
			[]string{"Mismatch in shape: grad_output[0] has a shape of [3] and output[0] has a shape of [2]."}},
		"grad of ints":         {func() { ints.SetRequiresGrad(true) }, torch.RuntimeError, []string{"nly Tensors of floating point and complex dtype can require gradients"}},
		"in place on a leaf":   {func() { param(2).AddInplace(1) }, torch.RuntimeError, []string{"a leaf Variable that requires grad is being used in an in-place operation."}},
		"grad of another size": {func() { param(2).SetGrad(torch.Ones([]int{3})) }, torch.RuntimeError, []string{"assigned grad has data of a different size"}},
		"unknown rounding":     {func() { x.Div(2, torch.DivOptions{RoundingMode: "up"}) }, torch.RuntimeError, []string{"rounding_mode", "up"}},
		"a slice too short":    {func() { torch.CopyToSlice(make([]float32, 5), x) }, torch.ValueError, []string{"the tensor has 6 elements, the slice 5"}},
		"memory beyond reason": {func() { torch.Empty([]int{1 << 50}) }, torch.OutOfMemoryError, []string{"can't allocate memory", "bytes"}},
		"CUDA device":          {func() { x.To(torch.CUDA(99)) }, torch.RuntimeError, []string{"CUDA"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := torch.Try(c.f)
			require.Error(t, err)
			for _, w := range c.words {
				assert.ErrorContains(t, err, w)
			}
			assert.NotContains(t, err.Error(), "frame #", "no C++ stack trace")
			if c.kind != anyKind {
				assert.ErrorIs(t, err, &torch.Error{Kind: c.kind})
			}
		})
	}
}

func param(n int) *torch.Tensor {
	return torch.Ones([]int{n}, torch.TensorOptions{RequiresGrad: true})
}

func TestBackwardTwice(t *testing.T) {
	y := param(3).Exp().Sum()
	y.Backward()
	err := torch.Try(func() { y.Backward() })
	assert.ErrorContains(t, err, "Trying to backward through the graph a second time")
}

func TestErrorLosesNothing(t *testing.T) {
	x := torch.FromSlice([]float32{1, 2, 3})
	require.Error(t, torch.Try(func() { x.AddInplace(torch.Ones([]int{4})) }))
	assert.Equal(t, []float32{1, 2, 3}, torch.ToSlice[float32](x))
}

func TestTryPassesOtherPanicsOn(t *testing.T) {
	assert.PanicsWithValue(t, "mine", func() { _ = torch.Try(func() { panic("mine") }) })
	other := errors.New("other")
	assert.PanicsWithValue(t, other, func() { _ = torch.Try(func() { panic(other) }) })
	assert.NoError(t, torch.Try(func() {}))
}
