package nninit_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by, relative to the greater of 1 and the
// golden value, on another libtorch or CPU than that of the golden file.
const tolerance = 1e-6

// cases is the part of nn's testdata/nn.json that is about this package.
type cases struct {
	NNInit struct {
		Drawn []struct {
			Name    string
			Size    []int
			Seed    int64
			Options struct {
				A, B, Mean, Std    *float64
				Gain               *float64
				Val, Sparsity      float64
				Groups             *int
				Mode, Nonlinearity string
			}
			Values torchtest.Tensor
		}
		Gains []struct {
			Name    string
			A, Gain float64
		}
		Fans []struct{ Size, Fans []int }

		Errors map[string]string
	}
}

func golden(t *testing.T) (c cases, exact bool) {
	t.Helper()
	header := torchtest.Golden(t, "../testdata/nn.json", &c)
	return c, header.Exact()
}

func TestValuesAreThoseOfPython(t *testing.T) {
	c, exact := golden(t)
	for _, g := range c.NNInit.Drawn {
		t.Run(fmt.Sprintf("%s %v %d", g.Name, g.Size, g.Seed), func(t *testing.T) {
			x := torch.Empty(g.Size, torch.TensorOptions{RequiresGrad: true})
			torch.ManualSeed(g.Seed)
			o := g.Options
			kaiming := nninit.KaimingOptions{A: number(o.A), Mode: nninit.FanMode(o.Mode), Nonlinearity: nninit.Nonlinearity(o.Nonlinearity)}
			functions := map[string]func() *torch.Tensor{
				"uniform":         func() *torch.Tensor { return nninit.Uniform(x, *o.A, *o.B) },
				"normal":          func() *torch.Tensor { return nninit.Normal(x, *o.Mean, *o.Std) },
				"kaiming_uniform": func() *torch.Tensor { return nninit.KaimingUniform(x, kaiming) },
				"kaiming_normal":  func() *torch.Tensor { return nninit.KaimingNormal(x, kaiming) },
				"xavier_uniform":  func() *torch.Tensor { return nninit.XavierUniform(x, nninit.XavierOptions{Gain: o.Gain}) },
				"xavier_normal":   func() *torch.Tensor { return nninit.XavierNormal(x, nninit.XavierOptions{Gain: o.Gain}) },
				"trunc_normal": func() *torch.Tensor {
					return nninit.TruncNormal(x, nninit.TruncNormalOptions{Mean: *o.Mean, Std: o.Std, A: o.A, B: o.B})
				},
				"constant":   func() *torch.Tensor { return nninit.Constant(x, o.Val) },
				"ones":       func() *torch.Tensor { return nninit.Ones(x) },
				"zeros":      func() *torch.Tensor { return nninit.Zeros(x) },
				"eye":        func() *torch.Tensor { return nninit.Eye(x) },
				"dirac":      func() *torch.Tensor { return nninit.Dirac(x, nninit.DiracOptions{Groups: o.Groups}) },
				"orthogonal": func() *torch.Tensor { return nninit.Orthogonal(x, nninit.OrthogonalOptions{Gain: o.Gain}) },
				"sparse": func() *torch.Tensor {
					return nninit.Sparse(x, o.Sparsity, nninit.SparseOptions{Std: o.Std})
				},
			}
			require.Contains(t, functions, g.Name)
			got := functions[g.Name]()
			assert.Same(t, x, got)
			assert.True(t, x.IsLeaf() && x.RequiresGrad(), "nothing was recorded")
			g.Values.Check(t, x, exact, tolerance)
		})
	}
}

func TestMetaTensorsStayAsTheyAre(t *testing.T) {
	random := torch.ToSlice[uint8](torch.RNGState())
	for name, f := range map[string]func(x *torch.Tensor){
		"truncated":  func(x *torch.Tensor) { nninit.TruncNormal(x) },
		"orthogonal": func(x *torch.Tensor) { nninit.Orthogonal(x) },
		"sparse":     func(x *torch.Tensor) { nninit.Sparse(x, 0.5) },
		"kaiming":    func(x *torch.Tensor) { nninit.KaimingNormal(x) },
		"eye":        func(x *torch.Tensor) { nninit.Eye(x) },
		"dirac":      func(x *torch.Tensor) { nninit.Dirac(x.View(4, 3, 1)) },
	} {
		x := torch.Empty([]int{4, 3}, torch.TensorOptions{Device: torch.Meta})
		f(x)
		assert.Equal(t, "tensor(..., device='meta', size=(4, 3))", x.String(), name)
	}
	assert.Equal(t, random, torch.ToSlice[uint8](torch.RNGState()), "no numbers are drawn")
}

