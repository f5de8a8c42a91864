package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

type (
	tensor  = *torch.Tensor
	tensors = []*torch.Tensor
)

// one, two and so on make an entry of goldenOps from a function of some inputs.
func none(f func() tensor) func(tensors) tensors {
	return func(tensors) tensors { return tensors{f()} }
}

func one(f func(x tensor) tensor) func(tensors) tensors {
	return func(in tensors) tensors { return tensors{f(in[0])} }
}

func two(f func(x, y tensor) tensor) func(tensors) tensors {
	return func(in tensors) tensors { return tensors{f(in[0], in[1])} }
}

func three(f func(x, y, z tensor) tensor) func(tensors) tensors {
	return func(in tensors) tensors { return tensors{f(in[0], in[1], in[2])} }
}

func pair(f func(x tensor) (tensor, tensor)) func(tensors) tensors {
	return func(in tensors) tensors { a, b := f(in[0]); return tensors{a, b} }
}

func many(f func(x tensor) tensors) func(tensors) tensors {
	return func(in tensors) tensors { return f(in[0]) }
}

// goldenOps are the operators of scripts/golden/ops.py, by name.
var goldenOps = map[string]func(in tensors) tensors{
	"add":               two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_row":           two(func(x, y tensor) tensor { return torch.Add(x, y) }),
	"add_number":        one(func(x tensor) tensor { return x.Add(2) }),
	"add_alpha":         two(func(x, y tensor) tensor { return x.Add(y, torch.AddOptions{Alpha: 0.5}) }),
	"add_int_float":     two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_int_number":    one(func(x tensor) tensor { return x.Add(1.5) }),
	"add_promote":       two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_bool":          two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_complex":       two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_empty":         two(func(x, y tensor) tensor { return x.Add(y) }),
	"add_strided":       two(func(x, y tensor) tensor { return x.T().Contiguous().T().Add(y) }),
	"sub":               two(func(x, y tensor) tensor { return x.Sub(y) }),
	"sub_number":        one(func(x tensor) tensor { return x.Sub(float32(0.25)) }),
	"rsub_number":       one(func(x tensor) tensor { return x.Rsub(1) }),
	"mul":               two(func(x, y tensor) tensor { return x.Mul(y) }),
	"mul_scalar_tensor": two(func(x, y tensor) tensor { return x.Mul(y) }),
	"div":               two(func(x, y tensor) tensor { return x.Div(y) }),
	"div_int":           two(func(x, y tensor) tensor { return x.Div(y) }),
	"div_floor":         two(func(x, y tensor) tensor { return torch.Div(x, y, torch.DivOptions{RoundingMode: "floor"}) }),
	"div_trunc":         two(func(x, y tensor) tensor { return x.Div(y, torch.DivOptions{RoundingMode: "trunc"}) }),
	"floor_divide":      two(func(x, y tensor) tensor { return x.FloorDivide(y) }),
	"remainder":         two(func(x, y tensor) tensor { return x.Remainder(y) }),
	"remainder_number":  one(func(x tensor) tensor { return x.Remainder(3) }),
	"fmod":              two(func(x, y tensor) tensor { return x.Fmod(y) }),
	"pow":               two(func(x, y tensor) tensor { return x.Pow(y) }),
	"pow_number":        one(func(x tensor) tensor { return x.Pow(3) }),
	"maximum":           two(torch.Maximum),
	"minimum":           two(torch.Minimum),
	"atan2":             two(torch.Atan2),
	"lerp":              three(func(x, y, z tensor) tensor { return torch.Lerp(x, y, z) }),
	"addcmul":           three(func(x, y, z tensor) tensor { return x.Addcmul(y, z, torch.AddcmulOptions{Value: 2}) }),
	"clamp":             one(func(x tensor) tensor { return x.Clamp(-0.5, 0.5) }),
	"clamp_min":         one(func(x tensor) tensor { return x.Clamp(0, nil) }),
	"eq":                two(func(x, y tensor) tensor { return x.Eq(y) }),
	"eq_number":         one(func(x tensor) tensor { return x.Eq(2) }),
	"ne":                two(func(x, y tensor) tensor { return x.Ne(y) }),
	"lt":                two(func(x, y tensor) tensor { return x.Lt(y) }),
	"le":                two(func(x, y tensor) tensor { return x.Le(y) }),
	"gt_number":         one(func(x tensor) tensor { return x.Gt(0) }),
	"ge":                two(func(x, y tensor) tensor { return x.Ge(y) }),
	"isnan":             one(torch.IsNaN),
	"isinf":             one(torch.IsInf),
	"isfinite":          one(torch.IsFinite),
	"where":             three(func(c, x, y tensor) tensor { return torch.Where(c, x, y) }),
	"logical_and":       two(torch.LogicalAnd),
	"logical_not":       one(torch.LogicalNot),
	"abs":               one(torch.Abs),
	"abs_complex":       one(torch.Abs),
	"neg":               one(torch.Neg),
	"sign":              one(torch.Sign),
	"square":            one(torch.Square),
	"sqrt":              one(torch.Sqrt),
	"sqrt_special":      one(torch.Sqrt),
	"rsqrt":             one(torch.Rsqrt),
	"reciprocal":        one(torch.Reciprocal),
	"exp":               one(torch.Exp),
	"exp2":              one(torch.Exp2),
	"expm1":             one(torch.Expm1),
	"log":               one(torch.Log),
	"log2":              one(torch.Log2),
	"log10":             one(torch.Log10),
	"log1p":             one(torch.Log1p),
	"sin":               one(torch.Sin),
	"cos":               one(torch.Cos),
	"tan":               one(torch.Tan),
	"asin":              one(torch.Asin),
	"acos":              one(torch.Acos),
	"atan":              one(torch.Atan),
	"sinh":              one(torch.Sinh),
	"cosh":              one(torch.Cosh),
	"tanh":              one(torch.Tanh),
	"sigmoid":           one(torch.Sigmoid),
	"relu":              one(torch.ReLU),
	"erf":               one(torch.Erf),
	"ceil":              one(torch.Ceil),
	"floor":             one(torch.Floor),
	"round":             one(torch.Round),
	"trunc":             one(torch.Trunc),
	"softmax":           one(func(x tensor) tensor { return x.Softmax(1) }),
	"softmax_double":    one(func(x tensor) tensor { return x.Softmax(0, torch.SoftmaxOptions{DType: torch.Float64}) }),
	"log_softmax":       one(func(x tensor) tensor { return x.LogSoftmax(-1) }),
	"real":              one(torch.Real),
	"imag":              one(torch.Imag),
	"matmul":            two(torch.Matmul),
	"matmul_batch":      two(torch.Matmul),
	"matmul_vec":        two(torch.Matmul),
	"mm":                two(func(x, y tensor) tensor { return torch.Mm(x, y) }),
	"bmm":               two(func(x, y tensor) tensor { return torch.Bmm(x, y) }),
	"mv":                two(torch.Mv),
	"dot":               two(torch.Dot),
	"outer":             two(torch.Outer),
	"addmm":             three(func(x, a, b tensor) tensor { return x.Addmm(a, b, torch.AddmmOptions{Beta: 0.5, Alpha: 2}) }),
	"t":                 one(torch.T),
	"tril":              one(func(x tensor) tensor { return x.Tril() }),
	"triu":              one(func(x tensor) tensor { return x.Triu(torch.TriuOptions{Diagonal: 1}) }),
	"sum":               one(func(x tensor) tensor { return x.Sum() }),
	"sum_int":           one(func(x tensor) tensor { return x.Sum() }),
	"sum_bool":          one(func(x tensor) tensor { return torch.Sum(x) }),
	"sum_dim":           one(func(x tensor) tensor { return x.Sum(1) }),
	"sum_dims_keep": one(func(x tensor) tensor {
		return x.SumWith(torch.ReduceOptions{Dim: []int{0, 2}, Keepdim: true})
	}),
	"sum_dtype":      one(func(x tensor) tensor { return x.SumWith(torch.ReduceOptions{DType: torch.Float64}) }),
	"sum_empty":      one(func(x tensor) tensor { return x.Sum() }),
	"mean":           one(func(x tensor) tensor { return x.Mean() }),
	"mean_dim":       one(func(x tensor) tensor { return torch.Mean(x, -1) }),
	"prod":           one(func(x tensor) tensor { return x.Prod() }),
	"prod_dim":       one(func(x tensor) tensor { return x.Prod(1) }),
	"std":            one(func(x tensor) tensor { return x.Std() }),
	"std_dim":        one(func(x tensor) tensor { return x.Std(1) }),
	"var_population": one(func(x tensor) tensor { return x.VarWith(torch.VarOptions{Dim: []int{1}, Correction: 0}) }),
	"norm":           one(func(x tensor) tensor { return x.Norm(2) }),
	"norm1_dim":      one(func(x tensor) tensor { return x.Norm(1, torch.ReduceOptions{Dim: []int{1}}) }),
	"all":            one(func(x tensor) tensor { return x.All() }),
	"all_dim":        one(func(x tensor) tensor { return x.All(0) }),
	"any":            one(func(x tensor) tensor { return x.Any() }),
	"max":            one(func(x tensor) tensor { return x.Max() }),
	"min":            one(func(x tensor) tensor { return x.Min() }),
	"max_nan":        one(func(x tensor) tensor { return x.Max() }),
	"max_dim":        pair(func(x tensor) (tensor, tensor) { return torch.MaxDim(x, 1) }),
	"min_dim_keep":   pair(func(x tensor) (tensor, tensor) { return x.MinDim(0, torch.MinDimOptions{Keepdim: true}) }),
	"amax":           one(func(x tensor) tensor { return x.Amax([]int{0, 1}) }),
	"argmax":         one(func(x tensor) tensor { return x.Argmax() }),
	"argmax_dim":     one(func(x tensor) tensor { return x.Argmax(1) }),
	"argmin":         one(func(x tensor) tensor { return torch.Argmin(x) }),
	"cumsum":         one(func(x tensor) tensor { return x.Cumsum(1) }),
	"logsumexp":      one(func(x tensor) tensor { return x.LogSumExp([]int{1}) }),
	"topk":           pair(func(x tensor) (tensor, tensor) { return x.TopK(2) }),
	"sort": pair(func(x tensor) (tensor, tensor) {
		return x.Sort(torch.SortOptions{Dim: new(1), Descending: true})
	}),
	"argsort":       one(func(x tensor) tensor { return x.Argsort() }),
	"view":          one(func(x tensor) tensor { return x.View(3, -1) }),
	"reshape":       one(func(x tensor) tensor { return torch.Reshape(x.T().Contiguous().T(), 6) }),
	"flatten":       one(func(x tensor) tensor { return torch.Flatten(x, 1) }),
	"flatten_all":   one(func(x tensor) tensor { return x.Flatten() }),
	"permute":       one(func(x tensor) tensor { return x.Permute(2, 0, 1) }),
	"transpose":     one(func(x tensor) tensor { return x.Transpose(0, 2) }),
	"squeeze":       one(func(x tensor) tensor { return x.SumWith(torch.ReduceOptions{Dim: []int{1}, Keepdim: true}).Squeeze() }),
	"unsqueeze":     one(func(x tensor) tensor { return x.Unsqueeze(-1) }),
	"expand":        one(func(x tensor) tensor { return x.Expand(2, -1) }),
	"select":        one(func(x tensor) tensor { return x.Select(1, -1) }),
	"narrow":        one(func(x tensor) tensor { return x.Narrow(2, 1, 2) }),
	"slice":         one(func(x tensor) tensor { return x.Slice(2, 0, 4, 2) }),
	"unbind":        many(func(x tensor) tensors { return x.Unbind(1) }),
	"chunk":         many(func(x tensor) tensors { return x.Chunk(2, 1) }),
	"split":         many(func(x tensor) tensors { return x.Split(2, 2) }),
	"diagonal":      one(func(x tensor) tensor { return x.Diagonal() }),
	"repeat":        one(func(x tensor) tensor { return x.Repeat(2, 2) }),
	"flip":          one(func(x tensor) tensor { return x.Flip(0, 1) }),
	"cat":           two(func(x, y tensor) tensor { return torch.Cat(tensors{x, y}, 1) }),
	"stack":         two(func(x, y tensor) tensor { return torch.Stack(tensors{x, y}, 0) }),
	"index_select":  two(func(x, i tensor) tensor { return x.IndexSelect(1, i) }),
	"gather":        two(func(x, i tensor) tensor { return x.Gather(1, i) }),
	"masked_select": two(torch.MaskedSelect),
	"masked_fill":   two(func(x, m tensor) tensor { return x.MaskedFill(m, -1) }),
	"nonzero":       one(torch.Nonzero),
	"to_double":     one(func(x tensor) tensor { return x.To(torch.Float64) }),
	"to_int":        one(func(x tensor) tensor { return x.To(torch.Int64) }),
	"to_bool":       one(func(x tensor) tensor { return x.To(torch.Bool, torch.CPU) }),
	"add_inplace": two(func(x, y tensor) tensor {
		return x.Clone().AddInplace(y, torch.AddOptions{Alpha: 2})
	}),
	"mul_inplace":  one(func(x tensor) tensor { return x.Clone().MulInplace(3) }),
	"div_inplace":  two(func(x, y tensor) tensor { return x.Clone().DivInplace(y) }),
	"zero_inplace": one(func(x tensor) tensor { return x.Clone().ZeroInplace() }),
	"fill_inplace": one(func(x tensor) tensor { return x.Clone().FillInplace(7) }),
	"copy_inplace": two(func(x, y tensor) tensor { return x.Clone().CopyInplace(y) }),
	"zeros":        none(func() tensor { return torch.Zeros([]int{2, 3}) }),
	"ones_int":     none(func() tensor { return torch.Ones([]int{2}, torch.TensorOptions{DType: torch.Int64}) }),
	"full_int":     none(func() tensor { return torch.Full([]int{2, 2}, 7) }),
	"full_float":   none(func() tensor { return torch.Full([]int{2}, 0.5) }),
	"eye":          none(func() tensor { return torch.Eye(2, torch.EyeOptions{M: new(3)}) }),
	"arange":       none(func() tensor { return torch.Arange(2, 9, 3) }),
	"arange_float": none(func() tensor { return torch.Arange(0, 1, 0.25) }),
	"linspace":     none(func() tensor { return torch.Linspace(-1, 1, 5) }),
	"ones_like":    one(func(x tensor) tensor { return torch.OnesLike(x) }),
	"full_like":    one(func(x tensor) tensor { return torch.FullLike(x, 3) }),
	"rand":         none(func() tensor { return torch.Rand([]int{2, 3}) }),
	"randn":        none(func() tensor { return torch.Randn([]int{20}) }),
	"randint":      none(func() tensor { return torch.Randint(-3, 10, []int{4}) }),
	"randperm":     none(func() tensor { return torch.Randperm(7) }),
	"rand_like":    one(func(x tensor) tensor { return torch.RandLike(x) }),
	"uniform":      none(func() tensor { return torch.Empty([]int{3}).UniformInplace(-2, 2, nil) }),
	"normal":       none(func() tensor { return torch.Empty([]int{3}).NormalInplace(1, 2, nil) }),
	"generator": none(func() tensor {
		return torch.Rand([]int{3}, torch.TensorOptions{Generator: torch.NewGenerator().ManualSeed(42)})
	}),
}

