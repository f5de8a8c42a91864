package windows_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/signal/windows"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

var named = map[string]func(m int, o windows.WindowOptions) *torch.Tensor{
	"bartlett": func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Bartlett(m, o) },
	"blackman": func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Blackman(m, o) },
	"cosine":   func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Cosine(m, o) },
	"exponential": func(m int, o windows.WindowOptions) *torch.Tensor {
		return windows.Exponential(m, windows.ExponentialOptions{Sym: o.Sym, TensorOptions: o.TensorOptions})
	},
	"gaussian": func(m int, o windows.WindowOptions) *torch.Tensor {
		return windows.Gaussian(m, windows.GaussianOptions{Sym: o.Sym, TensorOptions: o.TensorOptions})
	},
	"general_cosine": func(m int, o windows.WindowOptions) *torch.Tensor {
		return windows.GeneralCosine(m, []float64{0.46, 0.23, 0.31}, o)
	},
	"general_hamming": func(m int, o windows.WindowOptions) *torch.Tensor {
		return windows.GeneralHamming(m, windows.GeneralHammingOptions{Sym: o.Sym, TensorOptions: o.TensorOptions})
	},
	"hamming": func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Hamming(m, o) },
	"hann":    func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Hann(m, o) },
	"kaiser": func(m int, o windows.WindowOptions) *torch.Tensor {
		return windows.Kaiser(m, windows.KaiserOptions{Sym: o.Sym, TensorOptions: o.TensorOptions})
	},
	"nuttall": func(m int, o windows.WindowOptions) *torch.Tensor { return windows.Nuttall(m, o) },
}

func TestValuesArePythons(t *testing.T) {
	var golden map[string]torchtest.Tensor
	h := torchtest.Golden(t, "testdata/windows.json", &golden)
	require.Len(t, golden, 11*len(named)+4)
	for name, want := range golden {
		h.Run(t, func() {
			var window, m, sym string
			var got *torch.Tensor
			_, err := fmt.Sscan(name, &window, &m, &sym)
			switch {
			case err == nil:
				length := 0
				_, err := fmt.Sscan(m, &length)
				require.NoError(t, err)
				got = named[window](length, windows.WindowOptions{Sym: new(sym == "True")})
			case m == "float64":
				got = named[window](7, windows.WindowOptions{TensorOptions: torch.TensorOptions{DType: torch.Float64}})
			default:
				got = map[string]func() *torch.Tensor{
					"exponential": func() *torch.Tensor {
						return windows.Exponential(9, windows.ExponentialOptions{Center: new(2.0), Tau: new(2.5), Sym: new(false)})
					},
					"gaussian": func() *torch.Tensor { return windows.Gaussian(9, windows.GaussianOptions{Std: new(2.5)}) },
					"general_hamming": func() *torch.Tensor {
						return windows.GeneralHamming(9, windows.GeneralHammingOptions{Alpha: new(0.7)})
					},
					"kaiser": func() *torch.Tensor { return windows.Kaiser(9, windows.KaiserOptions{Beta: new(3.5)}) },
				}[window]()
			}
			want.Check(t, got, h.Exact(), 1e-6, name)
		})
	}
	w := windows.Hann(4, windows.WindowOptions{TensorOptions: torch.TensorOptions{RequiresGrad: true}})
	assert.True(t, w.RequiresGrad())
}

func TestRefused(t *testing.T) {
	calls := map[string]torchtest.Refused{
		"tau":    {Call: func() { windows.Exponential(2, windows.ExponentialOptions{Tau: new(0.0)}) }, Kind: torch.ValueError, Words: "Tau must be positive, got: 0.0 instead."},
		"center": {Call: func() { windows.Exponential(2, windows.ExponentialOptions{Center: new(0.0)}) }, Kind: torch.ValueError, Words: "Center must be nil for symmetric windows"},
		"std":    {Call: func() { windows.Gaussian(2, windows.GaussianOptions{Std: new(-1.0)}) }, Kind: torch.ValueError, Words: "Standard deviation must be positive, got: -1.0 instead."},
		"beta":   {Call: func() { windows.Kaiser(2, windows.KaiserOptions{Beta: new(-1.0)}) }, Kind: torch.ValueError, Words: "Beta must be non-negative, got: -1.0 instead."},
		"no a":   {Call: func() { windows.GeneralCosine(2, nil) }, Kind: torch.ValueError, Words: "Coefficients cannot be empty"},
		"no seed": {Call: func() {
			windows.Hann(2, windows.WindowOptions{TensorOptions: torch.TensorOptions{MemoryFormat: torch.ChannelsLast}})
		}, Kind: torch.TypeError, Words: "takes no Generator and no MemoryFormat"},
	}
	for name, f := range named {
		for what, c := range map[string]struct {
			m     int
			o     torch.TensorOptions
			words string
		}{
			"length": {m: -1, words: "requires a non-negative window length, got M=-1"},
			"layout": {m: 2, o: torch.TensorOptions{Layout: torch.SparseCOO}, words: "strided tensors only, got: torch.sparse_coo"},
			"dtype":  {m: 2, o: torch.TensorOptions{DType: torch.Float16}, words: "float32 or float64 dtypes, got: torch.float16"},
		} {
			calls[name+" "+what] = torchtest.Refused{
				Call: func() { f(c.m, windows.WindowOptions{TensorOptions: c.o}) }, Kind: torch.ValueError, Words: c.words,
			}
		}
	}
	torchtest.AllRefused(t, calls)
	err := torch.Try(func() { windows.Hann(-1) })
	assert.True(t, strings.HasPrefix(err.Error(), "windows.Hann: "), err)
}

func ExampleHann() {
	fmt.Println(windows.Hann(5))
	fmt.Println(windows.Hann(5, windows.WindowOptions{Sym: new(false)}))
	// Output:
	// tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
	// tensor([0.0000, 0.3455, 0.9045, 0.9045, 0.3455])
}
