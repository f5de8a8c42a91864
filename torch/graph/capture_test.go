package graph_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fn"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

type tensors = []*torch.Tensor

// net is a small network with a dropout.
type net struct {
	nn.Module
	FC1, FC2 *nn.Linear
	Drop     *nn.Dropout
}

func newNet(p float64) *net {
	return nn.Init(&net{FC1: nn.NewLinear(16, 32), FC2: nn.NewLinear(32, 4), Drop: nn.NewDropout(nn.DropoutOptions{P: &p})})
}

func (n *net) Forward(x *torch.Tensor) *torch.Tensor {
	return n.FC2.Forward(n.Drop.Forward(torch.ReLU(n.FC1.Forward(x))))
}

// training is a network and what trains it.
type training struct {
	net       *net
	optimizer optim.Optimizer
	criterion *nn.CrossEntropyLoss
}

func newTraining(p float64, optimizer func([]*torch.Tensor) optim.Optimizer) *training {
	torch.ManualSeed(7)
	n := newNet(p)
	return &training{n, optimizer(n.Parameters()), nn.NewCrossEntropyLoss()}
}

func (t *training) step(in tensors) tensors {
	t.optimizer.ZeroGrad()
	return t.accumulate(in, t.optimizer.Step)
}

// accumulate adds up gradients and calls after.
func (t *training) accumulate(in tensors, after func()) tensors {
	loss := t.criterion.Forward(t.net.Forward(in[0]), in[1])
	loss.Backward()
	after()
	return tensors{loss}
}

func sgd(p []*torch.Tensor) optim.Optimizer {
	return optim.NewSGD(p, optim.SGDOptions{LR: 0.1, Momentum: 0.9})
}

func batches(n int) (xs, ys tensors) {
	torch.ManualSeed(3)
	for range n {
		xs = append(xs, torch.Randn([]int{8, 16}))
		ys = append(ys, torch.Randint(0, 4, []int{8}))
	}
	return xs, ys
}

func number(x *torch.Tensor) float32 { return torch.ToSlice[float32](x)[0] }

func requireSameTraining(t *testing.T, want, got *training) {
	t.Helper()
	for i, p := range want.net.Parameters() {
		require.True(t, torch.Equal(p, got.net.Parameters()[i]))
		require.True(t, torch.Equal(p.Grad(), got.net.Parameters()[i].Grad()))
	}
}

func forward(f func(x *torch.Tensor) *torch.Tensor) func(tensors) tensors {
	return func(in tensors) tensors { return tensors{f(in[0])} }
}

// A step that was captured trains as the eager one does, bit for bit, and draws the same
// random numbers.
func TestCaptureTrains(t *testing.T) {
	for _, dropout := range []float64{0, 0.3} {
		xs, ys := batches(10)
		eager, mine := newTraining(dropout, sgd), newTraining(dropout, sgd)
		torch.ManualSeed(5)
		var want, got []float32
		for i := range xs {
			want = append(want, number(eager.step(tensors{xs[i], ys[i]})[0]))
		}
		torch.ManualSeed(5)
		got = append(got, number(mine.step(tensors{xs[0], ys[0]})[0])) // makes the momentum
		step, err := graph.Capture(mine.step, tensors{xs[1], ys[1]})
		require.NoError(t, err)
		got = append(got, number(step.First[0]))
		for i := 2; i < len(xs); i++ {
			loss := step.Run(xs[i], ys[i])[0]
			assert.False(t, loss.RequiresGrad())
			got = append(got, number(loss))
		}
		assert.Equal(t, want, got)
		requireSameTraining(t, eager, mine)
		step.Close()
		step.Close()
		assert.ErrorIs(t, torch.Try(func() { step.Run(xs[0], ys[0]) }), &torch.Error{Kind: torch.ClosedError})
	}
}

