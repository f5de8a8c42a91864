package optim

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
)

// batch is parameters that take a step together: they have a gradient, are of one
// dtype and on one device, and share their numbers, the count of steps among
// them. Complex numbers are seen as pairs of real ones.
type batch struct {
	kind
	op         string
	params     []*torch.Tensor
	grads      []*torch.Tensor
	lists      bool // give the values of PyTorch's operators on lists, not of its loop
	owners     []*torch.Tensor
	states     []*state
	begun      []begun
	complex    bool // and seen as pairs
	whole      bool // weight decay is added to complex numbers as such
	capturable bool
	lr         torch.Operand // of a capturable step: a number or a tensor
}

// kind is what the parameters of a batch share.
type kind struct {
	dtype    torch.DType
	device   torch.Device
	numbers  [3]float64
	counters *counters // of those who share them
	fresh    bool      // nothing is remembered of them yet
}

// begun is a tensor that a step made and that is to be remembered.
type begun struct {
	state  *state
	name   string
	tensor *torch.Tensor
}

// batches returns the parameters of a group that have a gradient.
func (b *Base[O]) batches(g *Group[O], capturable bool) []*batch {
	paths := b.rule.paths(&g.Options)
	single := paths.foreach != nil && !*paths.foreach && !isOn(paths.fused)
	var list []*batch
	var kinds []kind // of the batches, before this step; there is seldom more than one
	for i, asked := range internals.GradInfos(g.Params) {
		p, grad := g.Params[i], asked.Grad
		if grad == nil {
			continue
		}
		s := b.state[p]
		k := kind{dtype: asked.DType, device: asked.Device, fresh: s == nil}
		if s == nil {
			if b.rule.dense != "" && grad.IsSparse() {
				panic(torch.Errorf("optim."+b.rule.name, torch.RuntimeError, "%s", b.rule.dense))
			}
			if isOn(paths.fused) && !k.dtype.IsFloatingPoint() {
				panic(torch.Errorf("optim."+b.rule.name, torch.RuntimeError,
					"`fused=True` requires all the params to be floating point Tensors"))
			}
			s = &state{tensors: map[string]*torch.Tensor{}}
			for i, n := range b.rule.numbers {
				s.numbers[i] = n.initial
			}
		}
		if !capturable {
			s.settle()
		}
		k.numbers, k.counters = s.numbers, s.counters
		at := slices.Index(kinds, k)
		if at < 0 || single {
			to := &batch{kind: k, op: "optim." + b.rule.name, complex: k.dtype.IsComplex() && b.rule.complex != whole}
			to.lists = capturable || isOn(paths.foreach) || paths.foreach == nil && paths.fused == nil && !k.device.IsCPU()
			to.whole = b.rule.complex == decayFirst && !to.lists
			if to.capturable = capturable; capturable {
				to.lr = g.rate.operand(k.device)
			}
			at = len(list)
			list, kinds = append(list, to), append(kinds, k)
		}
		to := list[at]
		to.owners = append(to.owners, p)
		to.params = append(to.params, to.real(p))
		to.grads = append(to.grads, to.real(grad))
		to.states = append(to.states, s)
	}
	return list
}

// commit remembers what a step changed, once it is done.
func (b *Base[O]) commit(batch *batch) {
	for i, p := range batch.owners {
		batch.keep(i)
		b.state[p] = batch.states[i]
	}
	for _, x := range batch.begun {
		x.state.tensors[x.name] = x.tensor.Keep()
	}
}

// real returns a view of x as real numbers, if it is complex.
func (b *batch) real(x *torch.Tensor) *torch.Tensor {
	if !b.complex || x == nil {
		return x
	}
	return torch.ViewAsReal(x)
}

// join undoes real.
func (b *batch) join(x *torch.Tensor) *torch.Tensor {
	if !b.complex {
		return x
	}
	return torch.ViewAsComplex(x)
}

// remembered returns the tensors of the given name, nil where there is none.
func (b *batch) remembered(name string) []*torch.Tensor {
	list := make([]*torch.Tensor, len(b.states))
	for i, s := range b.states {
		list[i] = b.real(s.tensors[name])
	}
	return list
}

// remember keeps x, which has the dtype of the parameter, for the i-th one.
func (b *batch) remember(i int, name string, x *torch.Tensor) {
	b.refuseBeginning()
	b.begun = append(b.begun, begun{b.states[i], name, x})
}

// begin returns the tensors of the given name; start makes those that are not
// there yet.
func (b *batch) begin(name string, start func(p *torch.Tensor) *torch.Tensor) []*torch.Tensor {
	list := b.remembered(name)
	for i, x := range list {
		if x == nil {
			x = start(b.owners[i])
			b.remember(i, name, x)
			list[i] = b.real(x)
		}
	}
	return list
}

// zeros is begin with zeros.
func (b *batch) zeros(name string) []*torch.Tensor {
	return b.begin(name, func(p *torch.Tensor) *torch.Tensor { return torch.ZerosLike(p) })
}

// steps returns how many steps the parameters have taken, this one included.
func (b *batch) steps() float64 { return b.numbers[0] }

// ascend turns the gradients round, to go up.
func (b *batch) ascend(maximize bool) {
	if maximize {
		b.grads = listNeg.list(b.grads)
	}
}

// decay adds decay·p to the gradients.
func (b *batch) decay(decay float64) {
	switch {
	case decay == 0:
	case b.complex && b.whole:
		for i, grad := range b.grads {
			b.grads[i] = b.real(b.join(grad).Add(b.owners[i], torch.AddOptions{Alpha: decay}))
		}
	default:
		b.grads = listAdd.list(b.grads, b.params, decay)
	}
}

// full returns a tensor of one number, without dimensions, on the batch's device.
func (b *batch) full(v float64) *torch.Tensor {
	return torch.Full([]int{}, v, torch.TensorOptions{DType: torch.Float32, Device: b.device})
}

// sqrtPlus returns √x + eps of each.
func sqrtPlus(list []*torch.Tensor, eps float64) []*torch.Tensor {
	roots := listSqrt.list(list)
	listAddNumberIn.do(roots, eps)
	return roots
}

// beginOne is begin for the i-th parameter alone.
func (b *batch) beginOne(i int, name string, start func() *torch.Tensor) *torch.Tensor {
	x := b.states[i].tensors[name]
	if x == nil {
		x = start()
		b.remember(i, name, x)
	}
	return x
}

// shrink multiplies the parameters with 1 − lr·decay.
func (b *batch) shrink(lr, decay float64) {
	if decay == 0 {
		return
	}
	if t, ok := b.lr.(*torch.Tensor); ok {
		listMulListIn.do(b.params, b.each(t.Mul(decay).NegInplace().AddInplace(1)))
	} else {
		listMulIn.do(b.params, 1-float64(lr*decay))
	}
}

// descend subtracts the learning rate times the updates, in one rounding.
func (b *batch) descend(updates []*torch.Tensor) {
	switch lr := b.lr.(type) {
	case float64:
		listAddIn.do(b.params, updates, -lr)
	case *torch.Tensor:
		if slices.ContainsFunc(updates, (*torch.Tensor).IsSparse) {
			listAddIn.do(b.params, updates, -lr.Item())
		} else {
			listAddcmulIn.do(b.params, updates, b.each(lr), -1.0)
		}
	}
}

// average brings the running averages of the gradients and of their squares up to
// date.
func (b *batch) average(m, v []*torch.Tensor, betas [2]float64) {
	listLerpIn.do(m, b.grads, 1-betas[0])
	listMulIn.do(v, betas[1])
	listAddcmulIn.do(v, b.grads, b.grads, 1-betas[1])
}
