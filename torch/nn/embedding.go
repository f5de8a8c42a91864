package nn

import (
	"fmt"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/python"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/nninit"
)

// EmbeddingTable is what [Embedding] and [EmbeddingBag] share: a row of numbers for
// each index.
type EmbeddingTable struct {
	Module
	NumEmbeddings   int           // rows
	EmbeddingDim    int           // numbers in a row
	PaddingIdx      *int          // a row that gets no gradient, or nil
	MaxNorm         *float64      // what rows are scaled down to when they are used, or nil
	NormType        float64       // of that norm
	ScaleGradByFreq bool          // divide gradients by how often a row is used
	Sparse          bool          // Weight's gradient is a sparse tensor
	Weight          *torch.Tensor // NumEmbeddings × EmbeddingDim
}

// newTable returns a table of the given weights, or, where they are nil, of new
// ones; padding is what the padding index is called in errors.
func newEmbeddingTable(name, padding string, rows, dim int, weight *torch.Tensor, o EmbeddingOptions) EmbeddingTable {
	e := EmbeddingTable{NumEmbeddings: rows, EmbeddingDim: dim, MaxNorm: o.MaxNorm, NormType: option.Or(o.NormType, 2),
		ScaleGradByFreq: o.ScaleGradByFreq, Sparse: o.Sparse}
	if p := o.PaddingIdx; p != nil {
		if *p >= rows || *p < -rows {
			panic(torch.Errorf("nn."+name, torch.ValueError, "%s must be within num_embeddings", padding))
		}
		e.PaddingIdx = new((*p + rows) % rows)
	}
	if weight != nil {
		e.Weight = NewParameter(weight)
		return e
	}
	e.Weight = NewParameter(torch.Empty([]int{rows, dim}, torch.TensorOptions{Device: o.Device, DType: o.DType}))
	e.ResetParameters()
	return e
}

// ResetParameters draws the weights from the normal distribution of mean 0 and
// variance 1, and sets the row PaddingIdx to 0.
func (e *EmbeddingTable) ResetParameters() {
	nninit.Normal(e.Weight, 0, 1)
	if e.PaddingIdx != nil {
		torch.NoGrad(func() { e.Weight.Select(0, *e.PaddingIdx).FillInplace(0) })
	}
}

// normRepr writes the options of norm and gradient as Python prints them.
func (e *EmbeddingTable) normRepr() (text string) {
	if e.MaxNorm != nil {
		text += ", max_norm=" + python.Repr(*e.MaxNorm)
	}
	if e.NormType != 2 {
		text += ", norm_type=" + python.Repr(e.NormType)
	}
	if e.ScaleGradByFreq {
		text += ", scale_grad_by_freq=True"
	}
	return text
}

func (e *EmbeddingTable) paddingRepr() string {
	if e.PaddingIdx == nil {
		return ""
	}
	return fmt.Sprintf(", padding_idx=%d", *e.PaddingIdx)
}

// pretrained returns the size of given weights. It panics unless they are a matrix.
func pretrained(name string, weight *torch.Tensor) (rows, dim int) {
	if weight.Dim() != 2 {
		panic(torch.Errorf("nn."+name, torch.ValueError, "Embeddings parameter is expected to be 2-dimensional"))
	}
	return weight.Size(0), weight.Size(1)
}

// Embedding looks up rows of Weight, one for each index.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
type Embedding struct {
	EmbeddingTable // NumEmbeddings, EmbeddingDim, PaddingIdx, MaxNorm, NormType, ScaleGradByFreq, Sparse, Weight
}

// EmbeddingOptions are the options of [NewEmbedding].
type EmbeddingOptions struct {
	PaddingIdx      *int         // a row that is 0 at first and gets no gradient; negative: from the end
	MaxNorm         *float64     // rows that are used are first scaled down to this norm, in place
	NormType        *float64     // of that norm; default: 2
	ScaleGradByFreq bool         // divide gradients by how often a row is used
	Sparse          bool         // Weight's gradient is a sparse tensor
	Device          torch.Device // default: torch.DefaultDevice()
	DType           torch.DType  // default: Float32
}

// NewEmbedding returns a layer with a row of dim numbers for each of rows indices,
// drawn from the normal distribution of mean 0 and variance 1. It panics on a
// padding index that is no row.
func NewEmbedding(rows, dim int, options ...EmbeddingOptions) *Embedding {
	return Init(&Embedding{newEmbeddingTable("NewEmbedding", "Padding_idx", rows, dim, nil, option.First(options))})
}

// EmbeddingPretrainedOptions are the options of [NewEmbeddingFromPretrained].
type EmbeddingPretrainedOptions struct {
	Freeze *bool // do not train the weights; default: true
	EmbeddingOptions
}

// NewEmbeddingFromPretrained returns a layer of the given weights (rows × dim),
// whose memory it shares. It panics unless they are a matrix.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html#torch.nn.Embedding.from_pretrained
func NewEmbeddingFromPretrained(weight *torch.Tensor, options ...EmbeddingPretrainedOptions) *Embedding {
	const name = "NewEmbeddingFromPretrained"
	o := option.First(options)
	rows, dim := pretrained(name, weight)
	e := Init(&Embedding{newEmbeddingTable(name, "Padding_idx", rows, dim, weight, o.EmbeddingOptions)})
	e.Weight.SetRequiresGrad(!option.Or(o.Freeze, true))
	return e
}

