package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrizations"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrize"
)

// Double is the twin of Double in scripts/golden/parametrizations.py.
type Double struct{ nn.Module }

// Forward returns 2x.
func (d *Double) Forward(x *torch.Tensor) *torch.Tensor {
	return d.Run(x, func(x *torch.Tensor) *torch.Tensor { return x.Mul(2) })
}

func newDouble() *Double { return nn.Init(&Double{}) }

func twice(l *nn.Linear) *nn.Linear {
	parametrizations.WeightNorm(l)
	parametrize.RegisterParametrization(l, "weight", newDouble())
	return parametrize.RegisterParametrization(l, "bias", newDouble())
}

func doubled(l *nn.Linear) *nn.Linear {
	return parametrize.RegisterParametrization(l, "weight", newDouble())
}

func removed(l *nn.Linear, options ...parametrize.RemoveOptions) *nn.Linear {
	return parametrize.RemoveParametrizations(parametrizations.SpectralNorm(l), "weight", options...)
}

func TestParametrizationsAreThoseOfPython(t *testing.T) {
	linear := func(in, out int, register func(l *nn.Linear) *nn.Linear) maker {
		return layer(func() *nn.Linear { return register(nn.NewLinear(in, out)) })
	}
	weight := func(o parametrizations.WeightNormOptions) maker {
		return linear(4, 3, func(l *nn.Linear) *nn.Linear { return parametrizations.WeightNorm(l, o) })
	}
	spectral := func(o parametrizations.SpectralNormOptions) maker {
		return linear(4, 3, func(l *nn.Linear) *nn.Linear { return parametrizations.SpectralNorm(l, o) })
	}
	orthogonal := func(out int, o parametrizations.OrthogonalOptions) maker {
		return linear(4, out, func(l *nn.Linear) *nn.Linear { return parametrizations.Orthogonal(l, o) })
	}
	transferred := parametrize.TransferParametrizationsAndParams[*nn.Linear]
	free := new(false)
	small := func() *nn.Linear { return nn.NewLinear(2, 3) }
	checkModulesAndErrors(t, "testdata/parametrizations.json.gz", map[string]maker{
		"weight norm":            weight(parametrizations.WeightNormOptions{}),
		"weight norm of columns": weight(parametrizations.WeightNormOptions{Dim: 1}),
		"weight norm of all":     weight(parametrizations.WeightNormOptions{Dim: -1}),
		"weight norm of a bias":  weight(parametrizations.WeightNormOptions{Name: "bias"}),
		"weight norm of a convolution": layer(func() *nn.Conv2d {
			return parametrizations.WeightNorm(nn.NewConv2d(2, 3, 2))
		}),
		"spectral norm":               spectral(parametrizations.SpectralNormOptions{}),
		"spectral norm in evaluation": spectral(parametrizations.SpectralNormOptions{}),
		"spectral norm of a convolution": layer(func() *nn.Conv2d {
			return parametrizations.SpectralNorm(nn.NewConv2d(2, 3, 2), parametrizations.SpectralNormOptions{NPowerIterations: new(3), Eps: new(1e-3)})
		}),
		"spectral norm of a transposed one": layer(func() *nn.ConvTranspose2d {
			return parametrizations.SpectralNorm(nn.NewConvTranspose2d(2, 3, 2))
		}),
		"spectral norm of a bias":             spectral(parametrizations.SpectralNormOptions{Name: "bias"}),
		"spectral norm, dim":                  spectral(parametrizations.SpectralNormOptions{Dim: new(-1)}),
		"orthogonal":                          orthogonal(4, parametrizations.OrthogonalOptions{}),
		"orthogonal, high":                    orthogonal(6, parametrizations.OrthogonalOptions{}),
		"orthogonal, wide":                    orthogonal(3, parametrizations.OrthogonalOptions{}),
		"orthogonal, cayley":                  orthogonal(4, parametrizations.OrthogonalOptions{OrthogonalMap: "cayley"}),
		"orthogonal, cayley, wide":            orthogonal(3, parametrizations.OrthogonalOptions{OrthogonalMap: "cayley"}),
		"orthogonal, exp, high":               orthogonal(6, parametrizations.OrthogonalOptions{OrthogonalMap: "matrix_exp", UseTrivialization: free}),
		"orthogonal, householder, free":       orthogonal(4, parametrizations.OrthogonalOptions{OrthogonalMap: "householder", UseTrivialization: free}),
		"orthogonal, householder, wide, free": orthogonal(3, parametrizations.OrthogonalOptions{UseTrivialization: free}),
		"several":                             linear(4, 3, twice),
		"in a net": layer(func() *nn.Sequential {
			return nn.NewSequential(parametrizations.WeightNorm(nn.NewLinear(4, 3)), nn.NewReLU(), nn.NewLinear(3, 1))
		}),
		"removed": linear(4, 3, func(l *nn.Linear) *nn.Linear { return removed(l) }),
		"removed, original": linear(4, 3, func(l *nn.Linear) *nn.Linear {
			return removed(l, parametrize.RemoveOptions{LeaveParametrized: new(false)})
		}),
		"transferred":          linear(4, 3, func(l *nn.Linear) *nn.Linear { return transferred(twice(l), nn.NewLinear(4, 3)) }),
		"transferred, by name": linear(4, 3, func(l *nn.Linear) *nn.Linear { return transferred(twice(l), nn.NewLinear(4, 3), "weight") }),
		"transferred, spectral norm": linear(4, 3, func(l *nn.Linear) *nn.Linear {
			return transferred(parametrizations.SpectralNorm(l), nn.NewLinear(4, 3))
		}),
		"transferred from none": linear(4, 3, func(l *nn.Linear) *nn.Linear { return transferred(l, doubled(nn.NewLinear(4, 3))) }),
		"transferred to parametrized ones": linear(4, 3, func(l *nn.Linear) *nn.Linear {
			return transferred(doubled(l), doubled(nn.NewLinear(4, 3)))
		}),
		"transferred to a new one": layer(func() *nn.Identity {
			return parametrize.TransferParametrizationsAndParams(twice(nn.NewLinear(4, 3)), nn.NewIdentity())
		}),
		"transferred, a buffer": layer(func() *nn.BatchNorm1d {
			from := parametrize.RegisterParametrization(nn.NewBatchNorm1d(4), "running_mean", newDouble())
			return parametrize.TransferParametrizationsAndParams(from, nn.NewBatchNorm1d(4))
		}),
	}, map[string]func(){
		"no tensor": func() { parametrize.RegisterParametrization(small(), "w", newDouble()) },
		"shape": func() {
			parametrize.RegisterParametrization(small(), "weight", nn.NewFlatten(nn.FlattenOptions{StartDim: new(0)}))
		},
		"second shape": func() {
			parametrize.RegisterParametrization(parametrizations.WeightNorm(small()), "weight", nn.NewFlatten(nn.FlattenOptions{StartDim: new(0)}))
		},
		"not parametrized": func() { parametrize.RemoveParametrizations(small(), "weight") },
		"several originals": func() {
			parametrize.RemoveParametrizations(parametrizations.WeightNorm(small()), "weight", parametrize.RemoveOptions{LeaveParametrized: new(false)})
		},
		"spectral name": func() { parametrizations.SpectralNorm(small(), parametrizations.SpectralNormOptions{Name: "w"}) },
		"spectral dim":  func() { parametrizations.SpectralNorm(small(), parametrizations.SpectralNormOptions{Dim: new(2)}) },
		"spectral iterations": func() {
			parametrizations.SpectralNorm(small(), parametrizations.SpectralNormOptions{NPowerIterations: new(0)})
		},
		"orthogonal dimensions": func() { parametrizations.Orthogonal(small(), parametrizations.OrthogonalOptions{Name: "bias"}) },
		"orthogonal map":        func() { parametrizations.Orthogonal(small(), parametrizations.OrthogonalOptions{OrthogonalMap: "qr"}) },
		"orthogonal complex": func() {
			parametrizations.Orthogonal(nn.NewLinear(2, 3, nn.LinearOptions{DType: torch.Complex64}),
				parametrizations.OrthogonalOptions{OrthogonalMap: "householder"})
		},
		"assign":       func() { parametrize.Assign(twice(small()), "bias", torch.Ones([]int{3})) },
		"assign shape": func() { parametrize.Assign(parametrizations.Orthogonal(small()), "weight", torch.Ones([]int{2, 2})) },
	})
}

