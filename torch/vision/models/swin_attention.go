package models

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// WindowAttention is what attention within windows needs to know beside its parameters.
type WindowAttention struct {
	WindowSize       [2]int // height and width, in patches
	ShiftSize        [2]int // how far windows are shifted
	NumHeads         int
	AttentionDropout float64 // the probability of zero for the weights of attention
	Dropout          float64 // the same for the results
}

// ShiftedWindowAttention is self-attention of patches to those in their window. A learned
// number for each head and each distance of two patches is added to the scores.
type ShiftedWindowAttention struct {
	nn.Module
	WindowAttention
	RelativePositionBiasTable *torch.Tensor // distances × heads
	RelativePositionIndex     *torch.Tensor `nn:",buffer"` // which distance two patches of a window have
	QKV                       *nn.Linear    `nn:"qkv"`
	Proj                      *nn.Linear
}

// ShiftedWindowAttentionV2 is self-attention of patches to those in their window, by the
// cosine of queries and keys. What is added to the scores for a distance of two patches a
// small network computes, so that it serves windows of other sizes.
type ShiftedWindowAttentionV2 struct {
	nn.Module
	WindowAttention
	LogitScale            *torch.Tensor  // the logarithm of what the cosines of each head are multiplied with, heads × 1 × 1
	RelativeCoordsTable   *torch.Tensor  `nn:",buffer"` // the distances, on a logarithmic scale
	RelativePositionIndex *torch.Tensor  `nn:",buffer"` // which distance two patches of a window have
	QKV                   *nn.Linear     `nn:"qkv"`
	Proj                  *nn.Linear     // of the results
	CPBMLP                *nn.Sequential `nn:"cpb_mlp"` // a distance to a number for each head
}

func newShiftedWindowAttention(dim int, w WindowAttention) *ShiftedWindowAttention {
	a := &ShiftedWindowAttention{WindowAttention: w, QKV: nn.NewLinear(dim, 3*dim), Proj: nn.NewLinear(dim, dim)}
	table := torch.Zeros([]int{(2*w.WindowSize[0] - 1) * (2*w.WindowSize[1] - 1), w.NumHeads})
	a.RelativePositionBiasTable = nn.NewParameter(nninit.TruncNormal(table, nninit.TruncNormalOptions{Std: new(0.02)}))
	a.RelativePositionIndex = w.distances()
	return nn.Init(a)
}

func newShiftedWindowAttentionV2(dim int, w WindowAttention) *ShiftedWindowAttentionV2 {
	a := &ShiftedWindowAttentionV2{WindowAttention: w, QKV: nn.NewLinear(dim, 3*dim), Proj: nn.NewLinear(dim, dim)}
	a.RelativeCoordsTable = w.coordinates()
	a.RelativePositionIndex = w.distances()
	a.LogitScale = nn.NewParameter(torch.Ones([]int{w.NumHeads, 1, 1}).Mul(10).Log())
	a.CPBMLP = nn.NewSequential(nn.NewLinear(2, 512), nn.NewReLU(nn.ReLUOptions{Inplace: true}),
		nn.NewLinear(512, w.NumHeads, nn.LinearOptions{Bias: new(false)}))
	fill(a.QKV.Bias.Detach().Narrow(0, dim, dim), 0)
	return nn.Init(a)
}

// distances returns which distance two patches of a window have, of all pairs in a row.
func (w WindowAttention) distances() *torch.Tensor {
	line := func(n int) *torch.Tensor { return torch.Arange(0, n, 1, torch.TensorOptions{Device: torch.CPU}) }
	between := func(places *torch.Tensor, size int) *torch.Tensor { // from 0 on
		places = places.Flatten()
		return places.Unsqueeze(1).Sub(places.Unsqueeze(0)).Add(size - 1)
	}
	places := torch.Meshgrid([]*torch.Tensor{line(w.WindowSize[0]), line(w.WindowSize[1])})
	down, right := between(places[0], w.WindowSize[0]), between(places[1], w.WindowSize[1])
	return down.Mul(2*w.WindowSize[1] - 1).Add(right).Flatten().To(torch.DefaultDevice())
}

