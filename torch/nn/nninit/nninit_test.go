package nninit_test

import (
	"errors"
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
				A, B, Mean, Std    float64
				Gain               *float64
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

func fails(t *testing.T, f func()) *torch.Error {
	t.Helper()
	var e *torch.Error
	require.True(t, errors.As(torch.Try(f), &e), "no error")
	return e
}

func TestValuesAreThoseOfPython(t *testing.T) {
	c, exact := golden(t)
	for _, g := range c.NNInit.Drawn {
		t.Run(fmt.Sprintf("%s %v %+v", g.Name, g.Size, g.Options), func(t *testing.T) {
			x := torch.Empty(g.Size, torch.TensorOptions{RequiresGrad: true})
			torch.ManualSeed(g.Seed)
			var got *torch.Tensor
			switch g.Name {
			case "uniform":
				got = nninit.Uniform(x, g.Options.A, g.Options.B)
			case "kaiming_uniform":
				got = nninit.KaimingUniform(x, nninit.KaimingOptions{
					A: g.Options.A, FanOut: g.Options.Mode == "fan_out", Nonlinearity: g.Options.Nonlinearity})
			case "normal":
				got = nninit.Normal(x, g.Options.Mean, g.Options.Std)
			case "xavier_uniform":
				got = nninit.XavierUniform(x, nninit.XavierOptions{Gain: g.Options.Gain})
			case "xavier_normal":
				got = nninit.XavierNormal(x, nninit.XavierOptions{Gain: g.Options.Gain})
			default:
				t.Fatalf("no function %q", g.Name)
			}
			assert.Same(t, x, got)
			assert.True(t, x.IsLeaf() && x.RequiresGrad(), "nothing was recorded")
			g.Values.Check(t, x, exact, tolerance)
		})
	}
}

func TestCalculateGain(t *testing.T) {
	c, _ := golden(t)
	for _, g := range c.NNInit.Gains {
		assert.Equal(t, g.Gain, nninit.CalculateGain(g.Name, g.A), "%s %v", g.Name, g.A)
	}
	e := fails(t, func() { nninit.CalculateGain("gelu", 0) })
	assert.Equal(t, c.NNInit.Errors["gain"], e.Message)
	assert.Equal(t, torch.ValueError, e.Kind)
}

func TestFanInAndFanOut(t *testing.T) {
	c, _ := golden(t)
	for _, g := range c.NNInit.Fans {
		in, out := nninit.FanInAndFanOut(torch.Empty(g.Size))
		assert.Equal(t, g.Fans, []int{in, out}, "%v", g.Size)
	}
	e := fails(t, func() { nninit.KaimingUniform(torch.Empty([]int{3})) })
	assert.Equal(t, c.NNInit.Errors["fan"], e.Message)
	assert.Equal(t, torch.ValueError, e.Kind)
}

func TestBadInput(t *testing.T) {
	integers := torch.Zeros([]int{2, 2}, torch.TensorOptions{DType: torch.Int64})
	assert.Contains(t, fails(t, func() { nninit.Uniform(integers, 0, 1) }).Error(), "uniform_")
	assert.Contains(t, fails(t, func() { nninit.Uniform(torch.Zeros([]int{2}), 1, 0) }).Message, "uniform_ expects to return a [from, to) range")
	_ = fails(t, func() { nninit.Uniform(nil, 0, 1) })
	_ = fails(t, func() { nninit.KaimingUniform(nil) })

	empty := torch.Empty([]int{0, 3})
	assert.Same(t, empty, nninit.KaimingUniform(empty))
}
