package functional

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

type chunkOptions struct {
	AllowRetainGraph bool   `json:"allow_retain_graph"`
	BatchChunkSize   int    `json:"batch_chunk_size"`
	ChunkingMethod   string `json:"chunking_method"`
	AccPolicy        string `json:"acc_policy"`
	AccDType         string `json:"acc_dtype"`
}

var chunkDTypes = map[string]torch.DType{
	"float32": torch.Float32, "float64": torch.Float64, "float16": torch.Float16, "bfloat16": torch.BFloat16, "int64": torch.Int64,
}

func (o chunkOptions) chunking() LinearCrossEntropyChunking {
	return LinearCrossEntropyChunking{o.AllowRetainGraph, o.BatchChunkSize, o.ChunkingMethod, o.AccPolicy, chunkDTypes[o.AccDType]}
}

type chunkedCase struct {
	DType, Target, Reduction string
	Weighted                 bool
	Batch                    int
	IgnoreIndex              *int `json:"ignore_index"`
	Options                  chunkOptions
	Loss                     torchtest.Tensor
	Grads                    []torchtest.Tensor
}

type chunkedGolden struct {
	Losses []chunkedCase
	Sizes  []struct {
		Shape         []int
		Classes       int
		DType         string
		Probabilities bool
		Options       chunkOptions
		Size          int
		Compact       bool
		Acc           string
	}
	Errors []struct {
		Options chunkOptions
		Message string
	}
}

func loadChunked(t *testing.T) (g chunkedGolden, header torchtest.Header) {
	return g, torchtest.Golden(t, "testdata/chunked_loss.json.gz", &g)
}

// chunkedInputs are what scripts/golden/chunked_loss.py makes.
func chunkedInputs(batch int, dtype torch.DType) (x, w, b, labels, probabilities, weight, ups *torch.Tensor) {
	torch.ManualSeed(0)
	n := max(batch, 1)
	x, w, b = torch.Randn([]int{n, 3}).To(dtype), torch.Randn([]int{5, 3}).To(dtype), torch.Randn([]int{5}).To(dtype)
	labels, probabilities = torch.Randint(0, 5, []int{n}), torch.Rand([]int{n, 5}).To(dtype)
	weight, ups = torch.Rand([]int{5}).To(dtype), torch.Randn([]int{n}).To(dtype)
	if batch == 0 { // no batch at all
		x, labels, probabilities, ups = x.Select(0, 0), labels.Select(0, 0), probabilities.Select(0, 0), ups.Select(0, 0)
	}
	return x, w, b, labels, probabilities, weight, ups
}

func (c chunkedCase) run() (loss *torch.Tensor, leaves []*torch.Tensor) {
	x, w, b, target, probabilities, weight, ups := chunkedInputs(c.Batch, chunkDTypes[c.DType])
	if c.Target == "probabilities" {
		target = probabilities
	}
	leaves = []*torch.Tensor{x, w}
	o := LinearCrossEntropyOptions{Chunking: new(c.Options.chunking())}
	o.Reduction, o.IgnoreIndex = Reduction(c.Reduction), c.IgnoreIndex
	if c.Weighted {
		leaves = append(leaves, b)
		o.LinearBias, o.Weight = b, weight
	}
	for _, leaf := range leaves {
		leaf.SetRequiresGrad(true)
	}
	loss = LinearCrossEntropy(x, w, target, o)
	if o.Reduction == ReductionNone {
		loss.Backward(torch.BackwardOptions{Gradient: ups})
	} else {
		loss.Backward(torch.BackwardOptions{Gradient: torch.OnesLike(loss).Mul(1.5)})
	}
	return loss, leaves
}

func TestChunkedLosses(t *testing.T) {
	g, header := loadChunked(t)
	require.NotEmpty(t, g.Losses)
	for _, c := range g.Losses {
		what := fmt.Sprintf("%s %s %s %+v", c.DType, c.Target, c.Reduction, c.Options)
		var loss *torch.Tensor
		var leaves []*torch.Tensor
		err := torch.Try(func() { loss, leaves = c.run() })
		if err != nil && strings.HasSuffix(c.DType, "16") && !header.Exact() {
			t.Logf("%s: %v", what, err) // older ones have no half precision on the CPU
			continue
		}
		require.NoError(t, err, what)
		tolerance := 1e-5
		if strings.HasSuffix(c.DType, "16") {
			tolerance = 0.1 // of sums of numbers with 8 or 11 bits
		}
		check := func(want torchtest.Tensor, got *torch.Tensor, name string) {
			assert.Equal(t, chunkDTypes[c.DType], got.DType(), what)
			want.Check(t, got.To(chunkDTypes[want.DType]), header.Exact(), tolerance, what+" "+name)
		}
		check(c.Loss, loss, "loss")
		for i, want := range c.Grads {
			check(want, leaves[i].Grad(), [...]string{"input", "weight", "bias"}[i])
		}
	}
}