// coordinates returns all distances down and right, 1 × down × right × 2, from −1 to 1 on a
// logarithmic scale.
func (w WindowAttention) coordinates() *torch.Tensor {
	line := func(n int) *torch.Tensor {
		return torch.Arange(1-n, n, 1, torch.TensorOptions{DType: torch.Float32, Device: torch.CPU})
	}
	table := torch.Stack(torch.Meshgrid([]*torch.Tensor{line(w.WindowSize[0]), line(w.WindowSize[1])}), 0)
	table = table.Permute(1, 2, 0).Contiguous().Unsqueeze(0)
	for i, n := range w.WindowSize {
		table.Select(3, i).DivInplace(n - 1)
	}
	table.MulInplace(8)
	return table.Sign().Mul(table.Abs().Add(1.0).Log2()).Div(3.0).To(torch.DefaultDevice())
}

// bias returns what is added to the scores, 1 × heads × patches × patches, of a table with a
// row for each distance.
func (w WindowAttention) bias(table, index *torch.Tensor) *torch.Tensor {
	patches := w.WindowSize[0] * w.WindowSize[1]
	return table.Index(index).View(patches, patches, -1).Permute(2, 0, 1).Contiguous().Unsqueeze(0)
}

// Forward returns the features of patches, batch × height × width × features, anew.
func (a *ShiftedWindowAttention) Forward(x *torch.Tensor) *torch.Tensor { return a.Run(x, a.forward) }

func (a *ShiftedWindowAttention) forward(x *torch.Tensor) *torch.Tensor {
	bias := a.bias(a.RelativePositionBiasTable, a.RelativePositionIndex)
	return a.inWindows(x, func(x, mask *torch.Tensor) *torch.Tensor {
		q, k, v := a.heads(functional.Linear(x, a.QKV.Weight, a.QKV.Bias))
		q = q.Mul(math.Pow(float64(q.Size(-1)), -0.5))
		return a.attend(q.Matmul(k.Transpose(-2, -1)).Add(bias), mask, v, a.Proj, a.IsTraining())
	})
}

// Forward is as that of [ShiftedWindowAttention].
func (a *ShiftedWindowAttentionV2) Forward(x *torch.Tensor) *torch.Tensor { return a.Run(x, a.forward) }

func (a *ShiftedWindowAttentionV2) forward(x *torch.Tensor) *torch.Tensor {
	table := a.CPBMLP.Forward(a.RelativeCoordsTable).View(-1, a.NumHeads)
	bias := a.bias(table, a.RelativePositionIndex).Sigmoid().Mul(16)
	return a.inWindows(x, func(x, mask *torch.Tensor) *torch.Tensor {
		qkvBias := a.QKV.Bias.Clone()
		qkvBias.Narrow(0, qkvBias.Numel()/3, qkvBias.Numel()/3).ZeroInplace() // keys have none
		q, k, v := a.heads(functional.Linear(x, a.QKV.Weight, qkvBias))
		unit := functional.NormalizeOptions{Dim: new(-1)}
		cosine := functional.Normalize(q, unit).Matmul(functional.Normalize(k, unit).Transpose(-2, -1))
		scores := cosine.Mul(a.LogitScale.ClampMax(math.Log(100)).Exp()).Add(bias)
		return a.attend(scores, mask, v, a.Proj, a.IsTraining())
	})
}

// heads returns queries, keys and values, each windows × heads × patches × features.
func (w WindowAttention) heads(qkv *torch.Tensor) (q, k, v *torch.Tensor) {
	qkv = qkv.Reshape(qkv.Size(0), qkv.Size(1), 3, w.NumHeads, qkv.Size(2)/(3*w.NumHeads)).Permute(2, 0, 3, 1, 4)
	return qkv.Select(0, 0), qkv.Select(0, 1), qkv.Select(0, 2)
}

