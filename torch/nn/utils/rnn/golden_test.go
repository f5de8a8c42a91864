package rnn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// tolerance is what values may differ by on another libtorch or CPU than that of
// the golden file.
const tolerance = 1e-6

type tensors = map[string]*torch.Tensor

// golden is testdata/rnn.json, which scripts/golden/rnn_utils.py makes.
type golden struct {
	Inputs    map[string]torchtest.Tensor
	Functions []struct {
		Name    string
		Outputs []torchtest.Tensor
		Up      *torchtest.Tensor
		Grads   map[string]torchtest.Tensor
	}
	Printed string
	Errors  map[string]string
}

var unsorted = rnn.PackPaddedSequenceOptions{EnforceSorted: new(false)}

// functions are those of the script, by name.
var functions = map[string]func(t tensors) []*torch.Tensor{
	"pack": func(t tensors) []*torch.Tensor { return parts(rnn.PackPaddedSequence(t["steps"], []int{4, 2, 1})) },
	"pack unsorted": func(t tensors) []*torch.Tensor {
		return parts(rnn.PackPaddedSequence(t["steps"], []int{2, 4, 3}, unsorted))
	},
	"pack batch first": func(t tensors) []*torch.Tensor {
		return parts(rnn.PackPaddedSequence(t["batch"], []int{1, 3, 3}, batchFirst(false)))
	},
	"pack integers": func(t tensors) []*torch.Tensor {
		return parts(rnn.PackPaddedSequence(t["numbers"], []int{2, 3}, batchFirst(false)))
	},
	"pad": func(t tensors) []*torch.Tensor { return padded(rnn.PackPaddedSequence(t["steps"], []int{4, 2, 1})) },
	"pad unsorted": func(t tensors) []*torch.Tensor {
		return padded(rnn.PackPaddedSequence(t["steps"], []int{2, 1, 3}, unsorted), rnn.PadPackedSequenceOptions{PaddingValue: -1.5})
	},
	"pad batch first": func(t tensors) []*torch.Tensor {
		p := rnn.PackPaddedSequence(t["batch"], []int{3, 3, 1}, batchFirst(true))
		return padded(p, rnn.PadPackedSequenceOptions{BatchFirst: true, TotalLength: new(5)})
	},
	"pad integers": func(t tensors) []*torch.Tensor {
		return padded(rnn.PackPaddedSequence(t["numbers"], []int{2, 3}, batchFirst(false)))
	},
	"pad sequence": func(t tensors) []*torch.Tensor {
		return []*torch.Tensor{rnn.PadSequence([]*torch.Tensor{t["a"], t["b"], t["c"]})}
	},
	"pad sequence options": func(t tensors) []*torch.Tensor {
		return []*torch.Tensor{rnn.PadSequence([]*torch.Tensor{t["a"], t["b"], t["c"]},
			rnn.PadSequenceOptions{BatchFirst: true, PaddingValue: 2.5, PaddingSide: "left"})}
	},
	"unpad sequence": func(t tensors) []*torch.Tensor { return rnn.UnpadSequence(t["steps"], []int{3, 1, 4}) },
	"unpad batch first": func(t tensors) []*torch.Tensor {
		return rnn.UnpadSequence(t["batch"], []int{2, 0, 9}, rnn.UnpadSequenceOptions{BatchFirst: true})
	},
	"pack sequence": func(t tensors) []*torch.Tensor {
		return parts(rnn.PackSequence([]*torch.Tensor{t["b"], t["a"], t["c"]}))
	},
	"pack sequence unsorted": func(t tensors) []*torch.Tensor { return parts(packUnsorted(t)) },
	"unpack sequence":        func(t tensors) []*torch.Tensor { return rnn.UnpackSequence(packUnsorted(t)) },
	"invert": func(tensors) []*torch.Tensor {
		return []*torch.Tensor{rnn.InvertPermutation(torch.FromSlice([]int{2, 0, 3, 1}))}
	},
}

func batchFirst(sorted bool) rnn.PackPaddedSequenceOptions {
	return rnn.PackPaddedSequenceOptions{BatchFirst: true, EnforceSorted: &sorted}
}

func packUnsorted(t tensors) *rnn.PackedSequence {
	return rnn.PackSequence([]*torch.Tensor{t["a"], t["b"], t["c"]}, rnn.PackSequenceOptions{EnforceSorted: new(false)})
}

