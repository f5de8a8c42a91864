package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

const embeddingCases = "testdata/embeddings.json.gz"

// pair is the maker of a module that makes one tensor from two.
func pair[M interface {
	nn.AnyModule
	Forward(a, b *torch.Tensor) *torch.Tensor
}](make func() M) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		m := make()
		return m, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{m.Forward(in[0], in[1])} }
	}
}

// bag is the maker of an EmbeddingBag that is called with indices, and offsets and
// weights if the case has them.
func bag(make func() *nn.EmbeddingBag) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		m := make()
		return m, func(in []*torch.Tensor) []*torch.Tensor {
			switch len(in) {
			case 1:
				return []*torch.Tensor{m.Forward(in[0], nil)}
			case 2:
				return []*torch.Tensor{m.Forward(in[0], in[1])}
			}
			return []*torch.Tensor{m.Forward(in[0], in[1], in[2])}
		}
	}
}

// pretrainedWeight returns the weights that a case of Python begins with.
func pretrainedWeight(t *testing.T, name string) *torch.Tensor {
	t.Helper()
	var cases []moduleCase
	torchtest.Golden(t, embeddingCases, &cases)
	for _, c := range cases {
		if c.Name == name {
			return c.State[0].Tensor.Make(t)
		}
	}
	require.Fail(t, "no case", name)
	return nil
}

func TestEmbeddingsAreThoseOfPython(t *testing.T) {
	embedding := func(o nn.EmbeddingOptions) maker {
		return layer(func() *nn.Embedding { return nn.NewEmbedding(5, 3, o) })
	}
	bagOf := func(o nn.EmbeddingBagOptions) maker {
		return bag(func() *nn.EmbeddingBag { return nn.NewEmbeddingBag(5, 3, o) })
	}
	checkModules(t, embeddingCases, map[string]maker{
		"Embedding":                      embedding(nn.EmbeddingOptions{}),
		"Embedding of Int32":             embedding(nn.EmbeddingOptions{DType: torch.Float64}),
		"Embedding padding":              embedding(nn.EmbeddingOptions{PaddingIdx: new(3)}),
		"Embedding padding from the end": embedding(nn.EmbeddingOptions{PaddingIdx: new(-5)}),
		"Embedding norm":                 embedding(nn.EmbeddingOptions{MaxNorm: new(1.0)}),
		"Embedding norm type":            embedding(nn.EmbeddingOptions{MaxNorm: new(0.5), NormType: new(1.0)}),
		"Embedding frequency":            embedding(nn.EmbeddingOptions{ScaleGradByFreq: true}),
		"Embedding pretrained": layer(func() *nn.Embedding {
			return nn.NewEmbeddingFromPretrained(pretrainedWeight(t, "Embedding pretrained"))
		}),
		"Embedding pretrained options": layer(func() *nn.Embedding {
			return nn.NewEmbeddingFromPretrained(pretrainedWeight(t, "Embedding pretrained"), nn.EmbeddingPretrainedOptions{
				Freeze: new(false), EmbeddingOptions: nn.EmbeddingOptions{
					PaddingIdx: new(1), MaxNorm: new(2.0), NormType: new(3.0), ScaleGradByFreq: true}})
		}),

		"EmbeddingBag":             bagOf(nn.EmbeddingBagOptions{}),
		"EmbeddingBag sum":         bagOf(nn.EmbeddingBagOptions{Mode: "sum", DType: torch.Float64}),
		"EmbeddingBag mean":        bagOf(nn.EmbeddingBagOptions{Mode: "mean", ScaleGradByFreq: true}),
		"EmbeddingBag max":         bagOf(nn.EmbeddingBagOptions{Mode: "max"}),
		"EmbeddingBag last offset": bagOf(nn.EmbeddingBagOptions{IncludeLastOffset: true}),
		"EmbeddingBag padding":     bagOf(nn.EmbeddingBagOptions{PaddingIdx: new(-2), Mode: "sum"}),
		"EmbeddingBag norm":        bagOf(nn.EmbeddingBagOptions{MaxNorm: new(1.0), NormType: new(1.0)}),
		"EmbeddingBag factors":     bagOf(nn.EmbeddingBagOptions{Mode: "sum"}),
		"EmbeddingBag pretrained": bag(func() *nn.EmbeddingBag {
			return nn.NewEmbeddingBagFromPretrained(pretrainedWeight(t, "EmbeddingBag pretrained"))
		}),
		"EmbeddingBag pretrained options": bag(func() *nn.EmbeddingBag {
			return nn.NewEmbeddingBagFromPretrained(pretrainedWeight(t, "EmbeddingBag pretrained"), nn.EmbeddingBagPretrainedOptions{
				Freeze: new(false), EmbeddingBagOptions: nn.EmbeddingBagOptions{Mode: "sum", PaddingIdx: new(0), MaxNorm: new(2.0)}})
		}),

		"Identity": layer(func() *nn.Identity { return nn.NewIdentity(54, "unused") }),
		"Bilinear": pair(func() *nn.Bilinear { return nn.NewBilinear(3, 5, 2) }),
		"Bilinear options": pair(func() *nn.Bilinear {
			return nn.NewBilinear(3, 5, 2, nn.BilinearOptions{Bias: new(false), DType: torch.Float64})
		}),
		"PairwiseDistance": pair(func() *nn.PairwiseDistance { return nn.NewPairwiseDistance() }),
		"PairwiseDistance options": pair(func() *nn.PairwiseDistance {
			return nn.NewPairwiseDistance(nn.PairwiseDistanceOptions{P: new(1.0), Eps: new(0.01), Keepdim: true})
		}),
		"CosineSimilarity": pair(func() *nn.CosineSimilarity { return nn.NewCosineSimilarity() }),
		"CosineSimilarity options": pair(func() *nn.CosineSimilarity {
			return nn.NewCosineSimilarity(nn.CosineSimilarityOptions{Dim: new(0), Eps: new(4.0)})
		}),
	})
}