func TestChunkSizes(t *testing.T) {
	g, _ := loadChunked(t)
	require.NotEmpty(t, g.Sizes)
	for _, c := range g.Sizes {
		x := torch.Zeros([]int{1, 1}, torch.TensorOptions{DType: chunkDTypes[c.DType]}).Expand(c.Shape...)
		got := c.Options.chunking().resolve(x, c.Classes, c.Probabilities)
		assert.Equal(t, c.Size, got.size, "%+v", c)
		assert.Equal(t, c.Compact, got.compact, "%+v", c)
		assert.Equal(t, c.Acc, got.acc.String(), "%+v", c)
	}
}

func TestChunkingErrors(t *testing.T) {
	g, _ := loadChunked(t)
	require.NotEmpty(t, g.Errors)
	for _, c := range g.Errors {
		e := torchtest.Fails(t, func() { chunkedCase{DType: "float32", Batch: 10, Options: c.Options}.run() })
		want := strings.Replace(c.Message, "Pass acc_dtype=None to let", "Leave AccDType at 0 to let", 1)
		assert.Equal(t, want, e.Message)
	}
}

func TestChunkedLossGoesBackOnce(t *testing.T) {
	x, w, _, labels, _, _, _ := chunkedInputs(10, torch.Float32)
	x.SetRequiresGrad(true)
	again := torch.BackwardOptions{RetainGraph: new(true)}
	run := func(o LinearCrossEntropyChunking, how Reduction) *torch.Tensor {
		x.SetGrad(nil)
		o.BatchChunkSize = 3
		loss := LinearCrossEntropy(x, w, labels, LinearCrossEntropyOptions{Chunking: &o, CrossEntropyOptions: CrossEntropyOptions{Reduction: how}}).Sum()
		loss.Backward(again)
		return loss
	}
	loss := run(LinearCrossEntropyChunking{}, ReductionSum)
	assert.ErrorContains(t, torchtest.Fails(t, func() { loss.Backward(again) }), "chunked backward called twice")
	want := x.Grad().Mul(2)
	for _, how := range []Reduction{ReductionSum, ReductionNone} {
		run(LinearCrossEntropyChunking{AllowRetainGraph: how == ReductionSum}, how).Backward()
		assert.True(t, x.Grad().AllClose(want), how)
	}
	loss = run(LinearCrossEntropyChunking{}, ReductionNone)
	twice := autograd.Grad([]*torch.Tensor{loss.Mul(loss)}, []*torch.Tensor{x}, autograd.GradOptions{CreateGraph: true})
	assert.ErrorContains(t, torchtest.Fails(t, func() { twice[0].Sum().Backward() }), "differentiate twice")
}

// TestChunkedLossIsThatOfAllAtOnce has Autocast, which does not reach into chunks,
// and no chunks where they cannot be.
func TestChunkedLossIsThatOfAllAtOnce(t *testing.T) {
	x, w, b, labels, probabilities, _, _ := chunkedInputs(10, torch.Float32)
	whole := func(target *torch.Tensor, o LinearCrossEntropyOptions) []float32 {
		return torch.ToSlice[float32](LinearCrossEntropy(x, w, target, o))
	}
	chunks := &LinearCrossEntropyChunking{BatchChunkSize: 4}
	torch.Autocast(torch.CPU, func() {
		chunked := whole(labels, LinearCrossEntropyOptions{Chunking: chunks})
		torch.Autocast(torch.CPU, func() {
			assert.InDeltaSlice(t, whole(labels, LinearCrossEntropyOptions{}), chunked, 1e-6)
		}, torch.AutocastOptions{Enabled: new(false)})
	})
	smooth := CrossEntropyOptions{LabelSmoothing: 0.25}
	assert.Equal(t, whole(labels, LinearCrossEntropyOptions{CrossEntropyOptions: smooth}),
		whole(labels, LinearCrossEntropyOptions{CrossEntropyOptions: smooth, Chunking: chunks}))
	probabilities.SetRequiresGrad(true)
	LinearCrossEntropy(x, w, probabilities, LinearCrossEntropyOptions{LinearBias: b, Chunking: chunks}).Backward()
	assert.NotNil(t, probabilities.Grad())
}