// Gradients that are there are added to; where there were none when the graph was captured
// it does not run over some.
func TestCaptureAccumulatesGradients(t *testing.T) {
	xs, ys := batches(6)
	none := func() {}
	eager, mine := newTraining(0, sgd), newTraining(0, sgd)
	for _, x := range []*training{eager, mine} {
		x.accumulate(tensors{xs[0], ys[0]}, none)
	}
	add, err := graph.Capture(func(in tensors) tensors { return mine.accumulate(in, none) }, tensors{xs[1], ys[1]})
	require.NoError(t, err)
	eager.accumulate(tensors{xs[1], ys[1]}, none)
	for i := 2; i < 4; i++ {
		eager.accumulate(tensors{xs[i], ys[i]}, none)
		add.Run(xs[i], ys[i])
		requireSameTraining(t, eager, mine)
	}
	// Gradients that are other tensors now are what counts.
	for _, x := range []*training{eager, mine} {
		for _, p := range x.net.Parameters() {
			p.SetGrad(torch.OnesLike(p))
		}
	}
	eager.accumulate(tensors{xs[4], ys[4]}, none)
	add.Run(xs[4], ys[4])
	requireSameTraining(t, eager, mine)
	mine.optimizer.ZeroGrad()
	assert.ErrorContains(t, torch.Try(func() { add.Run(xs[5], ys[5]) }), "a gradient is not there, but was when the graph was captured")

	fresh := newTraining(0, sgd)
	first, err := graph.Capture(func(in tensors) tensors { return fresh.accumulate(in, none) }, tensors{xs[0], ys[0]})
	require.NoError(t, err)
	assert.ErrorContains(t, torch.Try(func() { first.Run(xs[1], ys[1]) }), "clear it before, or within what is captured")
	fresh.optimizer.ZeroGrad()
	first.Run(xs[0], ys[0])
	again := newTraining(0, sgd)
	again.accumulate(tensors{xs[0], ys[0]}, none)
	requireSameTraining(t, again, fresh)
}

// Running statistics are changed in place, by their buffers, and views of results and of
// inputs are results.
func TestCaptureForward(t *testing.T) {
	torch.ManualSeed(1)
	norm, conv := nn.NewBatchNorm2d(4), nn.NewConv2d(3, 4, 3)
	f := func(in tensors) tensors {
		var out tensors
		torch.NoGrad(func() {
			y := norm.Forward(conv.Forward(in[0]))
			out = tensors{y, y.Clone().TransposeInplace(0, 1), y.Transpose(0, 1), in[0], in[0].Select(0, 1), norm.Weight, torch.Empty([]int{0}), y.Sum()}
		})
		return out
	}
	g, err := graph.Capture(f, tensors{torch.Randn([]int{2, 3, 8, 8})})
	require.NoError(t, err)
	x := torch.Randn([]int{3, 3, 8, 8}).Narrow(0, 1, 2) // lies elsewhere in its storage
	mean := norm.RunningMean.Clone()
	want := f(tensors{x})
	after := norm.RunningMean.Clone()
	norm.RunningMean.CopyInplace(mean)
	count := norm.NumBatchesTracked.Item()
	got := g.Run(x)
	require.Len(t, got, len(want))
	for i := range want {
		assert.True(t, torch.Equal(want[i], got[i]), i)
		assert.Equal(t, want[i].Stride(), got[i].Stride(), i)
	}
	assert.True(t, torch.Equal(after, norm.RunningMean))
	assert.Equal(t, count+1, norm.NumBatchesTracked.Item())
	before := got[0].Clone()
	got[2].FillInplace(3) // shares memory with result 0, as eagerly
	assert.True(t, torch.Equal(got[0], torch.FullLike(got[0], 3)))
	again := g.Run(x)
	assert.False(t, torch.Equal(again[0], got[0]), "results do not lie in the plan's memory")
	assert.Equal(t, before.Shape(), again[0].Shape())
	got[4].ZeroInplace()
	assert.Zero(t, x.Select(0, 1).Abs().Sum().Item())
}

