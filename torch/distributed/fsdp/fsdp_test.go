package fsdp_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/distributed/checkpoint"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/distributed/tensor/parallel"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestWorker(t *testing.T) {
	torchtest.Workers{"four": checkFour}.Work(t)
}

func TestFullyShard(t *testing.T) {
	if torch.Version() != cgotorch.SchemaVersion {
		_, err := fsdp.FullyShard(newNet(0))
		assert.ErrorContains(t, err, "not been initialized")
		t.Skip("this libtorch has no c10d")
	}
	t.Setenv("MALLOC_MMAP_THRESHOLD_", "65536")
	torchtest.LaunchWell(t, 4, "four")
}

func checkFour(t *testing.T) {
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{Timeout: time.Minute}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	rank, size := distributed.GetRank(), distributed.GetWorldSize()
	for _, step := range []struct {
		name  string
		check func(t *testing.T, rank, size int)
	}{
		{"Equal", checkEqual}, {"Accumulation", checkAccumulation}, {"Unused", checkUnused}, {"MixedPrecision", checkMixedPrecision},
		{"Hybrid", checkHybrid}, {"TensorParallel", checkTensorParallel}, {"Modes", checkModes}, {"Refused", checkRefused}, {"Memory", checkMemory},
	} {
		t.Run(step.name, func(t *testing.T) { step.check(t, rank, size) })
	}
}

// net is a small network: its sizes are not divisible by 4, the head has fewer rows than
// there are processes, and Scale is its own.
type net struct {
	nn.Module
	In, Hidden, Spare *nn.Linear
	Head              *nn.Linear
	Scale             *torch.Tensor
	spare             bool `nn:"-"`
}

