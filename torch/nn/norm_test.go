package nn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// thenEval is the maker of a layer that is called with two batches in training
// mode, and with the first again in evaluation mode.
func thenEval[L interface {
	nn.Layer
	Eval()
}](make func() L) maker {
	return func() (nn.AnyModule, func(in []*torch.Tensor) []*torch.Tensor) {
		l := make()
		return l, func(in []*torch.Tensor) []*torch.Tensor {
			a, b := l.Forward(in[0]), l.Forward(in[0].Mul(2).Add(1))
			l.Eval()
			return []*torch.Tensor{a, b, l.Forward(in[0])}
		}
	}
}

func TestNormalizationsAreThoseOfPython(t *testing.T) {
	batch1d := func(o nn.BatchNormOptions) func() *nn.BatchNorm1d {
		return func() *nn.BatchNorm1d { return nn.NewBatchNorm1d(3, o) }
	}
	batch2d := func(o nn.BatchNormOptions) func() *nn.BatchNorm2d {
		return func() *nn.BatchNorm2d { return nn.NewBatchNorm2d(3, o) }
	}
	instance1d := func(o nn.InstanceNormOptions) func() *nn.InstanceNorm1d {
		return func() *nn.InstanceNorm1d { return nn.NewInstanceNorm1d(3, o) }
	}
	instance2d := func(features int, o nn.InstanceNormOptions) func() *nn.InstanceNorm2d {
		return func() *nn.InstanceNorm2d { return nn.NewInstanceNorm2d(features, o) }
	}
	instance3d := func(o nn.InstanceNormOptions) func() *nn.InstanceNorm3d {
		return func() *nn.InstanceNorm3d { return nn.NewInstanceNorm3d(3, o) }
	}
	layerNorm := func(shape any, o nn.LayerNormOptions) maker {
		return layer(func() *nn.LayerNorm { return nn.NewLayerNorm(shape, o) })
	}
	rmsNorm := func(shape any, o nn.RMSNormOptions) maker {
		return layer(func() *nn.RMSNorm { return nn.NewRMSNorm(shape, o) })
	}
	groupNorm := func(groups int, o nn.GroupNormOptions) maker {
		return layer(func() *nn.GroupNorm { return nn.NewGroupNorm(groups, 6, o) })
	}
	makers := map[string]maker{
		"BatchNorm1d":               layer(batch1d(nn.BatchNormOptions{})),
		"BatchNorm1d of a sequence": thenEval(batch1d(nn.BatchNormOptions{})),
		"BatchNorm1d options":       thenEval(batch1d(nn.BatchNormOptions{Eps: new(0.01), Momentum: new(0.5), DType: torch.Float64})),
		"BatchNorm1d without bias":  layer(batch1d(nn.BatchNormOptions{Bias: new(false)})),
		"BatchNorm2d":               thenEval(batch2d(nn.BatchNormOptions{})),
		"BatchNorm2d eval":          layer(batch2d(nn.BatchNormOptions{})),
		"BatchNorm2d cumulative":    thenEval(batch2d(nn.BatchNormOptions{CumulativeAverage: true})),
		"BatchNorm2d plain":         thenEval(batch2d(nn.BatchNormOptions{Affine: new(false), TrackRunningStats: new(false)})),
		"SyncBatchNorm":             thenEval(func() *nn.SyncBatchNorm { return nn.NewSyncBatchNorm(3, nn.BatchNormOptions{Eps: new(0.01)}) }),
		"BatchNorm3d":               thenEval(func() *nn.BatchNorm3d { return nn.NewBatchNorm3d(3) }),

		"InstanceNorm1d":               layer(instance1d(nn.InstanceNormOptions{})),
		"InstanceNorm1d without batch": layer(instance1d(nn.InstanceNormOptions{})),
		"InstanceNorm1d options": thenEval(instance1d(nn.InstanceNormOptions{
			Eps: new(0.01), Momentum: new(0.5), Affine: true, TrackRunningStats: true})),
		"InstanceNorm2d":                   layer(instance2d(3, nn.InstanceNormOptions{})),
		"InstanceNorm2d of other channels": layer(instance2d(4, nn.InstanceNormOptions{})),
		"InstanceNorm2d options":           thenEval(instance2d(3, nn.InstanceNormOptions{Affine: true, TrackRunningStats: true, DType: torch.Float64})),
		"InstanceNorm2d without bias":      layer(instance2d(3, nn.InstanceNormOptions{Affine: true, Bias: new(false)})),
		"InstanceNorm3d":                   thenEval(instance3d(nn.InstanceNormOptions{TrackRunningStats: true})),
		"InstanceNorm3d without batch":     layer(instance3d(nn.InstanceNormOptions{Affine: true})),

		"LazyBatchNorm1d": seen(func() *nn.LazyBatchNorm1d { return nn.NewLazyBatchNorm1d(nn.BatchNormOptions{Momentum: new(0.5)}) }, 4, 3),
		"LazyBatchNorm2d": seen(func() *nn.LazyBatchNorm2d { return nn.NewLazyBatchNorm2d(nn.BatchNormOptions{Bias: new(false)}) }, 2, 3, 4, 5),
		"LazyBatchNorm3d": seen(func() *nn.LazyBatchNorm3d {
			return nn.NewLazyBatchNorm3d(nn.BatchNormOptions{Affine: new(false)})
		}, 2, 3, 2, 3, 2),
		"LazyInstanceNorm1d": seen(func() *nn.LazyInstanceNorm1d { return nn.NewLazyInstanceNorm1d() }, 2, 3, 4),
		"LazyInstanceNorm2d": seen(func() *nn.LazyInstanceNorm2d {
			return nn.NewLazyInstanceNorm2d(nn.LazyInstanceNormOptions{TrackRunningStats: new(false)})
		}, 2, 3, 4, 5),
		"LazyInstanceNorm3d": seen(func() *nn.LazyInstanceNorm3d {
			return nn.NewLazyInstanceNorm3d(nn.LazyInstanceNormOptions{Affine: new(false)})
		}, 2, 3, 2, 3, 2),

		"LayerNorm":                   layerNorm(5, nn.LayerNormOptions{}),
		"LayerNorm of two dimensions": layerNorm([]int{4, 5}, nn.LayerNormOptions{Eps: new(0.01)}),
		"LayerNorm without bias":      layerNorm([]int{5}, nn.LayerNormOptions{Bias: new(false)}),
		"LayerNorm plain":             layerNorm(5, nn.LayerNormOptions{ElementwiseAffine: new(false), DType: torch.Float64}),
		"RMSNorm":                     rmsNorm(5, nn.RMSNormOptions{}),
		"RMSNorm of two dimensions":   rmsNorm([]int{4, 5}, nn.RMSNormOptions{Eps: new(0.01), DType: torch.Float64}),
		"RMSNorm plain":               rmsNorm(5, nn.RMSNormOptions{ElementwiseAffine: new(false)}),
		"GroupNorm":                   groupNorm(3, nn.GroupNormOptions{}),
		"GroupNorm options":           groupNorm(2, nn.GroupNormOptions{Eps: new(0.01), Bias: new(false), DType: torch.Float64}),
		"GroupNorm plain":             groupNorm(1, nn.GroupNormOptions{Affine: new(false)}),

		"LocalResponseNorm": layer(func() *nn.LocalResponseNorm { return nn.NewLocalResponseNorm(2) }),
		"LocalResponseNorm options": layer(func() *nn.LocalResponseNorm {
			return nn.NewLocalResponseNorm(3, nn.LocalResponseNormOptions{Alpha: new(0.1), Beta: new(0.5), K: new(2.0)})
		}),
		"CrossMapLRN2d": layer(func() *nn.CrossMapLRN2d { return nn.NewCrossMapLRN2d(3) }),
		"CrossMapLRN2d options": layer(func() *nn.CrossMapLRN2d {
			return nn.NewCrossMapLRN2d(4, nn.LocalResponseNormOptions{Alpha: new(0.5), Beta: new(0.5), K: new(2.0)})
		}),

		"Dropout1d without batch": optional(nn.NewDropout1d),
		"Dropout3d without batch": optional(nn.NewDropout3d),
		"Dropout all":             layer(func() *nn.Dropout { return nn.NewDropout(nn.DropoutOptions{P: new(1.0)}) }),
		"Dropout none":            layer(func() *nn.Dropout { return nn.NewDropout(nn.DropoutOptions{P: new(0.0)}) }),
	}
	addDropout(makers, "Dropout", nn.NewDropout)
	addDropout(makers, "Dropout1d", nn.NewDropout1d)
	addDropout(makers, "Dropout2d", nn.NewDropout2d)
	addDropout(makers, "Dropout3d", nn.NewDropout3d)
	addDropout(makers, "AlphaDropout", nn.NewAlphaDropout)
	addDropout(makers, "FeatureAlphaDropout", nn.NewFeatureAlphaDropout)
	checkModules(t, "testdata/normalizations.json.gz", makers)
}

