package parallel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms"
	"github.com/wangkuiyi/gotorch/torch/distributed/algorithms/ddpcommhooks"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/parallel"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// The networks of scripts/golden/ddp.py.

func plainNet() *nn.Sequential {
	return nn.NewSequential(nn.NewLinear(8, 16), nn.NewReLU(), nn.NewLinear(16, 16), nn.NewReLU(), nn.NewLinear(16, 4))
}

func normedNet() *nn.Sequential {
	return nn.NewSequential(nn.NewLinear(8, 16), nn.NewBatchNorm1d(16), nn.NewReLU(), nn.NewLinear(16, 4))
}

type tableNet struct {
	nn.Module
	Words *nn.Embedding
	FC    *nn.Linear
}

func newTableNet() *tableNet {
	return nn.Init(&tableNet{Words: nn.NewEmbedding(10, 8, nn.EmbeddingOptions{Sparse: true}), FC: nn.NewLinear(8, 4)})
}

func (n *tableNet) Forward(x *torch.Tensor) *torch.Tensor {
	return n.FC.Forward(n.Words.Forward(x).Mean(1))
}

type unusedNet struct {
	nn.Module
	FC1, Spare, FC2 *nn.Linear
}

func newUnusedNet() *unusedNet {
	return nn.Init(&unusedNet{FC1: nn.NewLinear(8, 8), Spare: nn.NewLinear(8, 8), FC2: nn.NewLinear(8, 4)})
}

func (n *unusedNet) Forward(x *torch.Tensor) *torch.Tensor {
	return n.FC2.Forward(n.FC1.Forward(n.FC1.Forward(x).ReLU()).ReLU())
}

func batch(sparse bool) (x, y *torch.Tensor) {
	if sparse {
		x = torch.Randint(0, 10, []int{6, 3})
	} else {
		x = torch.Randn([]int{6, 8})
	}
	return x, torch.Randint(0, 4, []int{6})
}

// goldenRun is a training of scripts/golden/ddp.py.
type goldenRun struct {
	make    func() nn.Layer // nil is plainNet
	hook    parallel.CommHook
	sparse  bool
	options parallel.Options
	join    *algorithms.JoinOptions
	sizes   []int // of inputs, for join
}

// train returns the parameters and buffers at the end, in one dimension.
func (r goldenRun) train(t *testing.T, rank int) *torch.Tensor {
	t.Helper()
	if r.make == nil {
		r.make = func() nn.Layer { return plainNet() }
	}
	torch.ManualSeed(0)
	ddp, err := parallel.NewDistributedDataParallel(r.make(), r.options)
	require.NoError(t, err)
	defer ddp.Close()
	if r.hook != nil {
		require.NoError(t, ddp.RegisterCommHook(r.hook))
	}
	torch.ManualSeed(int64(100 + rank))
	momentum := 0.9
	if r.sparse {
		momentum = 0
	}
	optimizer := optim.NewSGD(ddp.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: momentum})
	run := func(steps int) {
		for range steps {
			torch.Scope(func() {
				x, y := batch(r.sparse)
				optimizer.ZeroGrad()
				functional.CrossEntropy(ddp.Forward(x), y).Backward()
				optimizer.Step()
			})
		}
	}
	if r.join == nil {
		run(6)
	} else {
		require.NoError(t, ddp.Join(func() { run(r.sizes[rank]) }, *r.join))
	}
	var all []*torch.Tensor
	for _, x := range append(ddp.Parameters(), ddp.Buffers()...) {
		all = append(all, x.Detach().To(torch.Float64).Flatten())
	}
	return torch.Cat(all, 0)
}

// checkGolden compares trainings with Python's.
func checkGolden(t *testing.T, rank, _ int) {
	var cases []struct {
		Name  string
		State []torchtest.Tensor
	}
	header := torchtest.Golden(t, "testdata/ddp.json.gz", &cases)
	power := func(o ddpcommhooks.PowerSGDOptions) parallel.CommHook {
		o.StartPowerSGDIter, o.MinCompressionRate = new(2), new(1.0)
		state, err := ddpcommhooks.NewPowerSGDState(o)
		require.NoError(t, err)
		return ddpcommhooks.PowerSGDHook(state)
	}
	unused := func() nn.Layer { return newUnusedNet() }
	normed := func() nn.Layer { return normedNet() }
	uneven := []int{5, 3}
	runs := map[string]goldenRun{
		"plain":       {},
		"allreduce":   {hook: ddpcommhooks.AllreduceHook(nil)},
		"fp16":        {hook: ddpcommhooks.FP16CompressHook(nil)},
		"bf16":        {hook: ddpcommhooks.BF16CompressHook(nil)},
		"noop":        {hook: ddpcommhooks.NoopHook()},
		"power":       {hook: power(ddpcommhooks.PowerSGDOptions{})},
		"power views": {hook: power(ddpcommhooks.PowerSGDOptions{}), options: parallel.Options{GradientAsBucketView: true}},
		"power 3":     {hook: power(ddpcommhooks.PowerSGDOptions{MatrixApproximationRank: new(3), RandomSeed: 7})},
		"power 2, nothing remembered": {hook: power(ddpcommhooks.PowerSGDOptions{MatrixApproximationRank: new(2),
			UseErrorFeedback: new(false), WarmStart: new(false), OrthogonalizationEpsilon: 1e-8})},
		"power together": {hook: power(ddpcommhooks.PowerSGDOptions{BatchTensorsWithSameShape: true}),
			make: func() nn.Layer { return nn.NewSequential(plainNet(), nn.NewLinear(4, 8), plainNet()) }},
		"power as fp16":                {hook: ddpcommhooks.FP16CompressWrapper(power(ddpcommhooks.PowerSGDOptions{}))},
		"static":                       {make: unused, options: parallel.Options{StaticGraph: true}},
		"static views":                 {make: unused, options: parallel.Options{StaticGraph: true, GradientAsBucketView: true}},
		"sparse":                       {make: func() nn.Layer { return newTableNet() }, sparse: true},
		"join":                         {make: normed, join: &algorithms.JoinOptions{}, sizes: uneven},
		"join, those that have inputs": {make: normed, join: &algorithms.JoinOptions{DivideByInitialWorldSize: new(false)}, sizes: uneven},
		"join, nothing":                {make: normed, join: &algorithms.JoinOptions{}, sizes: []int{0, 4}},
		"join unused":                  {make: unused, join: &algorithms.JoinOptions{}, sizes: uneven, options: parallel.Options{FindUnusedParameters: true}},
	}
	require.Len(t, runs, len(cases))
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			run, ok := runs[c.Name]
			require.True(t, ok)
			want := c.State[min(rank, len(c.State)-1)]
			var got *torch.Tensor
			torch.WithNumThreads(1, func() { got = run.train(t, rank) }) // as the script's ranks have
			want.Check(t, got, header.Exact(), 1e-4)
		})
	}
}