func TestSparseGradientsOfEmbeddings(t *testing.T) {
	rows := torch.FromSlice([]int{1, 3, 3, 0}, 2, 2)
	grads := func(sparse bool) (a, b *torch.Tensor) {
		torch.ManualSeed(0)
		e := nn.NewEmbedding(5, 3, nn.EmbeddingOptions{Sparse: sparse})
		bag := nn.NewEmbeddingBag(5, 3, nn.EmbeddingBagOptions{Sparse: sparse, Mode: "sum"})
		e.Forward(rows).Pow(2).Sum().Backward()
		bag.Forward(rows, nil).Pow(2).Sum().Backward()
		return e.Weight.Grad(), bag.Weight.Grad()
	}
	a, b := grads(true)
	wantA, wantB := grads(false)
	assert.True(t, a.IsSparse())
	assert.True(t, b.IsSparse())
	assert.False(t, wantA.IsSparse())
	assert.Equal(t, torch.ToSlice[float32](wantA), torch.ToSlice[float32](a.ToDense()))
	assert.Equal(t, torch.ToSlice[float32](wantB), torch.ToSlice[float32](b.ToDense()))
	assert.Equal(t, "5, 3, sparse=True", nn.NewEmbedding(5, 3, nn.EmbeddingOptions{Sparse: true}).ExtraRepr())
}

func TestPretrainedEmbeddingsShareMemory(t *testing.T) {
	weight := torch.Ones([]int{2, 3})
	e := nn.NewEmbeddingFromPretrained(weight)
	weight.FillInplace(2)
	assert.Equal(t, []float32{2, 2, 2}, torch.ToSlice[float32](e.Forward(torch.FromSlice([]int{1}))))
	assert.False(t, e.Weight.RequiresGrad())
	assert.Equal(t, 2, e.NumEmbeddings)
	assert.Equal(t, 3, e.EmbeddingDim)
}