func TestLazyNormalizations(t *testing.T) {
	lazy := nn.NewLazyBatchNorm2d()
	assert.Equal(t, "LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)", lazy.String())
	norm := nn.NewBatchNorm2d(3)
	assert.Equal(t, norm.StateDict().Names(), lazy.StateDict().Names())
	norm.RunningMean.FillInplace(2)
	_, err := lazy.LoadStateDict(norm.StateDict())
	require.NoError(t, err)
	lazy.Eval()
	x := torch.Ones([]int{1, 3, 2, 2})
	norm.Eval()
	assert.True(t, torch.Equal(norm.Forward(x), lazy.Forward(x)), "loaded statistics stay")
	assert.Equal(t, "BatchNorm2d", lazy.String()[:11])
}

func TestBatchNormLoadsOldStateDicts(t *testing.T) {
	norm := nn.NewBatchNorm1d(2)
	dict := norm.StateDict()[:4] // without num_batches_tracked, which PyTorch has had since 0.4.1
	assert.Nil(t, dict.Get("num_batches_tracked"))
	norm.Forward(torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2))
	_, err := norm.LoadStateDict(dict)
	require.NoError(t, err)
	assert.Equal(t, 1, norm.NumBatchesTracked.Int())

	net := nn.NewSequential(norm, nn.NewBatchNorm1d(2, nn.BatchNormOptions{TrackRunningStats: new(false)}))
	_, err = net.LoadStateDict(net.StateDict())
	require.NoError(t, err)
}