// Parameters are live: what they hold counts, and where they lie.
func TestCaptureKeepsParametersLive(t *testing.T) {
	fc := nn.NewLinear(4, 2)
	f := func(in tensors) (out tensors) {
		torch.NoGrad(func() { out = tensors{fc.Forward(in[0])} })
		return out
	}
	x := torch.Randn([]int{3, 4})
	g, err := graph.Capture(f, tensors{x})
	require.NoError(t, err)
	g.Run(x)
	torch.NoGrad(func() { fc.Weight.FillInplace(2) })
	assert.True(t, torch.Equal(f(tensors{x})[0], g.Run(x)[0]))
	fc.Weight.SetData(torch.Randn([]int{2, 4})) // other memory
	assert.True(t, torch.Equal(f(tensors{x})[0], g.Run(x)[0]))
	fc.Weight.SetData(torch.Randn([]int{2, 5}))
	assert.ErrorContains(t, torch.Try(func() { g.Run(x) }), "a tensor that the graph uses is Float[2, 5]")
}

// Values whose time does not overlap share memory.
func TestCapturePlansMemory(t *testing.T) {
	x := torch.Ones([]int{1 << 10})
	g, err := graph.Capture(forward(func(x *torch.Tensor) *torch.Tensor {
		for range 9 {
			x = x.Clone()
		}
		return x
	}), tensors{x})
	require.NoError(t, err)
	assert.Equal(t, 2*x.NBytes(), g.Bytes())
	assert.Equal(t, float64(2<<10), g.Run(torch.Full([]int{1 << 10}, 2.0))[0].Sum().Item())
}

// What a graph changes in place is known to autograd.
func TestCaptureBumpsVersions(t *testing.T) {
	w := torch.Ones([]int{2}).SetRequiresGrad(true)
	g, err := graph.Capture(func(in tensors) tensors {
		torch.NoGrad(func() { w.AddInplace(in[0]) })
		return nil
	}, tensors{torch.Ones([]int{2})})
	require.NoError(t, err)
	y := w.Mul(w)
	assert.Empty(t, g.Run(torch.Ones([]int{2})))
	assert.Equal(t, []float32{3, 3}, torch.ToSlice[float32](w))
	assert.ErrorContains(t, torch.Try(func() { y.Sum().Backward() }), "modified by an inplace operation")
}

