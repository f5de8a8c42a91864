package nn_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/parametrizations"
)

// The names of what was saved begin with those of the model around it.
func ExampleLoadInto() {
	saved := nn.StateDict{
		{Name: "model.weight", Tensor: torch.Ones([]int{1, 2}, torch.TensorOptions{DType: torch.BFloat16})},
		{Name: "model.bias", Tensor: torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.BFloat16})},
	}
	layer := nn.NewLinear(2, 1, nn.LinearOptions{Device: torch.Meta}) // takes no memory yet
	_, err := nn.LoadInto(layer, saved)
	fmt.Println(err)
	_, err = nn.LoadInto(layer, saved, nn.LoadOptions{Rename: func(name string) string { return strings.TrimPrefix(name, "model.") }})
	fmt.Println(err)
	fmt.Println(layer.Weight)
	// Output:
	// nn.LoadInto: the source does not fit Linear:
	// 2 names fit with Rename: func(name string) string { return strings.TrimPrefix(name, "model.") }
	// the module has, the source lacks (2):
	// 	weight; did you mean model.weight?
	// 	bias; did you mean model.bias?
	// the source has, the module lacks (2):
	// 	model.weight
	// 	model.bias
	// <nil>
	// tensor([[1., 1.]], requires_grad=True)
}

// oneByOne is a source that sees whether its tensors are closed before the next is read.
type oneByOne struct {
	nn.StateDict
	t    *testing.T
	open *torch.Tensor
	read []string
}

func (s *oneByOne) Tensor(name string) (*torch.Tensor, error) {
	assert.True(s.t, s.open == nil || s.open.IsClosed(), "before %s", name)
	x, err := s.StateDict.Tensor(name)
	s.open, s.read = x, append(s.read, name)
	return x, err
}

// described also says what its tensors are.
type described struct{ *oneByOne }

func (s described) Describe(name string) (torch.DType, []int, error) {
	x := s.Get(name)
	return x.DType(), x.Shape(), nil
}

func TestLoadIntoReadsOneByOne(t *testing.T) {
	double := torch.TensorOptions{DType: torch.Float64}
	source := described{&oneByOne{t: t, StateDict: nn.StateDict{
		{Name: "1.running_var", Tensor: torch.Full([]int{2}, 5, double)},
		{Name: "1.bias", Tensor: torch.Full([]int{2}, 3, double)},
		{Name: "0.bias", Tensor: torch.Full([]int{2}, 1, double)},
		{Name: "1.weight", Tensor: torch.Full([]int{2}, 2, double)},
		{Name: "0.weight", Tensor: torch.Full([]int{2, 1}, 0.5, double)},
		{Name: "1.running_mean", Tensor: torch.Full([]int{2}, 4, double)}, // as before 0.4.1, without num_batches_tracked
	}}}
	for _, meta := range []bool{false, true} {
		source.read = nil
		norm := nn.NewBatchNorm1d(2)
		net := nn.NewSequential(nn.NewLinear(1, 2), norm)
		net.SetRequiresGrad(false)
		norm.Weight.SetRequiresGrad(true)
		weight := norm.Weight
		if meta {
			net.To(torch.Meta)
		}
		torch.WithDevice(torch.Meta, func() { // which has nothing to say here
			report, err := nn.LoadInto(net, source)
			require.NoError(t, err)
			assert.True(t, report.Fits())
			assert.Empty(t, report.String())
		})
		assert.Equal(t, source.Names(), source.read, "in the source's order, each once")
		assert.True(t, source.open.IsClosed())
		assert.Equal(t, []float32{0.5, 0.5}, torch.ToSlice[float32](net.At(0).(*nn.Linear).Weight.Flatten()))
		assert.Equal(t, []float32{2, 2}, torch.ToSlice[float32](norm.Weight))
		assert.Equal(t, []float32{4, 4}, torch.ToSlice[float32](norm.RunningMean))
		assert.Equal(t, []float32{5, 5}, torch.ToSlice[float32](norm.RunningVar))
		assert.Zero(t, norm.NumBatchesTracked.Int())
		assert.True(t, norm.Weight.RequiresGrad())
		assert.False(t, norm.Bias.RequiresGrad())
		assert.Equal(t, !meta, weight == norm.Weight, "what has memory stays the tensor that optimizers know")
		assert.Equal(t, []int{3, 2}, net.Forward(torch.Ones([]int{3, 1})).Shape())
	}

	without := &oneByOne{t: t, StateDict: source.StateDict}
	_, err := nn.LoadInto(nn.NewSequential(nn.NewLinear(1, 2), nn.NewBatchNorm1d(2)), without)
	require.NoError(t, err)
	assert.Len(t, without.read, 2*len(source.StateDict), "first for the shapes")
}

