// Package good has code that looks like mistakes and is none; it is never run.
package good

import (
	"context"
	"fmt"
	"log"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

type (
	count  int
	factor float32
)

// dropped results of what does something besides, or is tried.
func dropped(x *torch.Tensor, net nn.Layer) error {
	x.AddInplace(1)
	x.Index(0, torch.From(1)).MulInplace(2)
	x.At([]int{0, 2}).Add(1)
	x.SetRequiresGrad(true)
	x.Keep()
	net.Forward(x)       // warms up
	torch.Rand([]int{1}) // draws
	torch.Ones([]int{1}) // loads libtorch
	y := x.Add(1)
	y.Close()
	_ = x.Mul(2)
	x.Sub(1) //nolint:gotorchvet // only its time counts
	//nolint:gotorchvet // and this one's
	x.Sub(1)
	for _, f := range []func(){func() { x.Mm(x) }, func() { x.Add("") }} { //nolint:gotorchvet // it is refused
		if err := torch.Try(f); err != nil {
			return err
		}
	}
	return torch.Try(func() { x.Mm(x) })
}

// operands of all types that are taken.
func operands[T ~int | ~float32](x *torch.Tensor, v any, t T, n count) {
	_, _, _ = x.Add(1), x.Mul(0.5), x.Sub(x)
	_, _, _, _ = x.Div(count(2)), x.Mul(factor(2)), x.Eq(true), x.Add(v)
	_, _ = x.Add(t), x.Pow(2i)
	_, _ = x.Index(0, int64(1), torch.Ellipsis, torch.NewAxis, nil, torch.Between(1, 3), x, true), x.Index([]int64{0}, [2]bool{})
	_ = x.Index([]any{1, torch.Colon}...)
	_, _, _, _ = torch.NewTensor(1), torch.NewTensor([2][]float32{}), torch.NewTensor(v), torch.NewTensor([]count{n})
	_ = nn.NewConv2d(1, 2, []int{3, 3}, nn.Conv2dOptions{Padding: "same", Stride: 1, Dilation: nil})
	_ = torch.Full([]int{1}, n)
}

// options of one struct, and of what only looks like one.
func options(p []*torch.Tensor, o []optim.SGDOptions) {
	optim.NewSGD(p, o...)
	optim.NewSGDGroups(optim.SGDGroup{Params: p}, optim.SGDGroup{Params: p})
	_ = torch.Zeros([]int{1}, torch.TensorOptions{DType: torch.Int64})
}

type block struct {
	nn.Module
	FC      *nn.Linear
	Layers  *nn.ModuleList[nn.Layer]
	Weight  *torch.Tensor `nn:"w"`
	Mean    *torch.Tensor `nn:",buffer,nonpersistent"`
	teacher *nn.Linear    `nn:"-"`
	width   int
	cache   map[string]int
	last    *torch.Tensor // filled by Forward
}

type wrapped struct {
	block
	Extra nn.Layer
}

// stopping is a block that does something besides.
type stopping struct {
	*block
	calls int
}

func newStopping() *stopping { return &stopping{block: inline()} }

func newBlock(shared *torch.Tensor) *block {
	b := &block{FC: nn.NewLinear(2, 2), width: 2}
	b.Weight = nn.NewParameter(torch.Zeros([]int{2}))
	b.Mean = shared
	return nn.Init(b)
}

func newWrapped() *wrapped {
	w := wrapped{block: block{FC: nn.NewLinear(2, 2)}}
	return finish(&w)
}

func finish(w *wrapped) *wrapped { return nn.Init(w) }

func plain() *block { return &block{FC: nn.NewLinear(2, 2)} }

func fromPlain() *block { return nn.Init(plain()) }

func inline() *block {
	return nn.Init(&block{Mean: torch.Zeros([]int{1}), Weight: nn.NewParameter(torch.Ones([]int{1}))})
}

var _ nn.AnyModule = (*block)(nil)

func (b *block) Forward(x *torch.Tensor) *torch.Tensor {
	b.last = b.FC.Forward(x)
	return b.last
}

// scopes whose tensors are kept, lent to nobody, or not used after them.
func scopes(x *torch.Tensor, net nn.Layer, loader *data.DataLoader[data.Sample]) []*torch.Tensor {
	var y, kept, unused, best *torch.Tensor
	total := torch.Zeros([]int{1})
	torch.Scope(func() {
		y = net.Forward(x).Keep()
		kept = net.Forward(x)
		kept.Keep()
		unused = net.Forward(x)
		total.AddInplace(unused.Sum())
		best = x
		inner := x.Add(1)
		inner = inner.Add(1)
		fmt.Println(inner, unused)
	})
	value := torch.Scoped(func() *torch.Tensor { return net.Forward(x) })
	for range 3 {
		torch.Scope(func() {
			unused = net.Forward(x)
			fmt.Println(unused)
		})
	}
	var all []*torch.Tensor
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			return nil
		}
		all = append(all, batch.Data.Keep(), batch.Target.Clone())
		data := batch.Data
		fmt.Println(data)
	}
	return append(all, y, kept, best, total, value)
}