func TestCaptureRefuses(t *testing.T) {
	x := torch.Randn([]int{2, 3})
	w := torch.Randn([]int{3}).SetRequiresGrad(true)
	for name, c := range map[string]struct {
		f    func(in tensors) tensors
		want string
	}{
		"an item":   {func(in tensors) tensors { return tensors{in[0].Mul(in[0].Sum().Item())} }, "aten::_local_scalar_dense: the value of a tensor is read"},
		"a slice":   {func(in tensors) tensors { torch.ToSlice[float32](in[0]); return in }, "torch.ToSlice: the value of a tensor is read"},
		"a print":   {func(in tensors) tensors { _ = in[0].String(); return in }, "the value of a tensor is read"},
		"equality":  {func(in tensors) tensors { torch.Equal(in[0], in[0]); return in }, "the value of a tensor is read"},
		"a size":    {forward(func(x *torch.Tensor) *torch.Tensor { return x.Nonzero() }), "aten::nonzero: the size of its result depends on values"},
		"a mask":    {forward(func(x *torch.Tensor) *torch.Tensor { return x.Index(x.Gt(0.0)) }), "torch.Where has a fixed one"},
		"a sparse":  {forward(func(x *torch.Tensor) *torch.Tensor { return x.ToSparse().ToDense() }), "a graph has tensors with strides only"},
		"gradients": {forward(func(x *torch.Tensor) *torch.Tensor { return x.Mul(w) }), "result 0 requires gradients"},
		"a layout":  {forward(func(x *torch.Tensor) *torch.Tensor { return x.TransposeInplace(0, 1) }), "changes the sizes or strides of a tensor that is not the graph's own"},
		"nil":       {func(in tensors) tensors { return tensors{nil} }, "result 0 is nil"},
		"a closed":  {func(in tensors) tensors { y := in[0].Clone(); y.Close(); return tensors{y} }, "result 0 is nil or closed"},
		"recovered": {func(in tensors) tensors { _ = torch.Try(func() { in[0].Sum().Item() }); return in }, "the value of a tensor is read"},
		"data":      {forward(func(x *torch.Tensor) *torch.Tensor { y := x.Clone(); y.SetData(x.Exp()); return y }), "torch.Tensor.SetData: it is no operator"},
		"a seed":    {forward(func(x *torch.Tensor) *torch.Tensor { torch.ManualSeed(1); return torch.RandLike(x) }), "torch.ManualSeed: it is no operator"},
		"a state":   {forward(func(x *torch.Tensor) *torch.Tensor { torch.DefaultGenerator().State(); return x }), "torch.Generator.State: it is no operator"},
		"a leaf": {func(in tensors) tensors {
			in[0].SetRequiresGrad(true).Square().Sum().Backward()
			return nil
		}, "input 0 gets a gradient"},
		"a goroutine's change": {func(in tensors) tensors {
			done := make(chan bool)
			go func() { in[0].MulInplace(2); close(done) }()
			<-done
			return tensors{in[0].Add(1)}
		}, "another goroutine made or changed a tensor"},
		"a goroutine's result": {func(in tensors) tensors {
			made := make(chan *torch.Tensor)
			go func() { made <- in[0].Exp() }()
			return tensors{<-made}
		}, "another goroutine made or changed a tensor"},
		"an error": {forward(func(x *torch.Tensor) *torch.Tensor { return x.Mm(x) }), "mat1 and mat2 shapes cannot be multiplied"},
		"a goroutine": {func(in tensors) tensors {
			made := make(chan *torch.Tensor)
			go func() { made <- torch.Ones([]int{3}) }()
			return tensors{in[0].Add(<-made)}
		}, "another goroutine made or changed a tensor"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := graph.Capture(c.f, tensors{x.Clone()})
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := graph.Capture(nil, nil)
	assert.ErrorContains(t, err, "the function is nil")
	_, err = graph.Capture(func(in tensors) tensors { return in }, tensors{x, x})
	assert.ErrorContains(t, err, "inputs 0 and 1 are the same")
	_, err = graph.Capture(func(in tensors) tensors { return in }, tensors{nil})
	assert.ErrorContains(t, err, "input 0 is nil")
	assert.Panics(t, func() { _, _ = graph.Capture(func(tensors) tensors { panic("mine") }, nil) })
}

func TestCapturedRefusesOtherInputs(t *testing.T) {
	double := forward(func(x *torch.Tensor) *torch.Tensor { return x.Add(x) })
	x := torch.Randn([]int{2, 3})
	g, err := graph.Capture(double, tensors{x})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		in   tensors
		want string
	}{
		"shape":   {tensors{torch.Ones([]int{3, 3})}, "input 0 is Float[3, 3] with strides [3, 1] on cpu, but the graph was captured with Float[2, 3] with strides [3, 1] on cpu"},
		"dtype":   {tensors{torch.Ones([]int{2, 3}, torch.TensorOptions{DType: torch.Float64})}, "input 0 is Double[2, 3]"},
		"strides": {tensors{torch.Ones([]int{3, 2}).T()}, "with strides [1, 2]"},
		"few":     {nil, "the graph has 1 inputs, and 0 were given"},
		"nil":     {tensors{nil}, "input 0 is nil"},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorContains(t, torch.Try(func() { g.Run(c.in...) }), c.want) })
	}
	closed := x.Clone()
	closed.Close()
	assert.ErrorIs(t, torch.Try(func() { g.Run(closed) }), &torch.Error{Kind: torch.ClosedError})
	assert.Equal(t, []float32{2, 2, 2, 2, 2, 2}, torch.ToSlice[float32](g.Run(torch.Ones([]int{2, 3}))[0]))

	again, err := graph.Capture(double, tensors{x}, graph.CaptureOptions{Recapture: true})
	require.NoError(t, err)
	for range 2 {
		for n := 1; n < 12; n++ {
			assert.Equal(t, float64(2*n), again.Run(torch.Ones([]int{n}))[0].Sum().Item())
		}
	}
	again.Close()
	assert.ErrorIs(t, torch.Try(func() { again.Run(x) }), &torch.Error{Kind: torch.ClosedError})
}