func TestLoadIntoAssigns(t *testing.T) {
	source := nn.StateDict{
		{Name: "weight", Tensor: torch.Full([]int{1, 2}, 3, torch.TensorOptions{DType: torch.Float16})},
		{Name: "bias", Tensor: torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Float16})},
	}
	for _, d := range []torch.Device{torch.CPU, torch.Meta} {
		layer := nn.NewLinear(2, 1, nn.LinearOptions{Device: d})
		_, err := nn.LoadInto(layer, source, nn.LoadOptions{Assign: true})
		require.NoError(t, err)
		assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](layer.Weight.To(torch.Float32).Flatten()))
		torch.NoGrad(func() { layer.Weight.AddInplace(1) })
		assert.Equal(t, 4.0, source[0].Tensor.Max().Item(), "one memory, without a copy")
		source[0].Tensor.FillInplace(3)
		assert.Equal(t, torch.Float16, layer.Weight.DType())
		assert.True(t, layer.Weight.RequiresGrad())
		assert.False(t, source[0].Tensor.IsClosed())
	}
	norm := nn.NewBatchNorm1d(2, nn.BatchNormOptions{Device: torch.Meta})
	torch.Scope(func() {
		_, err := nn.LoadInto(norm, nn.NewBatchNorm1d(2).StateDict(), nn.LoadOptions{Assign: true})
		require.NoError(t, err)
	})
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](norm.RunningVar), "a buffer outlives the scope")
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](norm.Weight))
}

// tied is a model whose last layer has the weight of its first.
type tied struct {
	nn.Module
	Embed *nn.Embedding
	Head  *nn.Linear
}

func newTied(device torch.Device) *tied {
	net := nn.Init(&tied{Embed: nn.NewEmbedding(3, 2, nn.EmbeddingOptions{Device: device}),
		Head: nn.NewLinear(2, 3, nn.LinearOptions{Bias: new(false), Device: device})})
	net.Head.Weight = net.Embed.Weight
	return net
}

func TestLoadIntoTied(t *testing.T) {
	weight := torch.FromSlice([]float32{0, 1, 2, 3, 4, 5}, 3, 2)
	for _, d := range []torch.Device{torch.CPU, torch.Meta} {
		for _, names := range [][]string{{"embed.weight"}, {"head.weight"}, {"embed.weight", "head.weight"}} {
			for _, assign := range []bool{false, true} {
				var source nn.StateDict
				for _, name := range names {
					source.Set(name, weight)
				}
				net := newTied(d)
				_, err := nn.LoadInto(net, source, nn.LoadOptions{Assign: assign})
				require.NoError(t, err)
				assert.True(t, net.Head.Weight.Equal(weight))
				assert.Same(t, net.Head.Weight, net.Embed.Weight)
				assert.Len(t, net.Parameters(), 1)
			}
		}
	}
	_, err := nn.LoadInto(newTied(torch.Meta), nn.StateDict{{Name: "embed.weight", Tensor: weight}, {Name: "head.weight", Tensor: weight.Neg()}})
	assert.EqualError(t, err, `nn.LoadInto: "head.weight": nn.LoadInto: in the module this is one tensor with another that is loaded, `+
		"but the source has other values for it: untie them, or leave one out by Rename; the module may be filled in part")
	report, err := nn.LoadInto(newTied(torch.CPU), nn.StateDict{})
	assert.ErrorContains(t, err, "the module has, the source lacks (2):\n\tembed.weight\n\thead.weight")
	assert.Equal(t, []string{"embed.weight", "head.weight"}, report.Missing)
}