func TestParametrizedModulesAreCopied(t *testing.T) {
	x := torch.Ones([]int{2, 4})
	for name, l := range map[string]*nn.Linear{
		"weight norm":   parametrizations.WeightNorm(nn.NewLinear(4, 3)),
		"spectral norm": parametrizations.SpectralNorm(nn.NewLinear(4, 3)),
		"orthogonal":    parametrizations.Orthogonal(nn.NewLinear(4, 3)),
		"several":       twice(nn.NewLinear(4, 3)),
	} {
		l.Eval()
		y := torch.ToSlice[float32](l.Forward(x))
		c := nn.DeepCopy(l)
		assert.Equal(t, l.String(), c.String(), name)
		assert.Equal(t, torch.ToSlice[float32](l.Weight), torch.ToSlice[float32](c.Weight), name)
		torch.NoGrad(func() {
			for _, p := range l.Parameters() {
				p.MulInplace(3)
			}
		})
		assert.Equal(t, y, torch.ToSlice[float32](c.Forward(x)), name)
		c.Forward(x).Sum().Backward()
		for _, p := range c.NamedParameters() {
			assert.NotNil(t, p.Tensor.Grad(), "%s, %s", name, p.Name)
		}
	}
}

func TestWeightNormLoadsOlderNames(t *testing.T) {
	l := parametrizations.WeightNorm(nn.NewLinear(2, 1))
	_, err := l.LoadStateDict(nn.StateDict{
		{Name: "bias", Tensor: torch.Zeros([]int{1})},
		{Name: "weight_g", Tensor: torch.FromSlice([]float32{10}, 1, 1)},
		{Name: "weight_v", Tensor: torch.FromSlice([]float32{3, 4}, 1, 2)},
	})
	require.NoError(t, err)
	assert.InDelta(t, 14, l.Forward(torch.Ones([]int{1, 2})).Item(), 1e-5)
}

func TestAttentionSeesParametrizedProjections(t *testing.T) {
	m := nn.NewMultiheadAttention(4, 2)
	parametrize.RegisterParametrization(m.OutProj, "weight", newDouble())
	x := torch.Rand([]int{3, 1, 4})
	before, _ := m.Forward(x, x, x)
	torch.NoGrad(func() { m.OutProj.GetParameter("parametrizations.weight.original").ZeroInplace() })
	after, _ := m.Forward(x, x, x)
	assert.NotEqual(t, torch.ToSlice[float32](before), torch.ToSlice[float32](after))
	assert.Equal(t, make([]float32, 12), torch.ToSlice[float32](after))
}