// attend returns the values by their scores, windows × patches × features. mask is what is
// added to the scores of each window of an image, or nil.
func (w WindowAttention) attend(scores, mask, v *torch.Tensor, proj *nn.Linear, training bool) *torch.Tensor {
	if mask != nil {
		windows, patches := mask.Size(0), mask.Size(1)
		scores = scores.View(scores.Size(0)/windows, windows, w.NumHeads, patches, patches).Add(mask.Unsqueeze(1).Unsqueeze(0))
		scores = scores.View(-1, w.NumHeads, patches, patches)
	}
	scores = functional.Dropout(scores.Softmax(-1), functional.DropoutOptions{P: &w.AttentionDropout, Training: &training})
	x := scores.Matmul(v).Transpose(1, 2).Reshape(v.Size(0), v.Size(2), -1)
	return functional.Dropout(functional.Linear(x, proj.Weight, proj.Bias), functional.DropoutOptions{P: &w.Dropout, Training: &training})
}

// inWindows cuts images, batch × height × width × features, into windows, which f gets as
// windows × patches × features, and puts what f returns together again.
func (w WindowAttention) inWindows(x *torch.Tensor, f func(x, mask *torch.Tensor) *torch.Tensor) *torch.Tensor {
	batch, height, width, features := x.Size(0), x.Size(1), x.Size(2), x.Size(3)
	high, wide := w.WindowSize[0], w.WindowSize[1]
	down, across := (height+high-1)/high, (width+wide-1)/wide // how many windows
	padded := [2]int{down * high, across * wide}
	x = functional.Pad(x, []int{0, 0, 0, padded[1] - width, 0, padded[0] - height})
	shift := w.ShiftSize
	for i := range shift {
		if w.WindowSize[i] >= padded[i] {
			shift[i] = 0
		}
	}
	var mask *torch.Tensor
	if shift != [2]int{} {
		x = x.Roll([]int{-shift[0], -shift[1]}, []int{1, 2})
		mask = w.mask(padded, shift).To(x.Device(), x.DType())
	}
	x = x.View(batch, down, high, across, wide, features).Permute(0, 1, 3, 2, 4, 5).Reshape(batch*down*across, high*wide, features)
	x = f(x, mask).View(batch, down, across, high, wide, features).Permute(0, 1, 3, 2, 4, 5).Reshape(batch, padded[0], padded[1], features)
	if mask != nil {
		x = x.Roll(shift[:], []int{1, 2})
	}
	return x.Slice(1, 0, height, 1).Slice(2, 0, width, 1).Contiguous()
}

// mask returns what is added to the scores of each window, windows × patches × patches: −100
// for patches that are side by side only because the image was shifted.
func (w WindowAttention) mask(padded, shift [2]int) *torch.Tensor {
	// part is 0, 1 or 2: before the last window, and in it before and after its shift.
	part := func(at, dim int) float32 {
		switch {
		case shift[dim] == 0 || at >= padded[dim]-shift[dim]:
			return 2
		case at >= padded[dim]-w.WindowSize[dim]:
			return 1
		}
		return 0
	}
	parts := make([]float32, 0, padded[0]*padded[1])
	for i := range padded[0] {
		for j := range padded[1] {
			parts = append(parts, 3*part(i, 0)+part(j, 1))
		}
	}
	high, wide := w.WindowSize[0], w.WindowSize[1]
	x := torch.FromSlice(parts, padded[0]/high, high, padded[1]/wide, wide).Permute(0, 2, 1, 3).Reshape(-1, high*wide)
	x = x.Unsqueeze(1).Sub(x.Unsqueeze(2))
	return x.MaskedFill(x.Ne(0), -100.0)
}