func TestLoadIntoReports(t *testing.T) {
	net := nn.NewSequential(nn.NewLinear(2, 3), nn.NewLayerNorm(3), nn.NewLinear(3, 2), nn.NewLinear(4, 1), nn.NewLinear(2, 2))
	net.RegisterBuffer("count", torch.Zeros(nil, torch.TensorOptions{DType: torch.Int64}), true)
	net.RegisterBuffer("table", torch.Zeros([]int{4}, torch.TensorOptions{Device: torch.Meta}), false)
	source := net.StateDict()
	swap := func(before, after string) {
		x := source.Get(before)
		source.Delete(before)
		source.Set(after, x.Add(1))
	}
	swap("1.weight", "1.gamma")
	swap("1.bias", "1.beta")
	swap("0.weight", "layer.0.weight")
	swap("2.bias", "2.biass")
	swap("3.bias", "something.else")
	source.Set("3.weight", torch.Ones([]int{1, 5}))
	source.Set("count", torch.Full(nil, 2.5))
	source.Set("4.bias", torch.Full([]int{2}, 7))
	before := torch.ToSlice[float32](net.At(4).(*nn.Linear).Bias)
	want := nn.LoadReport{
		IncompatibleKeys: nn.IncompatibleKeys{
			Missing:    []string{"0.weight", "1.weight", "1.bias", "2.bias", "3.bias"},
			Unexpected: []string{"layer.0.weight", "something.else", "1.gamma", "1.beta", "2.biass"},
		},
		Mismatched: []nn.Mismatch{
			{Name: "3.weight", Shape: []int{1, 4}, SourceShape: []int{1, 5}, DType: torch.Float32, SourceDType: torch.Float32},
			{Name: "count", Shape: []int{}, SourceShape: []int{}, DType: torch.Int64, SourceDType: torch.Float32},
		},
		NearMisses: []nn.NearMiss{{"0.weight", "layer.0.weight"}, {"1.weight", "1.gamma"}, {"1.bias", "1.beta"}, {"2.bias", "2.biass"}},
		LeftOnMeta: []string{"table"},
	}
	report, err := nn.LoadInto(net, source)
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.RuntimeError})
	assert.EqualError(t, err, `nn.LoadInto: the source does not fit Sequential:
the module has, the source lacks (5):
	0.weight; did you mean layer.0.weight?
	1.weight; did you mean 1.gamma?
	1.bias; did you mean 1.beta?
	2.bias; did you mean 2.biass?
	3.bias
the source has, the module lacks (5):
	layer.0.weight
	something.else
	1.gamma
	1.beta
	2.biass
both have, but differ (2):
	3.weight: torch.float32 [1 4] in the module, torch.float32 [1 5] in the source
	count: torch.int64 [] in the module, torch.float32 [] in the source
on the device meta, and no state dict has it: make it on another device before (1):
	table`)
	assert.ElementsMatch(t, want.Unexpected, report.Unexpected)
	report.Unexpected = want.Unexpected
	assert.Equal(t, want, report)
	assert.Equal(t, before, torch.ToSlice[float32](net.At(4).(*nn.Linear).Bias), "the module is unchanged")

	report, err = nn.LoadInto(net, source, nn.LoadOptions{Strict: new(false)})
	require.NoError(t, err)
	assert.Equal(t, want.Mismatched, report.Mismatched)
	assert.Equal(t, []float32{7, 7}, torch.ToSlice[float32](net.At(4).(*nn.Linear).Bias), "what fits is loaded")
	assert.Zero(t, net.GetBuffer("count").Int())

	_, err = nn.LoadInto(nn.NewLinear(1, 1), nn.NewSequential(nn.NewLinear(1, 1)).StateDict())
	assert.ErrorContains(t, err, "weight; did you mean 0.weight?")
	_, err = nn.LoadInto(nn.NewSequential(nn.NewLinear(1, 1)), nn.NewLinear(1, 1).StateDict())
	assert.ErrorContains(t, err, `2 names fit with Rename: func(name string) string { return "0." + name }`)
}

func TestLoadIntoLongReports(t *testing.T) {
	var source nn.StateDict
	one := torch.Ones([]int{1})
	for i := range 2000 {
		source = append(source, nn.NamedTensor{Name: fmt.Sprintf("%d.%s", i, strings.Repeat("x", 1000)), Tensor: one})
	}
	_, err := nn.LoadInto(nn.NewLinear(1, 1), source)
	assert.ErrorContains(t, err, "and 1900 more")
	assert.Less(t, len(err.Error()), 20_000)
}

func TestLoadIntoHooks(t *testing.T) {
	full := nn.NewLinear(2, 3)
	normed := parametrizations.WeightNorm(nn.NewLinear(2, 3))
	_, err := nn.LoadInto(normed, nn.StateDict{ // the names before parametrizations
		{Name: "bias", Tensor: full.Bias},
		{Name: "weight_g", Tensor: torch.Full([]int{3, 1}, 2)},
		{Name: "weight_v", Tensor: torch.Ones([]int{3, 2})},
	})
	require.NoError(t, err)
	lazy := nn.NewLazyLinear(3, nn.LinearOptions{Device: torch.Meta})
	_, err = nn.LoadInto(lazy, full.StateDict())
	require.NoError(t, err)
	assert.True(t, lazy.Weight.Equal(full.Weight))

	computing := nn.NewLinear(2, 3)
	computing.RegisterLoadStateDictPreHook(func(_ nn.AnyModule, dict *nn.StateDict, prefix string) {
		dict.Set("weight", dict.Get("weight").Mul(2))
	})
	_, err = nn.LoadInto(computing, full.StateDict())
	assert.ErrorContains(t, err, `"weight": it comes from the device meta, without values; a hook that computes with tensors needs LoadStateDict`)

	forgiving := nn.NewLinear(2, 3)
	forgiving.RegisterLoadStateDictPostHook(func(_ nn.AnyModule, keys *nn.IncompatibleKeys) { keys.Missing = nil })
	_, err = nn.LoadInto(forgiving, nn.StateDict{{Name: "weight", Tensor: full.Weight}})
	require.NoError(t, err)
	assert.True(t, forgiving.Weight.Equal(full.Weight))
}