// Forward returns the rows at the indices of x (Int64 or Int32, of any shape): x's
// dimensions, then EmbeddingDim. It panics on an index that is no row.
func (e *Embedding) Forward(x *torch.Tensor) *torch.Tensor { return e.Run(x, e.forward) }

func (e *Embedding) forward(x *torch.Tensor) *torch.Tensor {
	return functional.Embedding(x, e.Weight, functional.EmbeddingOptions{
		PaddingIdx: e.PaddingIdx, MaxNorm: e.MaxNorm, NormType: &e.NormType, ScaleGradByFreq: e.ScaleGradByFreq, Sparse: e.Sparse,
	})
}

// ExtraRepr returns the options as Python prints them.
func (e *Embedding) ExtraRepr() string {
	text := fmt.Sprintf("%d, %d", e.NumEmbeddings, e.EmbeddingDim) + e.paddingRepr() + e.normRepr()
	if e.Sparse {
		text += ", sparse=True"
	}
	return text
}

// EmbeddingBag looks up rows of Weight and gives the sum, the mean or the maximum
// of each bag of them, without the rows themselves in memory.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
type EmbeddingBag struct {
	EmbeddingTable                       // NumEmbeddings, EmbeddingDim, PaddingIdx, MaxNorm, NormType, ScaleGradByFreq, Sparse, Weight
	Mode              functional.BagMode // of a bag's rows
	IncludeLastOffset bool               // offsets have the end of the last bag, too
}

// EmbeddingBagOptions are the options of [NewEmbeddingBag].
type EmbeddingBagOptions struct {
	MaxNorm           *float64           // rows that are used are first scaled down to this norm, in place
	NormType          *float64           // of that norm; default: 2
	ScaleGradByFreq   bool               // divide gradients by how often a row is used; not with mode "max"
	Mode              functional.BagMode // default: functional.BagMean
	Sparse            bool               // Weight's gradient is a sparse tensor; not with mode "max"
	IncludeLastOffset bool               // offsets have the end of the last bag, too
	PaddingIdx        *int               // a row that is 0 at first and does not count; negative: from the end
	Device            torch.Device       // default: torch.DefaultDevice()
	DType             torch.DType        // default: Float32
}

// NewEmbeddingBag returns a module with a row of dim numbers for each of rows
// indices, drawn from the normal distribution of mean 0 and variance 1. It panics
// on a padding index that is no row.
func NewEmbeddingBag(rows, dim int, options ...EmbeddingBagOptions) *EmbeddingBag {
	return newEmbeddingBag("NewEmbeddingBag", rows, dim, nil, option.First(options))
}

func newEmbeddingBag(name string, rows, dim int, weight *torch.Tensor, o EmbeddingBagOptions) *EmbeddingBag {
	rowOptions := EmbeddingOptions{PaddingIdx: o.PaddingIdx, MaxNorm: o.MaxNorm, NormType: o.NormType,
		ScaleGradByFreq: o.ScaleGradByFreq, Sparse: o.Sparse, Device: o.Device, DType: o.DType}
	return Init(&EmbeddingBag{newEmbeddingTable(name, "padding_idx", rows, dim, weight, rowOptions),
		pick(o.Mode == "", "mean", o.Mode), o.IncludeLastOffset})
}

// EmbeddingBagPretrainedOptions are the options of [NewEmbeddingBagFromPretrained].
type EmbeddingBagPretrainedOptions struct {
	Freeze *bool // do not train the weights; default: true
	EmbeddingBagOptions
}

// NewEmbeddingBagFromPretrained returns a module of the given weights (rows × dim),
// whose memory it shares. It panics unless they are a matrix.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html#torch.nn.EmbeddingBag.from_pretrained
func NewEmbeddingBagFromPretrained(weight *torch.Tensor, options ...EmbeddingBagPretrainedOptions) *EmbeddingBag {
	const name = "NewEmbeddingBagFromPretrained"
	o := option.First(options)
	rows, dim := pretrained(name, weight)
	e := newEmbeddingBag(name, rows, dim, weight, o.EmbeddingBagOptions)
	e.Weight.SetRequiresGrad(!option.Or(o.Freeze, true))
	return e
}

// Forward returns a row for each bag of indices: bags × EmbeddingDim. The bags are
// the rows of x (Int64 or Int32) with offsets nil, or the parts of a
// one-dimensional x that begin at offsets. Per-sample weights, a factor for each
// index, are for mode "sum" only.
func (e *EmbeddingBag) Forward(x, offsets *torch.Tensor, perSampleWeights ...*torch.Tensor) *torch.Tensor {
	return e.RunAll(e.forward, slices.Concat([]*torch.Tensor{x, offsets}, perSampleWeights)...)[0]
}

func (e *EmbeddingBag) forward(inputs []*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{functional.EmbeddingBag(inputs[0], e.Weight, functional.EmbeddingBagOptions{
		Offsets: inputs[1], PerSampleWeights: option.First(inputs[2:]), Mode: e.Mode, IncludeLastOffset: e.IncludeLastOffset,
		PaddingIdx: e.PaddingIdx, MaxNorm: e.MaxNorm, NormType: &e.NormType, ScaleGradByFreq: e.ScaleGradByFreq, Sparse: e.Sparse,
	})}
}

// ExtraRepr returns the options as Python prints them.
func (e *EmbeddingBag) ExtraRepr() string {
	return fmt.Sprintf("%d, %d", e.NumEmbeddings, e.EmbeddingDim) + e.normRepr() + ", mode='" + string(e.Mode) + "'" + e.paddingRepr()
}