func newNet(seed int64) *net {
	torch.ManualSeed(seed)
	n := &net{In: nn.NewLinear(8, 13), Hidden: nn.NewLinear(13, 13), Spare: nn.NewLinear(13, 3), Head: nn.NewLinear(13, 3)}
	n.Scale = nn.NewParameter(torch.Ones([]int{13}))
	return nn.Init(n)
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor {
	x = n.In.Forward(x).ReLU()
	x = n.Hidden.Forward(n.Hidden.Forward(x).Tanh()).Mul(n.Scale) // twice
	if n.spare {
		return n.Spare.Forward(x)
	}
	return n.Head.Forward(x)
}

// sharded divides the network layer by layer.
func sharded(t *testing.T, n *net, options ...fsdp.Options) *fsdp.Module {
	t.Helper()
	for _, layer := range []*nn.Linear{n.In, n.Hidden, n.Spare} {
		_, err := fsdp.FullyShard(layer, options...)
		require.NoError(t, err)
	}
	if len(options) > 0 && options[0].MixedPrecision.ParamDType != 0 {
		options[0].MixedPrecision.OutputDType = torch.Float32
	}
	root, err := fsdp.FullyShard(n, options...)
	require.NoError(t, err)
	return root
}

// data is the samples of a step, and those of this rank.
func data(step, rank, size int) (x, y, ownX, ownY *torch.Tensor) {
	generator := torch.NewGenerator().ManualSeed(int64(100 + step))
	x = torch.Randn([]int{8 * size, 8}, torch.TensorOptions{Generator: generator})
	y = torch.Randint(0, 3, []int{8 * size}, torch.TensorOptions{Generator: generator})
	return x, y, x.Narrow(0, 8*rank, 8), y.Narrow(0, 8*rank, 8)
}

// near asserts that parts are those of whole tensors: a process's rows of a chunk each.
func near(t *testing.T, name string, whole, part *torch.Tensor, rank, size int, tolerance float64) {
	t.Helper()
	n := whole.Size(0)
	chunk := (n + size - 1) / size
	begin, end := min(rank*chunk, n), min((rank+1)*chunk, n)
	require.Equal(t, append([]int{end - begin}, whole.Shape()[1:]...), part.Shape(), name)
	if end > begin {
		assert.InDelta(t, 0, whole.Detach().Narrow(0, begin, end-begin).Sub(part.Detach()).Abs().Max().Item(), tolerance, name)
	}
}

func nearAll(t *testing.T, whole, part *net, rank, size int, tolerance float64) {
	t.Helper()
	parts := part.NamedParameters()
	for i, p := range whole.NamedParameters() {
		require.Equal(t, p.Name, parts[i].Name)
		near(t, p.Name, p.Tensor, parts[i].Tensor, rank, size, tolerance)
	}
}

// checkEqual trains beside one process with all samples, with the norm of gradients clipped.
func checkEqual(t *testing.T, rank, size int) {
	for _, reshard := range []*bool{nil, new(false), new(true)} {
		alone, together := newNet(1), newNet(1)
		all := optim.NewAdamW(together.Parameters(), optim.AdamWOptions{LR: 0.01}) // made before
		weight := together.In.Weight
		root := sharded(t, together, fsdp.Options{ReshardAfterForward: reshard})
		assert.Same(t, weight, together.In.Weight)
		nearAll(t, alone, together, rank, size, 0)
		one := optim.NewAdamW(alone.Parameters(), optim.AdamWOptions{LR: 0.01})
		for step := range 3 {
			x, y, ownX, ownY := data(step, rank, size)
			one.ZeroGrad()
			functional.CrossEntropy(alone.Forward(x), y).Backward()
			all.ZeroGrad()
			loss := functional.CrossEntropy(root.Forward(ownX), ownY)
			assert.Same(t, weight, together.In.Weight, "a part between uses")
			assert.Equal(t, together.In.Weight.Shape()[1:], []int{8})
			loss.Backward()
			near(t, "gradient", alone.Hidden.Weight.Grad(), together.Hidden.Weight.Grad(), rank, size, 1e-6)
			assert.Nil(t, together.Spare.Weight.Grad())
			want := utils.ClipGradNorm(alone.Parameters(), 0.1)
			assert.InDelta(t, want.Item(), utils.ClipGradNorm(together.Parameters(), 0.1).Item(), 1e-5)
			one.Step()
			all.Step()
		}
		nearAll(t, alone, together, rank, size, 1e-5) // Adam divides by small numbers
		order := math.Inf(1)
		want := utils.ClipGradNorm(alone.Parameters(), 1, utils.ClipGradOptions{NormType: &order}).Item()
		assert.InDelta(t, want, utils.ClipGradNorm(together.Parameters(), 1, utils.ClipGradOptions{NormType: &order}).Item(), 1e-6)
	}
}

// checkAccumulation adds up the gradients of two small batches, of which the first moves none.
func checkAccumulation(t *testing.T, rank, size int) {
	for _, stay := range []bool{false, true} {
		alone, together := newNet(1), newNet(1)
		root := sharded(t, together)
		root.SetReshardAfterBackward(!stay)
		root.SetRequiresGradientSync(false)
		for step := range 2 {
			x, y, ownX, ownY := data(step, rank, size)
			functional.CrossEntropy(alone.Forward(x), y).Backward()
			root.SetRequiresGradientSync(step == 1)
			functional.CrossEntropy(root.Forward(ownX), ownY).Backward()
			if step == 0 {
				assert.Nil(t, together.In.Weight.Grad())
			}
		}
		near(t, "sum", alone.In.Weight.Grad(), together.In.Weight.Grad(), rank, size, 1e-6)
		x, y, ownX, ownY := data(2, rank, size)
		functional.CrossEntropy(alone.Forward(x), y).Backward()
		functional.CrossEntropy(root.Forward(ownX), ownY).Backward()
		near(t, "sum of sums", alone.In.Weight.Grad(), together.In.Weight.Grad(), rank, size, 1e-6)
		root.Reshard()
	}
}

// checkUnused leaves a layer out on some processes, and freezes another one.
func checkUnused(t *testing.T, rank, size int) {
	together := newNet(1)
	together.Hidden.Bias.SetRequiresGrad(false)
	root := sharded(t, together)
	_, _, ownX, ownY := data(0, rank, size)
	hook := 0
	together.In.Weight.RegisterPostAccumulateGradHook(func(*torch.Tensor) { hook++ })
	functional.CrossEntropy(root.Forward(ownX), ownY).Backward()
	assert.Nil(t, together.Hidden.Bias.Grad())
	assert.NotNil(t, together.Hidden.Weight.Grad())
	assert.Equal(t, 1, hook)

	// Within one unit processes may use other parameters.
	whole, part := newNet(1), newNet(1)
	unit, err := fsdp.FullyShard(part)
	require.NoError(t, err)
	for r := range size {
		_, _, x, y := data(0, r, size)
		whole.spare = r == 1
		functional.CrossEntropy(whole.Forward(x), y).Div(float64(size)).Backward()
	}
	part.spare = rank == 1
	functional.CrossEntropy(unit.Forward(ownX), ownY).Backward()
	near(t, "spare", whole.Spare.Weight.Grad(), part.Spare.Weight.Grad(), rank, size, 1e-6)
	near(t, "head", whole.Head.Weight.Grad(), part.Head.Weight.Grad(), rank, size, 1e-6)
}

// checkMixedPrecision computes in BFloat16.
func checkMixedPrecision(t *testing.T, rank, size int) {
	alone, together := newNet(1), newNet(1)
	root := sharded(t, together, fsdp.Options{
		MixedPrecision: fsdp.MixedPrecisionPolicy{ParamDType: torch.BFloat16}, Offload: &fsdp.CPUOffloadPolicy{}})
	var seen torch.DType
	together.Hidden.RegisterForwardHook(func(module nn.AnyModule, inputs, _ []*torch.Tensor) []*torch.Tensor {
		seen = inputs[0].DType()
		return nil
	})
	x, y, ownX, ownY := data(0, rank, size)
	functional.CrossEntropy(alone.Forward(x), y).Backward()
	output := root.Forward(ownX)
	assert.Equal(t, torch.Float32, output.DType())
	functional.CrossEntropy(output, ownY).Backward()
	assert.Equal(t, torch.BFloat16, seen)
	grad := together.In.Weight.Grad()
	assert.Equal(t, torch.Float32, grad.DType())
	near(t, "gradient", alone.In.Weight.Grad(), grad, rank, size, 0.003)
	assert.False(t, torch.Equal(grad, grad.To(torch.BFloat16).To(torch.Float32)) && grad.Numel() > 0, "they were added up as Float32")

	half := newNet(1)
	root = sharded(t, half, fsdp.Options{MixedPrecision: fsdp.MixedPrecisionPolicy{ReduceDType: torch.Float16}})
	functional.CrossEntropy(root.Forward(ownX), ownY).Backward()
	near(t, "Float16", alone.In.Weight.Grad(), half.In.Weight.Grad(), rank, size, 1e-4)
}

// checkHybrid divides parameters among two, twice.
func checkHybrid(t *testing.T, rank, size int) {
	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{2, 2})
	require.NoError(t, err)
	alone, together := newNet(1), newNet(1)
	root := sharded(t, together, fsdp.Options{Mesh: mesh})
	x, y, ownX, ownY := data(0, rank, size)
	functional.CrossEntropy(alone.Forward(x), y).Backward()
	functional.CrossEntropy(root.Forward(ownX), ownY).Backward()
	near(t, "gradient", alone.Hidden.Weight.Grad(), together.Hidden.Weight.Grad(), rank%2, 2, 1e-6)
	want := utils.ClipGradNorm(alone.Parameters(), 1).Item()
	assert.InDelta(t, want, utils.ClipGradNorm(together.Parameters(), 1).Item(), 1e-5)
}