// number returns what v points to, or 0.
func number(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

func TestGenerators(t *testing.T) {
	draw := func(f func(x *torch.Tensor, g *torch.Generator)) []float32 {
		x := torch.Empty([]int{6, 6})
		f(x, torch.NewGenerator().ManualSeed(3))
		return torch.ToSlice[float32](x)
	}
	for name, f := range map[string]func(x *torch.Tensor, g *torch.Generator){
		"uniform": func(x *torch.Tensor, g *torch.Generator) { nninit.Uniform(x, 0, 1, nninit.RandomOptions{Generator: g}) },
		"xavier": func(x *torch.Tensor, g *torch.Generator) {
			nninit.XavierNormal(x, nninit.XavierOptions{Generator: g})
		},
		"kaiming": func(x *torch.Tensor, g *torch.Generator) {
			nninit.KaimingNormal(x, nninit.KaimingOptions{Generator: g})
		},
		"truncated": func(x *torch.Tensor, g *torch.Generator) {
			nninit.TruncNormal(x, nninit.TruncNormalOptions{Generator: g})
		},
		"orthogonal": func(x *torch.Tensor, g *torch.Generator) {
			nninit.Orthogonal(x, nninit.OrthogonalOptions{Generator: g})
		},
	} {
		assert.Equal(t, draw(f), draw(f), name)
	}
}

func TestCalculateGain(t *testing.T) {
	c, _ := golden(t)
	for _, g := range c.NNInit.Gains {
		assert.Equal(t, g.Gain, nninit.CalculateGain(nninit.Nonlinearity(g.Name), g.A), "%s %v", g.Name, g.A)
	}
	e := torchtest.Fails(t, func() { nninit.CalculateGain("gelu", 0) })
	assert.Equal(t, c.NNInit.Errors["gain"], e.Message)
	assert.Equal(t, torch.ValueError, e.Kind)
}

func TestFanInAndFanOut(t *testing.T) {
	c, _ := golden(t)
	for _, g := range c.NNInit.Fans {
		in, out := nninit.FanInAndFanOut(torch.Empty(g.Size))
		assert.Equal(t, g.Fans, []int{in, out}, "%v", g.Size)
	}
	e := torchtest.Fails(t, func() { nninit.KaimingUniform(torch.Empty([]int{3})) })
	assert.Equal(t, c.NNInit.Errors["fan"], e.Message)
	assert.Equal(t, torch.ValueError, e.Kind)
}

func TestBadInput(t *testing.T) {
	c, _ := golden(t)
	for name, f := range map[string]func(){
		"eye":        func() { nninit.Eye(torch.Empty([]int{3})) },
		"dirac":      func() { nninit.Dirac(torch.Empty([]int{3})) },
		"groups":     func() { nninit.Dirac(torch.Empty([]int{3, 2, 2}), nninit.DiracOptions{Groups: new(2)}) },
		"orthogonal": func() { nninit.Orthogonal(torch.Empty([]int{3})) },
		"sparse":     func() { nninit.Sparse(torch.Empty([]int{3}), 0.5) },
	} {
		assert.Equal(t, c.NNInit.Errors[name], torchtest.Fails(t, f).Message)
	}
	integers := torch.Zeros([]int{2, 2}, torch.TensorOptions{DType: torch.Int64})
	assert.Contains(t, torchtest.Fails(t, func() { nninit.Uniform(integers, 0, 1) }).Error(), "uniform_")
	assert.Contains(t, torchtest.Fails(t, func() { nninit.Uniform(torch.Zeros([]int{2}), 1, 0) }).Message, "uniform_ expects to return a [from, to) range")
	_ = torchtest.Fails(t, func() { nninit.Uniform(nil, 0, 1) })
	_ = torchtest.Fails(t, func() { nninit.KaimingUniform(nil) })

	empty := torch.Empty([]int{0, 3})
	assert.Same(t, empty, nninit.KaimingUniform(empty))
}
