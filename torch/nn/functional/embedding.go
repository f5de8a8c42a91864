package functional

import (
	"cmp"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// EmbeddingOptions are the options of [Embedding].
type EmbeddingOptions struct {
	PaddingIdx      *int     // a row that gets no gradient
	MaxNorm         *float64 // rows that are used are first scaled down to this norm, in place
	NormType        *float64 // of that norm; default: 2
	ScaleGradByFreq bool     // divide gradients by how often a row is used
	Sparse          bool     // weight's gradient is a sparse tensor
}

// Embedding returns the rows of weight (rows × size) at the indices of input: … ×
// size.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
func Embedding(input, weight *torch.Tensor, options ...EmbeddingOptions) *torch.Tensor {
	o := option.First(options)
	padding := -1
	if o.PaddingIdx != nil {
		padding = row("Embedding", *o.PaddingIdx, weight)
	}
	if o.MaxNorm != nil {
		input = input.Contiguous()
		renorm(weight, input, *o.MaxNorm, option.Or(o.NormType, 2))
	}
	return torch.Embedding(weight, input, torch.EmbeddingOptions{
		PaddingIdx: &padding, ScaleGradByFreq: o.ScaleGradByFreq, Sparse: o.Sparse,
	})
}

// row returns the row that an index stands for; negative ones count from the end.
func row(name string, index int, weight *torch.Tensor) int {
	n := weight.Size(0)
	if index < -n || index >= n {
		panic(torch.Errorf("functional."+name, torch.ValueError, "Padding_idx must be within num_embeddings"))
	}
	return (index + n) % n
}

func renorm(weight, indices *torch.Tensor, norm, p float64) {
	torch.NoGrad(func() { weight.EmbeddingRenormInplace(indices, norm, p) })
}

// EmbeddingBagOptions are the options of [EmbeddingBag].
type EmbeddingBagOptions struct {
	Offsets           *torch.Tensor // where each bag begins in a one-dimensional input
	MaxNorm           *float64      // rows that are used are first scaled down to this norm, in place
	NormType          *float64      // of that norm; default: 2
	ScaleGradByFreq   bool          // divide gradients by how often a row is used
	Mode              BagMode       // default: BagMean
	Sparse            bool          // weight's gradient is a sparse tensor
	PerSampleWeights  *torch.Tensor // a factor for each index, of input's shape; mode BagSum only
	IncludeLastOffset bool          // Offsets has the end of the last bag, too
	PaddingIdx        *int          // a row that does not count
}

// BagMode says how the rows of a bag are joined.
type BagMode string

// The modes of bags.
const (
	BagSum  BagMode = "sum"
	BagMean BagMode = "mean"
	BagMax  BagMode = "max"
)

var bagModes = map[BagMode]int{BagSum: 0, BagMean: 1, BagMax: 2}

// EmbeddingBag returns the sums, means or maxima of bags of rows of weight (rows ×
// size): input is bags × indices, or one-dimensional with Offsets; the result is
// bags × size.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
func EmbeddingBag(input, weight *torch.Tensor, options ...EmbeddingBagOptions) *torch.Tensor {
	const name = "EmbeddingBag"
	o := option.First(options)
	o.Mode = cmp.Or(o.Mode, "mean")
	mode, ok := bagModes[o.Mode]
	weights := o.PerSampleWeights
	switch {
	case weights != nil && !slices.Equal(weights.Shape(), input.Shape()):
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"embedding_bag: If per_sample_weights (%s) is not None, then it must have the same shape as the input (%s)", size(weights.Shape()), size(input.Shape())))
	case weight.Dim() != 2:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"weight has to be a 2D Tensor, but got Tensor of dimension %d", weight.Dim()))
	case !ok:
		panic(torch.Errorf("functional."+name, torch.ValueError, "mode has to be one of sum, mean or max"))
	case mode == 2 && o.ScaleGradByFreq:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"max mode does not support scaling the gradient by the frequency"))
	case mode == 2 && o.Sparse:
		panic(torch.Errorf("functional."+name, torch.ValueError, "max mode does not support sparse weights"))
	case weights != nil && mode != 0:
		panic(torch.Errorf("functional."+name, torch.NotImplementedError,
			"embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='%s'). Please open a feature request on GitHub.", o.Mode))
	}
	offsets, last := o.Offsets, o.IncludeLastOffset
	switch input.Dim() {
	case 2:
		if offsets != nil {
			panic(torch.Errorf("functional."+name, torch.ValueError,
				"if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>"))
		}
		offsets = torch.Arange(0, input.Numel(), input.Size(1), torch.TensorOptions{DType: input.DType(), Device: input.Device()})
		last = false
		input = input.Reshape(-1)
		if weights != nil {
			weights = weights.Reshape(-1)
		}
	case 1:
		if offsets == nil {
			panic(torch.Errorf("functional."+name, torch.ValueError, "offsets has to be a 1D Tensor but got None"))
		}
		if offsets.Dim() != 1 {
			panic(torch.Errorf("functional."+name, torch.ValueError, "offsets has to be a 1D Tensor"))
		}
	default:
		panic(torch.Errorf("functional."+name, torch.ValueError,
			"input has to be 1D or 2D Tensor, but got Tensor of dimension %d", input.Dim()))
	}
	if o.MaxNorm != nil {
		renorm(weight, input, *o.MaxNorm, option.Or(o.NormType, 2))
	}
	var c torch.Call
	c.Tensor(weight)
	c.Tensor(input)
	c.Tensor(offsets)
	c.Bool(o.ScaleGradByFreq)
	c.Int(mode)
	c.Bool(o.Sparse)
	c.Tensor(weights)
	c.Bool(last)
	if o.PaddingIdx != nil {
		c.Int(*o.PaddingIdx)
	} else {
		c.None()
	}
	r := c.Results(opEmbeddingBagPaddingIdx)
	bags := r.Tensor()
	for range 3 {
		r.Tensor().Close() // what backward needs, it keeps itself
	}
	return bags
}