// checkTensorParallel divides layers between two processes, and the parts among two again.
func checkTensorParallel(t *testing.T, rank, size int) {
	mesh, err := distributed.InitDeviceMesh(torch.CPU, []int{2, 2}, distributed.DeviceMeshOptions{DimNames: []string{"dp", "tp"}})
	require.NoError(t, err)
	outer, err := mesh.Slice("dp")
	require.NoError(t, err)
	inner, err := mesh.Slice("tp")
	require.NoError(t, err)
	newNet := func() *nn.Sequential {
		torch.ManualSeed(1)
		return nn.NewSequential(nn.NewLinear(8, 12), nn.NewReLU(), nn.NewLinear(12, 6), nn.NewLayerNorm([]int{6}))
	}
	alone, together := newNet(), newNet()
	require.NoError(t, parallel.ParallelizeModule(together, inner, parallel.Plan{
		"0": parallel.ColwiseParallel{}, "2": parallel.RowwiseParallel{OutputLayouts: parallel.Shard(0)}, "3": parallel.SequenceParallel{}}))
	_, err = fsdp.FullyShard(together.At(2), fsdp.Options{Mesh: inner})
	assert.ErrorContains(t, err, "weight is a part of a tensor already")
	for _, layer := range together.Modules()[1:] { // units with hooks of their own, also of the norm
		_, err := fsdp.FullyShard(layer, fsdp.Options{Mesh: outer})
		require.NoError(t, err)
	}
	root, err := fsdp.FullyShard(together, fsdp.Options{Mesh: outer})
	require.NoError(t, err)
	first := together.At(0).(*nn.Linear)
	assert.Equal(t, []int{3, 8}, first.Weight.Shape())
	assert.ErrorContains(t, parallel.ParallelizeModule(together, inner, parallel.Plan{"0": parallel.ColwiseParallel{}}), "is a part already")

	one, all := optim.NewSGD(alone.Parameters(), optim.SGDOptions{LR: 0.1}), optim.NewSGD(together.Parameters(), optim.SGDOptions{LR: 0.1})
	for step := range 2 {
		x, _, _, _ := data(step, rank, size)
		weights := torch.Linspace(-1, 1, x.Size(0)*6).View(-1, 6)
		half := x.Size(0) / 2
		begin := half * (rank / 2) // of this pair of processes
		one.ZeroGrad()
		alone.Forward(x).Mul(weights).Sum().Backward()
		all.ZeroGrad()
		y := root.Forward(x.Narrow(0, begin, half))
		quarter := begin + half/2*(rank%2)                                // of this process
		y.Mul(weights.Narrow(0, quarter, half/2)).Sum().Mul(2).Backward() // the mean over the pairs
		assert.InDelta(t, utils.ClipGradNorm(alone.Parameters(), 1).Item(), utils.ClipGradNorm(together.Parameters(), 1).Item(), 1e-4)
		one.Step()
		all.Step()
	}
	dict := checkpoint.GetModelStateDict(together, checkpoint.StateDictOptions{FullStateDict: true})
	for i, p := range alone.NamedParameters() {
		require.Equal(t, p.Name, dict[i].Name)
		require.Equal(t, p.Tensor.Shape(), dict[i].Tensor.Shape(), p.Name)
		assert.InDelta(t, 0, p.Tensor.Detach().Sub(dict[i].Tensor).Abs().Max().Item(), 1e-5, p.Name)
	}
	require.NoError(t, checkpoint.SetModelStateDict(together, newNet().StateDict())) // parts of parts of the whole
	near(t, "again", newNet().At(0).(*nn.Linear).Weight.Narrow(0, 6*(rank%2), 6), first.Weight, rank/2, 2, 0)
}