func TestBatchNormIsReset(t *testing.T) {
	norm := nn.NewBatchNorm1d(2)
	norm.Forward(torch.FromSlice([]float32{1, 2, 3, 4}, 2, 2))
	fill := func(x *torch.Tensor) { torch.NoGrad(func() { x.FillInplace(7) }) }
	fill(norm.Weight)
	fill(norm.Bias)
	assert.NotEqual(t, 0.0, norm.RunningMean.Select(0, 0).Item())
	norm.ResetParameters()
	assert.Equal(t, []float32{0, 0}, torch.ToSlice[float32](norm.RunningMean))
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](norm.RunningVar))
	assert.Equal(t, 0, norm.NumBatchesTracked.Int())
	assert.Equal(t, []float32{1, 1}, torch.ToSlice[float32](norm.Weight))
	assert.Equal(t, []float32{0, 0}, torch.ToSlice[float32](norm.Bias))
}

// normed holds a layer in a field of one type, and one in a field for any layer.
type normed struct {
	nn.Module
	Exact *nn.BatchNorm1d
	Any   nn.Layer
}

func TestConvertSyncBatchNorm(t *testing.T) {
	norm := nn.NewBatchNorm2d(3, nn.BatchNormOptions{CumulativeAverage: true, Bias: new(false)})
	field := nn.NewBatchNorm1d(2)
	holder := nn.Init(&normed{Any: field})
	net := nn.NewSequential(nn.NewReLU(), nn.NewSequential(norm), nn.NewInstanceNorm2d(3))
	names := net.StateDict().Names()
	norm.Eval()
	assert.Same(t, net, nn.ConvertSyncBatchNorm(net))
	sync := net.At(1).(*nn.Sequential).At(0).(*nn.SyncBatchNorm)
	assert.Equal(t, "SyncBatchNorm(3, eps=1e-05, momentum=None, affine=True, bias=False, track_running_stats=True)", sync.String())
	assert.Equal(t, names, net.StateDict().Names())
	assert.Same(t, norm.Weight, sync.Weight)
	assert.Same(t, norm.RunningMean, sync.RunningMean)
	assert.Same(t, norm.NumBatchesTracked, sync.NumBatchesTracked)
	assert.False(t, sync.IsTraining())
	x := torch.Ones([]int{2, 3, 2, 2})
	assert.True(t, torch.Equal(norm.Forward(x), sync.Forward(x)))

	assert.Same(t, holder, nn.ConvertSyncBatchNorm(holder))
	assert.IsType(t, sync, holder.Any)
	holder.Exact = field
	e := torchtest.Fails(t, func() { nn.ConvertSyncBatchNorm(holder) })
	assert.Equal(t, torch.TypeError, e.Kind)
	assert.Contains(t, e.Message, "exact is a *nn.BatchNorm1d, which a *nn.SyncBatchNorm is not")
	assert.IsType(t, sync, nn.ConvertSyncBatchNorm(field))
}

// addDropout adds the makers that all dropouts have.
func addDropout[L nn.Layer](makers map[string]maker, name string, make func(options ...nn.DropoutOptions) L) {
	makers[name] = optional(make)
	makers[name+" eval"] = layer(func() L { return make(nn.DropoutOptions{P: new(0.25)}) })
	makers[name+" in place"] = overwriting(func() L { return make(nn.DropoutOptions{P: new(0.25), Inplace: true}) })
}

func TestCopiesOfLayersAreTheirOwn(t *testing.T) {
	x := torch.FromSlice([]float32{1, -2, 3, 4}, 2, 2)
	net := nn.NewSequential(nn.NewBatchNorm1d(2), nn.NewLeakyReLU(), nn.NewPReLU(), nn.NewLayerNorm(2))
	again := nn.DeepCopy(net)
	assert.True(t, torch.Equal(net.Forward(x), again.Forward(x)))
	a, b := net.At(0).(*nn.BatchNorm1d), again.At(0).(*nn.BatchNorm1d)
	assert.NotSame(t, a.RunningMean, b.RunningMean)
	b.Forward(x)
	assert.Equal(t, 1, a.NumBatchesTracked.Int())
	assert.Equal(t, 2, b.NumBatchesTracked.Int())
	again.At(1).(*nn.LeakyReLU).NegativeSlope = 1
	assert.False(t, torch.Equal(net.Forward(x), again.Forward(x)))

	criterion := nn.NewSmoothL1Loss()
	assert.Equal(t, criterion.Forward(x, x.Neg()).Item(), nn.DeepCopy(criterion).Forward(x, x.Neg()).Item())
}