// An operator that fails is named, with the line that called it; the graph goes on.
func TestCapturedErrorsNameTheLine(t *testing.T) {
	g, err := graph.Capture(func(in tensors) tensors {
		return tensors{torch.Embedding(in[1], in[0])}
	}, tensors{torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Int64}), torch.Ones([]int{3, 4})})
	require.NoError(t, err)
	bad := torch.Full([]int{2}, 7, torch.TensorOptions{DType: torch.Int64})
	err = torch.Try(func() { g.Run(bad, torch.Ones([]int{3, 4})) })
	assert.ErrorContains(t, err, "index out of range in self")
	assert.ErrorContains(t, err, "at embedding, capture_test.go:")
	assert.Equal(t, float64(8), g.Run(torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Int64}), torch.Ones([]int{3, 4}))[0].Sum().Item())
}

// Many goroutines run one graph, while others close it.
func TestCapturedInManyGoroutines(t *testing.T) {
	fc := nn.NewLinear(8, 8)
	f := func(in tensors) (out tensors) {
		torch.NoGrad(func() { out = tensors{torch.ReLU(fc.Forward(torch.ReLU(fc.Forward(in[0]))))} })
		return out
	}
	g, err := graph.Capture(f, tensors{torch.Randn([]int{4, 8})})
	require.NoError(t, err)
	xs := make(tensors, 16)
	want := make(tensors, len(xs))
	for i := range xs {
		xs[i] = torch.Randn([]int{4, 8})
		want[i] = f(tensors{xs[i]})[0]
	}
	var all sync.WaitGroup
	for i := range xs {
		all.Go(func() {
			for range 200 {
				out := g.Run(xs[i])[0]
				assert.True(t, torch.Equal(want[i], out))
				out.Close()
			}
		})
	}
	all.Wait()
	for range xs {
		all.Go(func() {
			for torch.Try(func() { g.Run(xs[0]) }) == nil {
			}
		})
	}
	g.Close()
	all.Wait()
}

// Autocast is a part of what is captured.
func TestCaptureAutocast(t *testing.T) {
	fc := nn.NewLinear(8, 8)
	x := torch.Randn([]int{4, 8})
	f := func(in tensors) (out tensors) {
		torch.Autocast(torch.CPU, func() { torch.NoGrad(func() { out = tensors{fc.Forward(in[0])} }) })
		return out
	}
	g, err := graph.Capture(f, tensors{x})
	require.NoError(t, err)
	torch.NoGrad(func() { fc.Weight.FillInplace(0.5) })
	got := g.Run(x)[0]
	assert.Equal(t, torch.BFloat16, got.DType())
	assert.True(t, torch.Equal(f(tensors{x})[0], got))
}

