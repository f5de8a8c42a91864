package functional

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/vision/ops/internal/kernels"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// TestPlainRoIAlign compares the form that needs no library with torchvision's operator,
// bit for bit; gradients are added up in another order.
func TestPlainRoIAlign(t *testing.T) {
	var g struct {
		Tensors map[string]torchtest.Tensor
		Cases   []struct {
			Name    string
			Tensors []string
			Results []torchtest.Tensor
			Grads   []*torchtest.Tensor
		}
	}
	h := torchtest.Golden(t, "../testdata/ops.json.gz", &g)
	sizes := map[string]kernels.Size{
		"roi_align":          {Scale: 0.7, Height: 3, Width: 2, Sampling: 2},
		"roi_align aligned":  {Scale: 1, Height: 3, Width: 3, Sampling: -1, Aligned: true},
		"roi_align of lists": {Scale: 0.5, Height: 2, Width: 2, Sampling: -1},
	}
	found := 0
	for _, c := range g.Cases {
		size, ok := sizes[c.Name]
		if !ok {
			continue
		}
		found++
		x := g.Tensors[c.Tensors[0]].Make(t).SetRequiresGrad(true)
		var boxes Boxes = g.Tensors[c.Tensors[1]].Make(t)
		if len(c.Tensors) > 2 {
			boxes = []*torch.Tensor{boxes.(*torch.Tensor), g.Tensors[c.Tensors[2]].Make(t)}
		}
		y := plainRoIAlign(x, regionsOf("test", x, boxes), size)
		c.Results[0].Check(t, y, h.Exact(), 1e-5, c.Name)
		y.Mul(y).Sum().Backward()
		c.Grads[0].Check(t, x.Grad(), false, 1e-5, c.Name)
	}
	assert.Equal(t, len(sizes), found)

	// Half precision is computed in Float32 and rounded once.
	x, rois := g.Tensors["features"].Make(t), g.Tensors["rois"].Make(t)
	half := plainRoIAlign(x.To(torch.BFloat16), rois.To(torch.BFloat16), sizes["roi_align"])
	assert.Equal(t, torch.BFloat16, half.DType())
	whole := plainRoIAlign(x.To(torch.BFloat16).To(torch.Float32), rois.To(torch.BFloat16).To(torch.Float32), sizes["roi_align"])
	assert.True(t, half.Equal(whole.To(torch.BFloat16)))
	assert.Equal(t, []int{0, 4, 3, 2}, plainRoIAlign(x, rois.Index(torch.To(0)), sizes["roi_align"]).Shape())
}

// TestGradients holds the derivatives of the library's operators against differences.
func TestGradients(t *testing.T) {
	torch.ManualSeed(3)
	double := torch.TensorOptions{DType: torch.Float64}
	x := torch.Rand([]int{1, 4, 5, 6}, double).SetRequiresGrad(true)
	rois := torch.NewTensor([][]float64{{0, 0.3, 0.6, 3.2, 4.1}, {0, 1.2, 0, 5, 3}}, double)
	checks := map[string]func(inputs ...*torch.Tensor) *torch.Tensor{
		"RoIAlign": func(in ...*torch.Tensor) *torch.Tensor { return RoIAlign(in[0], rois, 2) },
		"RoIPool":  func(in ...*torch.Tensor) *torch.Tensor { return RoIPool(in[0], rois, 2) },
		"PSRoIAlign": func(in ...*torch.Tensor) *torch.Tensor {
			return PSRoIAlign(in[0], rois, 2, PSRoIAlignOptions{SamplingRatio: new(2)})
		},
		"PSRoIPool": func(in ...*torch.Tensor) *torch.Tensor { return PSRoIPool(in[0], rois, 2) },
	}
	if kernels.Load() != nil {
		checks = map[string]func(inputs ...*torch.Tensor) *torch.Tensor{"RoIAlign": checks["RoIAlign"]}
	}
	for name, f := range checks {
		assert.NoError(t, autograd.Gradcheck(f, []*torch.Tensor{x}), name)
	}
	if kernels.Load() != nil {
		return
	}
	weight, bias := torch.Rand([]int{2, 4, 2, 2}, double).SetRequiresGrad(true), torch.Rand([]int{2}, double).SetRequiresGrad(true)
	offset := torch.Rand([]int{1, 8, 4, 5}, double).Mul(0.8).Add(0.1).SetRequiresGrad(true)
	mask := torch.Rand([]int{1, 4, 4, 5}, double).SetRequiresGrad(true)
	deform := func(in ...*torch.Tensor) *torch.Tensor {
		return DeformConv2d(in[0], in[1], in[2], DeformConv2dOptions{Bias: in[3], Mask: in[4]})
	}
	assert.NoError(t, autograd.Gradcheck(deform, []*torch.Tensor{x, offset, weight, bias, mask}))

	// Python has no second derivatives either.
	y := RoIAlign(x, rois, 2)
	first := autograd.Grad([]*torch.Tensor{y.Mul(y).Sum()}, []*torch.Tensor{x}, autograd.GradOptions{CreateGraph: true})[0]
	assert.ErrorContains(t, torch.Try(func() { first.Sum().Backward() }), "trying to differentiate twice")
}