// elements that are read once, or all at once.
func elements(x *torch.Tensor) (sum float64) {
	first := x.Index(0).Item()
	for _, v := range torch.ToSlice[float32](x) {
		sum += float64(v)
	}
	for _, at := range []struct{ x, y int }{{1, 2}, {3, 4}} {
		sum += x.Index(at.y, at.x).Item() // of a few
	}
	for i := range 3 {
		sum += x.Mul(i).Sum().Item() // of all elements
	}
	return sum + first
}

// labels of the dtypes that the losses take.
func labels(x, unknown *torch.Tensor) {
	criterion := nn.NewCrossEntropyLoss()
	_ = criterion.Forward(x, torch.FromSlice([]int64{0, 1}))
	_ = criterion.Forward(x, torch.NewTensor([][]float32{{0.5, 0.5}}))              // probabilities
	_ = criterion.Forward(x, F.OneHot(torch.NewTensor([]int{1})).To(torch.Float32)) // also
	_ = criterion.Forward(x, unknown)
	_ = criterion.Forward(x, x.Argmax(1))
	_ = F.BinaryCrossEntropy(x, x.Gt(0).To(torch.Float32))
	_ = F.NLLLoss(x, torch.Zeros([]int{2}, torch.TensorOptions{DType: torch.Int64}))
	y := torch.FromSlice([]float32{1})
	y = unknown
	_ = criterion.Forward(x, y)
}

// training that drops gradients in one way or another.
func training(x *torch.Tensor, net *nn.Linear, optimizer optim.Optimizer) {
	for range 3 {
		optimizer.ZeroGrad()
		net.Forward(x).Sum().Backward()
		optimizer.Step()
	}
	for step := range 8 {
		net.Forward(x).Sum().Backward()
		if step%4 == 3 { // gradients of four batches
			optimizer.Step()
			optimizer.ZeroGrad()
		}
	}
	for range 3 {
		net.ZeroGrad()
		net.Forward(x).Sum().Backward()
		optimizer.Step()
	}
	for range 3 {
		net.Forward(x).Sum().Backward()
		finishStep(optimizer)
		optimizer.Step()
	}
	lbfgs := optim.NewLBFGS(net.Parameters())
	lbfgs.Step(func() *torch.Tensor {
		lbfgs.ZeroGrad()
		loss := net.Forward(x).Sum()
		loss.Backward()
		return loss
	})
	net.Forward(x).Sum().Backward()
	optimizer.Step() // once
}

func finishStep(optimizer optim.Optimizer) { optimizer.ZeroGrad() }

// formats that tensors have.
func formats(x *torch.Tensor) {
	loss := x.Mean()
	fmt.Printf("%.4f %v %s %g %d%% %*d\n", loss, x, x, loss, 3, 4, 5)
	log.Printf("%d right, %t", x.Eq(x).Sum(), x.Eq(1).All())
	fmt.Printf("%d %p\n", x.Argmax(), x)
	fmt.Printf("%d\n", loss.Int())
}

// shapes that fit, or are not known.
func shapes(n int, layer nn.Layer) {
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewReLU(), nn.NewBatchNorm1d(8), nn.NewLinear(8, 2))
	nn.NewSequential(nn.NewLinear(4, n), nn.NewLinear(8, 2))
	nn.NewSequential(nn.NewLinear(4, 8), layer, nn.NewLinear(2, 2))
	nn.NewSequential(nn.NewConv2d(1, 8, 3), nn.NewMaxPool2d(2), nn.NewFlatten(), nn.NewLinear(8*13*13, 10))
	nn.NewSequential(nn.NewConv1d(1, 8, 3), nn.NewBatchNorm1d(8), nn.NewLinear(30, 2)) // its last dimension
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewGLU(), nn.NewLinear(4, 2))
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewUnflatten(1, []int{2, 4}), nn.NewLinear(4, 2))
	nn.NewSequential(nn.NewLinear(4, 8), nn.NewMaxPool1d(2), nn.NewLinear(4, 2))
}

type fitting struct {
	nn.Module
	In, Out *nn.Linear
	Scale   int
}

func newFitting() *fitting {
	return nn.Init(&fitting{In: nn.NewLinear(4, 8), Out: nn.NewLinear(16, 2)})
}

func (f *fitting) Forward(x *torch.Tensor) *torch.Tensor {
	y := f.In.Forward(x)
	x = torch.Cat([]*torch.Tensor{y, y}, -1)
	if f.Scale > 0 {
		x = x.Mul(f.Scale)
	}
	torch.NoGrad(func() { y = x })
	y = f.Out.Forward(y)
	return f.Out.Forward(x)
}