// broken is a source whose tensors are not what it says.
type broken struct {
	nn.StateDict
	tensor func() (*torch.Tensor, error)
}

func (s broken) Tensor(string) (*torch.Tensor, error) { return s.tensor() }

func (s broken) Describe(name string) (torch.DType, []int, error) {
	if x := s.Get(name); x != nil {
		return x.DType(), x.Shape(), nil
	}
	return 0, nil, errors.New("cut off")
}

func TestLoadIntoRefuses(t *testing.T) {
	layer := nn.NewLinear(1, 1)
	good := layer.StateDict()
	one := torch.Ones([]int{1})
	for want, tensor := range map[string]func() (*torch.Tensor, error){
		`nn.LoadInto: "weight": the disk is gone; the module may be filled in part`:                                   func() (*torch.Tensor, error) { return nil, errors.New("the disk is gone") },
		`nn.LoadInto: "weight": the source gives a tensor that is nil or closed for "weight"`:                         func() (*torch.Tensor, error) { return nil, nil },
		`nn.LoadInto: "weight": the source gives torch.float32 [2] after it said torch.float32 [1 1]; the module may`: func() (*torch.Tensor, error) { return torch.Ones([]int{2}), nil },
		`nn.LoadInto: "weight": op: oh; the module may be filled in part`:                                             func() (*torch.Tensor, error) { panic(torch.Errorf("op", torch.RuntimeError, "oh")) },
	} {
		_, err := nn.LoadInto(layer, broken{good, tensor})
		assert.ErrorContains(t, err, want)
	}
	_, err := nn.LoadInto(layer, nn.NewLinear(1, 1, nn.LinearOptions{Device: torch.Meta}).StateDict())
	assert.ErrorContains(t, err, `"weight": it comes from the device meta`)
	_, err = nn.LoadInto(layer, broken{nn.StateDict{{Name: "weight"}}, nil})
	assert.EqualError(t, err, `nn.LoadInto: "weight": cut off`)
	_, err = nn.LoadInto(layer, append(good, good...))
	assert.ErrorContains(t, err, `the source has two tensors "weight"`)
	both := nn.LoadOptions{Rename: func(string) string { return "weight" }}
	_, err = nn.LoadInto(layer, good, both)
	assert.ErrorContains(t, err, `"weight" and "bias" both become "weight"`)
	_, err = layer.LoadStateDict(good, both)
	assert.ErrorContains(t, err, `"weight" and "bias" both become "weight"`)
	_, err = layer.LoadStateDict(nn.StateDict{{Name: "w", Tensor: one.View(1, 1)}, {Name: "extra", Tensor: one}, {Name: "bias", Tensor: one}},
		nn.LoadOptions{Rename: func(name string) string { return map[string]string{"w": "weight", "bias": name}[name] }})
	require.NoError(t, err)
	assert.Equal(t, 1.0, layer.Weight.Item())
	_, err = nn.LoadInto(layer, good, nn.LoadOptions{}, nn.LoadOptions{})
	assert.ErrorContains(t, err, "2 nn.LoadOptions were given")
	_, err = nn.LoadInto(nil, good)
	assert.EqualError(t, err, "nn.LoadInto: the module must not be nil")
	_, err = nn.LoadInto(layer, nil)
	assert.EqualError(t, err, "nn.LoadInto: the source must not be nil")
	_, err = nn.LoadInto(&nn.Linear{}, good)
	assert.ErrorContains(t, err, "the module was not initialized")
}

// What PyTorch before 0.4 saved of a scalar has one element.
func TestLoadIntoOldScalars(t *testing.T) {
	norm := nn.NewBatchNorm1d(1, nn.BatchNormOptions{Device: torch.Meta})
	old := nn.NewBatchNorm1d(1).StateDict()
	old.Set("num_batches_tracked", torch.Full([]int{1}, 3, torch.TensorOptions{DType: torch.Int64}))
	for _, assign := range []bool{false, true} {
		_, err := nn.LoadInto(norm, old, nn.LoadOptions{Assign: assign})
		require.NoError(t, err)
		assert.Equal(t, 3, norm.NumBatchesTracked.Int())
		assert.Empty(t, norm.NumBatchesTracked.Shape())
	}
}