// TestAutocast has the operators compute in Float32, as torchvision does.
func TestAutocast(t *testing.T) {
	if kernels.Load() != nil {
		t.Skip("torchvision's library is not installed; make torchvision does")
	}
	x, rois := torch.Rand([]int{1, 2, 5, 5}), torch.NewTensor([][]float32{{0, 0.25, 0.5, 3.25, 4}})
	half := x.To(torch.BFloat16)
	want := RoIAlign(half.To(torch.Float32), rois, 2).To(torch.BFloat16)
	torch.Autocast(torch.CPU, func() {
		y := RoIAlign(half, rois, 2)
		assert.Equal(t, torch.BFloat16, y.DType())
		assert.True(t, want.Equal(y))
	})
}

func TestOddRegionsAreRefused(t *testing.T) {
	x, box := torch.Ones([]int{1, 4, 5, 6}), torch.NewTensor([][]float32{{0, 1, 1, 2, 2}})
	boxes := func(values ...float32) *torch.Tensor { return torch.FromSlice(values, 1, len(values)) }
	of := func(kind torch.ErrorKind, words string, b Boxes) torchtest.Refused {
		return torchtest.Refused{Call: func() { RoIAlign(x, b, 2) }, Kind: kind, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no boxes":       of(torch.TypeError, "boxes is expected to be a Tensor[L, 5] or a List[Tensor[K, 4]]", nil),
		"four numbers":   of(torch.ValueError, "The boxes tensor shape is not correct as Tensor[K, 5]", boxes(1, 1, 2, 2)),
		"five in a list": of(torch.ValueError, "not correct as List[Tensor[L, 4]]", []*torch.Tensor{box}),
		"an empty list":  of(torch.ValueError, "the boxes list must not be empty", []*torch.Tensor{}),
		"another image":  of(torch.IndexError, "boxes are of images 1 to 1, and the batch has 1", boxes(1, 1, 1, 2, 2)),
		"before images":  of(torch.IndexError, "boxes are of images -1 to -1", boxes(-1, 1, 1, 2, 2)),
		"a longer list":  of(torch.IndexError, "boxes are of images 0 to 1", []*torch.Tensor{boxes(1, 1, 2, 2), boxes(1, 1, 2, 2)}),
		"not a number":   of(torch.ValueError, "boxes must be finite", boxes(0, 1, float32(math.NaN()), 2, 2)),
		"three sizes":    {Call: func() { RoIAlign(x, box, []int{2}) }, Kind: torch.IndexError, Words: "tuple index out of range"},
		"no batch":       {Call: func() { RoIAlign(x.Select(0, 0), box, 2) }, Kind: torch.ValueError, Words: "x should be 4 dimensional. Got 3 dimensions."},
		"probability":    {Call: func() { StochasticDepth(x, 1.5, "row") }, Kind: torch.ValueError, Words: "drop probability has to be between 0 and 1, but got 1.5"},
		"mode":           {Call: func() { StochasticDepth(x, 0.5, "rows") }, Kind: torch.ValueError, Words: "mode has to be either 'batch' or 'row', but got rows"},
		"block":          {Call: func() { DropBlock2d(x, 0.5, 2) }, Kind: torch.ValueError, Words: "block size should be odd. Got 2 which is even."},
		"dimensions":     {Call: func() { DropBlock3d(x, 0.5, 3) }, Kind: torch.ValueError, Words: "input should be 5 dimensional. Got 4 dimensions."},
		"offsets": {Call: func() { DeformConv2d(x, torch.Ones([]int{1, 2, 4, 5}), torch.Ones([]int{1, 4, 2, 2})) }, Kind: torch.RuntimeError,
			Words: "the shape of the offset tensor at dimension 1 is not valid"},
	})
	for _, p := range []float64{0, 1} {
		y := StochasticDepth(x, p, "batch")
		assert.Equal(t, (1-p)*float64(x.Numel()), y.Sum().Item())
	}
}