// Optimizers that count their steps count in tensors, with a learning rate that a
// scheduler changes.
func TestCaptureAdam(t *testing.T) {
	adam := func(lr *torch.Tensor) func(p []*torch.Tensor) optim.Optimizer {
		return func(p []*torch.Tensor) optim.Optimizer {
			return optim.NewAdamW(p, optim.AdamWOptions{LRTensor: lr, Capturable: true})
		}
	}
	xs, ys := batches(8)
	rates := tensors{torch.Full(nil, 0.01), torch.Full(nil, 0.01)}
	eager, mine := newTraining(0, adam(rates[0])), newTraining(0, adam(rates[1]))
	eager.step(tensors{xs[0], ys[0]})
	mine.step(tensors{xs[0], ys[0]})
	step, err := graph.Capture(mine.step, tensors{xs[1], ys[1]})
	require.NoError(t, err)
	eager.step(tensors{xs[1], ys[1]})
	for i := 2; i < len(xs); i++ {
		for _, rate := range rates {
			rate.MulInplace(0.9)
		}
		want := eager.step(tensors{xs[i], ys[i]})[0]
		assert.Equal(t, number(want), number(step.Run(xs[i], ys[i])[0]))
		requireSameTraining(t, eager, mine)
	}
	// A state that is loaded is what the graph goes on with.
	for _, x := range []*training{eager, mine} {
		o := x.optimizer.(*optim.AdamW)
		saved := o.StateDict()
		for _, s := range saved.State {
			s["exp_avg"] = s["exp_avg"].(*torch.Tensor).Mul(0.5)
			s["step"] = torch.Full(nil, 20.0)
		}
		require.NoError(t, o.LoadStateDict(saved))
	}
	for i := range 3 {
		assert.Equal(t, number(eager.step(tensors{xs[i], ys[i]})[0]), number(step.Run(xs[i], ys[i])[0]))
		requireSameTraining(t, eager, mine)
	}
	group := mine.optimizer.(*optim.AdamW).ParamGroups[0]
	assert.ErrorContains(t, torch.Try(func() { group.SetMomentum(0.8) }), "a captured step has momentum 0.9 as a number")
	assert.ErrorContains(t, torch.Try(func() { group.SetNumber("weight_decay", 0.5) }), "a captured step has weight_decay 0.01 as a number")
	mine.step(tensors{xs[0], ys[0]})
	group.SetMomentum(0.8)
	plain := newTraining(0, func(p []*torch.Tensor) optim.Optimizer { return optim.NewAdam(p) })
	_, err = graph.Capture(plain.step, tensors{xs[0], ys[0]})
	assert.ErrorContains(t, err, "a step of Adam cannot be captured")
}

// What operators do depends on whether gradients are on, and some fill memory that they
// got without values: loss and gradients are eager's.
func TestCaptureRecurrentCTC(t *testing.T) {
	lengths, targets := torch.FromSlice([]int{5, 5}), torch.FromSlice([]int{1, 2, 3, 1}, 2, 2)
	make := func() (*nn.LSTM, *nn.Linear, func(in tensors) tensors) {
		torch.ManualSeed(11)
		lstm, fc := nn.NewLSTM(6, 8), nn.NewLinear(8, 4)
		return lstm, fc, func(in tensors) tensors {
			lstm.ZeroGrad()
			fc.ZeroGrad()
			y, _ := lstm.Forward(in[0], nil)
			loss := functional.CTCLoss(fc.Forward(y).LogSoftmax(2), targets, lengths, torch.FromSlice([]int{2, 2}))
			loss.Backward()
			return tensors{loss}
		}
	}
	lstm, fc, eager := make()
	lstm2, fc2, mine := make()
	step, err := graph.Capture(mine, tensors{torch.Randn([]int{5, 2, 6})})
	require.NoError(t, err)
	for range 3 {
		x := torch.Randn([]int{5, 2, 6})
		assert.Equal(t, number(eager(tensors{x})[0]), number(step.Run(x)[0]))
		for i, p := range append(lstm.Parameters(), fc.Parameters()...) {
			require.True(t, torch.Equal(p.Grad(), append(lstm2.Parameters(), fc2.Parameters()...)[i].Grad()), i)
		}
	}
}