// TestOpsGolden compares outputs, and the gradients of their sum, with Python's.
// On another libtorch or CPU the tolerance is 1e-5, some units in the last place
// of a float32 after a few operations.
func TestOpsGolden(t *testing.T) {
	var cases []struct {
		Name    string
		Inputs  []torchtest.Tensor
		Outputs []torchtest.Tensor
		Grads   []*torchtest.Tensor
	}
	header := torchtest.Golden(t, "testdata/ops.json", &cases)
	exact := header.Exact()
	assert.Len(t, goldenOps, len(cases), "every operator here is in the golden file")
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			op := goldenOps[c.Name]
			require.NotNil(t, op, "no such operator in Go")
			var in tensors
			for _, g := range c.Inputs {
				x := g.Make(t)
				in = append(in, x.SetRequiresGrad(x.DType().IsFloatingPoint()))
			}
			torch.ManualSeed(3)
			out := op(in)
			require.Len(t, out, len(c.Outputs))
			var total tensor
			for i, want := range c.Outputs {
				want.Check(t, out[i], exact, 1e-5, "output", i)
				if out[i].RequiresGrad() && !out[i].DType().IsComplex() {
					if sum := out[i].Sum(); total == nil {
						total = sum
					} else {
						total = total.Add(sum)
					}
				}
			}
			if total != nil {
				total.Backward()
			}
			for i, want := range c.Grads {
				if want != nil {
					want.Check(t, in[i].Grad(), exact, 1e-5, "gradient", i)
				} else {
					assert.Nil(t, in[i].Grad(), "gradient %d", i)
				}
			}
		})
	}
}