// parts returns the tensors that there are in p.
func parts(p *rnn.PackedSequence) []*torch.Tensor {
	if p.SortedIndices == nil {
		return []*torch.Tensor{p.Data, p.BatchSizes}
	}
	return []*torch.Tensor{p.Data, p.BatchSizes, p.SortedIndices, p.UnsortedIndices}
}

func padded(p *rnn.PackedSequence, options ...rnn.PadPackedSequenceOptions) []*torch.Tensor {
	x, lengths := rnn.PadPackedSequence(p, options...)
	return []*torch.Tensor{x, torch.FromSlice(lengths)}
}

func TestFunctionsGiveWhatPythonsGive(t *testing.T) {
	var g golden
	header := torchtest.Golden(t, "testdata/rnn.json", &g)
	require.Len(t, g.Functions, len(functions))
	for _, c := range g.Functions {
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, functions, c.Name)
			header.Run(t, func() {
				inputs := tensors{}
				for name, in := range g.Inputs {
					x := in.Make(t)
					inputs[name] = x.SetRequiresGrad(x.DType().IsFloatingPoint())
				}
				outputs := functions[c.Name](inputs)
				require.Len(t, outputs, len(c.Outputs))
				for i, want := range c.Outputs {
					want.Check(t, outputs[i], header.Exact(), tolerance, "output", i)
				}
				if c.Up != nil {
					outputs[0].Mul(c.Up.Make(t)).Sum().Backward()
				}
				for name, want := range c.Grads {
					want.Check(t, inputs[name].Grad(), header.Exact(), tolerance, "gradient of", name)
				}
			})
		})
	}
}

func TestErrorsAreThoseOfPython(t *testing.T) {
	var g golden
	header := torchtest.Golden(t, "testdata/rnn.json", &g)
	steps := g.Inputs["steps"].Make(t)
	calls := map[string]func(){
		"unsorted": func() { rnn.PackPaddedSequence(steps, []int{2, 4, 1}) },
		"zero":     func() { rnn.PackPaddedSequence(steps, []int{4, 2, 0}) },
		"too few":  func() { rnn.PackPaddedSequence(steps, []int{4, 2}) },
		"total": func() {
			rnn.PadPackedSequence(rnn.PackPaddedSequence(steps, []int{4, 2, 1}), rnn.PadPackedSequenceOptions{TotalLength: new(3)})
		},
		"none": func() { rnn.PadSequence(nil) },
		"side": func() { rnn.PadSequence([]*torch.Tensor{steps}, rnn.PadSequenceOptions{PaddingSide: "top"}) },
	}
	for name, want := range g.Errors {
		require.Contains(t, calls, name)
		want = strings.ReplaceAll(want, "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence",
			"set EnforceSorted to new(false) for rnn.PackPaddedSequence and rnn.PackSequence")
		var e *torch.Error
		if assert.True(t, errors.As(torch.Try(calls[name]), &e), name) && header.Torch == torch.Version() {
			assert.Equal(t, want, e.Message, name)
		}
	}
	err := torch.Try(func() { rnn.UnpadSequence(steps, []int{4}) })
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.ValueError})
	assert.ErrorContains(t, err, "there are 3 sequences, but 1 lengths")
}

func TestAPackedSequencePrintsAndMoves(t *testing.T) {
	var g golden
	torchtest.Golden(t, "testdata/rnn.json", &g)
	sequences := []*torch.Tensor{torch.FromSlice([]int{1, 2, 3}), torch.FromSlice([]int{4, 5}), torch.FromSlice([]int{6})}
	assert.Equal(t, g.Printed, rnn.PackSequence(sequences).String())
	p := rnn.PackPaddedSequence(g.Inputs["steps"].Make(t), []int{2, 4, 3}, unsorted)
	moved := p.To(torch.Float64)
	assert.Equal(t, torch.Float64, moved.Data.DType())
	assert.Equal(t, torch.Float32, p.Data.DType())
	assert.True(t, moved.Data.Equal(p.Data.To(torch.Float64)))
	assert.Equal(t, []int{1, 2, 0}, torch.ToSlice[int](moved.SortedIndices))
	assert.Equal(t, []int{2, 0, 1}, torch.ToSlice[int](moved.UnsortedIndices))
	assert.Nil(t, rnn.InvertPermutation(nil))
}