// checkHooks registers hooks that fail, or give what does not fit.
func checkHooks(t *testing.T, rank, size int) {
	_, _, x, y := data(0, rank, size)
	plain := func(bucket *parallel.GradBucket) (func() (*torch.Tensor, error), error) {
		return func() (*torch.Tensor, error) { return bucket.Buffer(), nil }, nil
	}
	together, err := parallel.NewDistributedDataParallel(newNet(1))
	require.NoError(t, err)
	var seen *parallel.GradBucket
	require.NoError(t, together.RegisterCommHook(func(bucket *parallel.GradBucket) (func() (*torch.Tensor, error), error) {
		seen = bucket
		assert.Equal(t, 0, bucket.Index())
		assert.True(t, bucket.IsLast())
		for i, p := range bucket.Parameters() {
			assert.Contains(t, together.Parameters(), p)
			assert.True(t, torch.Equal(p.Grad(), bucket.Gradients()[i]))
		}
		return plain(bucket)
	}))
	assert.ErrorContains(t, together.RegisterCommHook(plain), "can only be called once")
	loss(together.Forward(x), y).Backward()
	assert.Len(t, seen.Parameters(), 6)
	together.Close()

	gives := func(x *torch.Tensor, err error) parallel.CommHook {
		return func(*parallel.GradBucket) (func() (*torch.Tensor, error), error) {
			return func() (*torch.Tensor, error) { return x, nil }, err
		}
	}
	for _, failing := range []struct {
		hook parallel.CommHook
		want string
	}{
		{gives(torch.Ones([]int{1}), nil), "of 1 elements on cpu, not"},
		{gives(nil, nil), "gave no tensor"},
		{gives(nil, assert.AnError), assert.AnError.Error()},
		{func(*parallel.GradBucket) (func() (*torch.Tensor, error), error) { return nil, nil }, "must not be nil"},
	} {
		together, err := parallel.NewDistributedDataParallel(newNet(1))
		require.NoError(t, err)
		require.NoError(t, together.RegisterCommHook(failing.hook))
		assert.ErrorContains(t, torch.Try(func() { loss(together.Forward(x), y).Backward() }), failing.want)
		together.Close()
	}
	_, err = ddpcommhooks.NewPowerSGDState(ddpcommhooks.PowerSGDOptions{StartPowerSGDIter: new(1)})
	assert.ErrorContains(t, err, "Expect `start_powerSGD_iter` > 1")
	_, err = ddpcommhooks.NewPowerSGDState(ddpcommhooks.PowerSGDOptions{MatrixApproximationRank: new(0)})
	assert.ErrorContains(t, err, "the rank 0 of matrices is not positive")
	_, err = ddpcommhooks.NewPowerSGDState(ddpcommhooks.PowerSGDOptions{RandomSeed: -1})
	assert.ErrorContains(t, err, "the seed -1")
}

// A bucket that no reducer made is refused in words, whatever a hook asks of it.
func TestBucketsThatNobodyMade(t *testing.T) {
	for name, f := range map[string]func(b *parallel.GradBucket){
		"Index": func(b *parallel.GradBucket) { b.Index() }, "IsLast": func(b *parallel.GradBucket) { b.IsLast() }, "Buffer": func(b *parallel.GradBucket) { b.Buffer() },
		"SetBuffer": func(b *parallel.GradBucket) { b.SetBuffer(nil) }, "Gradients": func(b *parallel.GradBucket) { b.Gradients() },
		"Parameters": func(b *parallel.GradBucket) { b.Parameters() },
	} {
		for _, b := range []*parallel.GradBucket{nil, new(parallel.GradBucket)} {
			assert.ErrorContains(t, torch.Try(func() { f(b) }), "parallel.GradBucket."+name+": the bucket is nil, or one that DistributedDataParallel did not make")
		}
	}
}