// What a graph cannot do for inputs and constants that have changed is an error.
func TestCapturedRefusesGradients(t *testing.T) {
	w := torch.Ones([]int{2}).SetRequiresGrad(true)
	g, err := graph.Capture(func(in tensors) (out tensors) {
		torch.NoGrad(func() { out = tensors{in[0].Mul(w)} })
		return out
	}, tensors{torch.Ones([]int{2})})
	require.NoError(t, err)
	x := torch.Ones([]int{2}).SetRequiresGrad(true)
	assert.ErrorContains(t, torch.Try(func() { g.Run(x) }), "input 0 requires gradients, which do not flow through a graph")
	torch.NoGrad(func() { assert.Equal(t, 2.0, g.Run(x)[0].Sum().Item()) })
	w.SetRequiresGrad(false)
	assert.ErrorContains(t, torch.Try(func() { g.Run(torch.Ones([]int{2})) }), "requires no gradients now, and did when it was captured")
	w.SetRequiresGrad(true)
	z := torch.Ones([]int{2}, torch.TensorOptions{DType: torch.Complex64})
	c, err := graph.Capture(forward(func(x *torch.Tensor) *torch.Tensor { return x.Mul(x) }), tensors{z})
	require.NoError(t, err)
	assert.ErrorContains(t, torch.Try(func() { c.Run(z.Conj()) }), "on cpu conjugated, but the graph was captured with")
	if torchtest.Old() {
		return // it has no transforms
	}
	sum := fn.Grad(func(x ...*torch.Tensor) *torch.Tensor { return g.Run(x[0])[0].Sum() })
	assert.ErrorContains(t, torch.Try(func() { sum(torch.Ones([]int{2})) }), "a transform of a function does not see into a graph")
}

// Memory that an operator fills without another one is a constant of the graph as data, too.
func TestCapturedGraphRunsAsProgram(t *testing.T) {
	lengths, targets := torch.FromSlice([]int{5, 5}), torch.FromSlice([]int{1, 2, 3, 1}, 2, 2)
	x := torch.Randn([]int{5, 2, 4}).LogSoftmax(2)
	c, err := graph.Capture(forward(func(x *torch.Tensor) *torch.Tensor {
		return functional.CTCLoss(x, targets, lengths, torch.FromSlice([]int{2, 2}))
	}), tensors{x})
	require.NoError(t, err)
	program, err := c.Graph.Prepare()
	require.NoError(t, err)
	inputs := []any{x}
	for _, constant := range c.Constants {
		inputs = append(inputs, constant)
	}
	results, err := program.Run(inputs...)
	require.NoError(t, err)
	assert.Equal(t, number(c.First[0]), number(results[0].(*torch.Tensor)))
}

// What cannot be recorded as a CUDA graph, of what there is without CUDA.
func TestCUDAGraphRefused(t *testing.T) {
	x := torch.Ones([]int{2})
	_, err := graph.Capture(func(in tensors) tensors { return tensors{in[0].Add(1)} }, tensors{x}, graph.CaptureOptions{CUDAGraph: true})
	if torchtest.Old() {
		assert.EqualError(t, err, "graph: libtorch "+torch.Version()+" has no graphs of devices; 2.15 has them")
	} else {
		assert.EqualError(t, err, "graph: it cannot be recorded as a CUDA graph: it has tensors on cpu")
	}
	assert.ErrorIs(t, err, &torch.Error{Kind: torch.UnsupportedError})
	if torchtest.Old() {
		return
	}
	g := torch.NewGenerator(torch.CPU)
	_, err = graph.Capture(func(in tensors) tensors {
		return tensors{in[0].BernoulliInplace(torch.BernoulliInplaceOptions{Generator: g}).Add(1)}
	}, tensors{x}, graph.CaptureOptions{CUDAGraph: true})
	assert.ErrorContains(t, err, "draws from a generator other than the device's default one")
}