// checkModes calls the network without gradients, after a failure, and backward twice.
func checkModes(t *testing.T, rank, size int) {
	alone, together := newNet(1), newNet(1)
	root := sharded(t, together)
	root.SetModulesToForwardPrefetch([]*fsdp.Module{})
	_, _, x, y := data(0, rank, size)
	torch.NoGrad(func() {
		assert.True(t, torch.Equal(alone.Forward(x), root.Forward(x)))
	})
	assert.Error(t, torch.Try(func() { root.Forward(torch.Ones([]int{2, 9})) }))
	want := functional.CrossEntropy(alone.Forward(x), y)
	loss := functional.CrossEntropy(root.Forward(x), y)
	assert.InDelta(t, want.Item(), loss.Item(), 0)
	loss.Backward(torch.BackwardOptions{RetainGraph: new(true)})
	first := together.In.Weight.Grad().Clone()
	loss.Backward()
	assert.InDelta(t, 0, together.In.Weight.Grad().Sub(first.Mul(2)).Abs().Sum().Item(), 1e-6)

	loss = functional.CrossEntropy(root.Forward(x), y)
	torch.NoGrad(func() { together.In.Weight.Mul(2); together.Hidden.Weight.MulInplace(2) })
	assert.ErrorContains(t, torch.Try(func() { loss.Backward() }), "the parameter weight was changed between Forward and Backward")
	torch.NoGrad(func() { together.Hidden.Weight.MulInplace(0.5) })
	together.ZeroGrad()
	functional.CrossEntropy(root.Forward(x), y).Backward() // nothing is left of it
	assert.InDelta(t, 0, together.In.Weight.Grad().Sub(first).Abs().Sum().Item(), 1e-6)
}

// plain is a module whose Forward calls no hooks.
type plain struct {
	nn.Module
	FC *nn.Linear
}

func (p *plain) Forward(x *torch.Tensor) *torch.Tensor { return p.FC.Forward(x) }

func checkRefused(t *testing.T, _, _ int) {
	scalar := nn.Init(&struct {
		nn.Module
		A *torch.Tensor
	}{A: nn.NewParameter(torch.Ones(nil))})
	_, err := fsdp.FullyShard(scalar)
	assert.ErrorContains(t, err, "fully_shard doesn't support scalar parameters. Change a to a 1D tensor with numel equal to 1.")
	assert.ErrorContains(t, err, "on rank")
	mixed := nn.NewSequential(nn.NewLinear(2, 2), nn.NewLinear(2, 2, nn.LinearOptions{DType: torch.Float64}))
	_, err = fsdp.FullyShard(mixed)
	assert.ErrorContains(t, err, "uniform original parameter dtype")
	_, err = fsdp.FullyShard(nn.NewLinear(2, 2, nn.LinearOptions{Device: torch.Meta}))
	assert.ErrorContains(t, err, "weight is on meta")

	unit := nn.Init(&plain{FC: nn.NewLinear(8, 4)})
	root, err := fsdp.FullyShard(unit)
	require.NoError(t, err)
	_, err = fsdp.FullyShard(unit)
	assert.ErrorContains(t, err, "fully sharded already")
	x := torch.Ones([]int{2, 8})
	assert.ErrorContains(t, torch.Try(func() { unit.Forward(x) }), "the parameters of this *nn.Linear are divided")
	assert.Equal(t, []int{2, 4}, root.Forward(x).Shape())
	assert.ErrorContains(t, torch.Try(func() { nn.DeepCopy(unit).FC.Forward(x) }), "divided")
	assert.ErrorContains(t, torch.Try(func() { nn.Call(nn.DeepCopy(unit), x) }), "FSDP does not support deepcopy")
}
