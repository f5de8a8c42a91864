package optim

import (
	"cmp"
	"math"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// LBFGS is a quasi-Newton method: it estimates the curvature from the last
// gradients and evaluates the loss several times in a step, so its Step takes a
// closure that does. It suits smooth problems with all data in one batch. All
// parameters are in one group, and on one device.
//
//	optimizer.Step(func() *torch.Tensor {
//		optimizer.ZeroGrad()
//		loss := criterion.Forward(net.Forward(x), y)
//		loss.Backward()
//		return loss
//	})
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
type LBFGS struct {
	Base[LBFGSOptions]
	memory lbfgsState
}

// LineSearch says how [LBFGS] finds the length of a step.
type LineSearch string

// LineSearchStrongWolfe looks for a length that meets the strong Wolfe conditions.
const LineSearchStrongWolfe LineSearch = "strong_wolfe"

// LBFGSOptions are the options of [NewLBFGS].
type LBFGSOptions struct {
	LR              float64       // the learning rate; default: 1
	LRTensor        *torch.Tensor // the learning rate as a tensor of one element, in the place of LR
	MaxIter         *int          // iterations of a step; default: 20
	MaxEval         *int          // evaluations of a step; default: MaxIter·5/4
	ToleranceGrad   *float64      // stop at gradients this small; default: 1e-7
	ToleranceChange *float64      // stop at changes this small; default: 1e-9
	HistorySize     *int          // how many gradients to look back; default: 100
	LineSearchFn    LineSearch    // LineSearchStrongWolfe looks for the best step; default: "" steps by LR
	Maximize        bool          // go up instead of down
}

// lbfgsState is what LBFGS remembers.
type lbfgsState struct {
	evaluations, iterations int
	direction               *torch.Tensor
	t                       scalar          // the step along the direction
	changes                 []*torch.Tensor // of gradients, the oldest first
	steps                   []*torch.Tensor // of parameters, for each change
	ro                      []scalar        // 1 / change·step
	diagonal                scalar          // the first guess of the inverse Hessian
	grad                    *torch.Tensor   // of the last iteration
	loss                    float64
}

// NewLBFGS returns an optimizer of params. It panics on options that are out of
// range, and on parameters that are not leaves.
func NewLBFGS(params []*torch.Tensor, options ...LBFGSOptions) *LBFGS {
	l := &LBFGS{}
	l.start(rule[LBFGSOptions]{
		name:    "LBFGS",
		fields:  (*LBFGSOptions).fields,
		fill:    (*LBFGSOptions).fill,
		prepare: (*LBFGSOptions).prepare,
		paths:   func(*LBFGSOptions) paths { return paths{} },
	}, []Group[LBFGSOptions]{{Params: params, Options: option.First(options)}})
	return l
}

func (o *LBFGSOptions) fields() fields {
	return fields{
		"lr": rate{&o.LR, &o.LRTensor}, "max_iter": &o.MaxIter, "max_eval": &o.MaxEval, "tolerance_grad": &o.ToleranceGrad,
		"tolerance_change": &o.ToleranceChange, "history_size": &o.HistorySize,
		"line_search_fn": (*string)(&o.LineSearchFn), "maximize": &o.Maximize,
	}
}

// fill gives options their defaults that are nil.
func (o *LBFGSOptions) fill() {
	fill(&o.MaxIter, 20)
	fill(&o.ToleranceGrad, 1e-7)
	fill(&o.ToleranceChange, 1e-9)
	fill(&o.HistorySize, 100)
	if o.MaxEval == nil {
		o.MaxEval = new(*o.MaxIter * 5 / 4)
	}
}

func (o *LBFGSOptions) prepare(op string) {
	o.LR = cmp.Or(o.LR, 1)
	if !(o.LR >= 0) {
		panic(torch.Errorf(op, torch.ValueError, "Invalid learning rate: %v", o.LR))
	}
}

// Step changes the parameters. The closure computes the loss and its gradients
// anew, after dropping the old ones; Step returns the first loss.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
func (l *LBFGS) Step(closure func() *torch.Tensor) (first *torch.Tensor) {
	const op = "optim.LBFGS.Step"
	if len(l.ParamGroups) != 1 {
		panic(torch.Errorf(op, torch.RuntimeError, "Expected exactly one param_group, but got %d", len(l.ParamGroups)))
	}
	argument.NotNil(op, "the closure", closure)
	l.ParamGroups[0].follow()
	l.ParamGroups[0].Options.fill()
	l.refuseCapture(l.ParamGroups[0], false)
	o := l.read(l.ParamGroups[0])
	if o.LineSearchFn != "" && o.LineSearchFn != LineSearchStrongWolfe {
		panic(torch.Errorf(op, torch.RuntimeError, "only 'strong_wolfe' is supported"))
	}
	torch.NoGrad(func() {
		r := &lbfgsRun{l: l, o: o, s: &l.memory, params: l.ParamGroups[0].Params, closure: closure}
		r.precision = precisionOf(r.params[0].DType())
		first = r.run()
	})
	l.memory.keep()
	return first
}

// keep lets what is remembered outlive a scope.
func (s *lbfgsState) keep() {
	s.direction.Keep()
	s.grad.Keep()
	for i := range s.changes {
		s.changes[i].Keep()
		s.steps[i].Keep()
	}
}

// lbfgsRun is one step.
type lbfgsRun struct {
	precision
	l       *LBFGS
	o       *LBFGSOptions
	s       *lbfgsState
	params  []*torch.Tensor
	closure func() *torch.Tensor
	loss    float64       // at the current parameters
	grad    *torch.Tensor // flat, there
}

func (r *lbfgsRun) run() *torch.Tensor {
	o, s := r.o, r.s
	first := r.evaluate()
	evaluations := 1
	s.evaluations++
	if r.flat() {
		return first
	}
	for n := 1; n <= *o.MaxIter; n++ {
		s.iterations++
		r.turn()
		if s.grad == nil {
			s.grad = r.grad.Clone()
		} else {
			s.grad.CopyInplace(r.grad)
		}
		s.loss = r.loss
		s.t = plain(o.LR)
		if s.iterations == 1 {
			total := element(r.grad.Abs().Sum())
			s.t = r.mul(r.least(plain(1), r.div(plain(1), total)), plain(o.LR))
		}
		slope := element(r.grad.Dot(s.direction))
		if r.less(plain(-*o.ToleranceChange), slope) {
			break
		}
		spent := 0
		if o.LineSearchFn != "" {
			spent = r.search(slope, *o.MaxEval-evaluations)
			r.move(s.t)
		} else {
			r.move(s.t)
			if n != *o.MaxIter {
				r.evaluate()
				spent = 1
			}
		}
		evaluations += spent
		s.evaluations += spent
		if n == *o.MaxIter || evaluations >= *o.MaxEval || r.flat() || r.still() {
			break
		}
	}
	return first
}

// evaluate sets the loss and the gradient to those at the current parameters.
func (r *lbfgsRun) evaluate() (loss *torch.Tensor) {
	torch.EnableGrad(func() { loss = r.closure() })
	r.loss = loss.Item()
	r.grad = r.flatGrad()
	if r.o.Maximize {
		r.loss = -r.loss
		r.grad.NegInplace()
	}
	return loss
}

// flat reports whether the gradient is small enough to stop.
func (r *lbfgsRun) flat() bool {
	return r.lessEqual(element(r.grad.Abs().Max()), plain(*r.o.ToleranceGrad))
}

// still reports whether the last change is small enough to stop.
func (r *lbfgsRun) still() bool {
	change := element(r.s.direction.Mul(r.s.t.v).Abs().Max())
	return r.lessEqual(change, plain(*r.o.ToleranceChange)) || math.Abs(r.loss-r.s.loss) < *r.o.ToleranceChange
}

// turn sets the direction: the gradient times the estimate of the inverse Hessian
// that the last changes give.
func (r *lbfgsRun) turn() {
	s := r.s
	if s.iterations == 1 {
		s.direction, s.diagonal = r.grad.Neg(), plain(1)
		s.changes, s.steps, s.ro = nil, nil, nil
		return
	}
	r.learn()
	q := r.grad.Neg()
	al := make([]scalar, len(s.changes))
	for i := len(s.changes) - 1; i >= 0; i-- {
		al[i] = r.mul(element(s.steps[i].Dot(q)), s.ro[i])
		q.AddInplace(s.changes[i], torch.AddOptions{Alpha: -al[i].v})
	}
	s.direction = q.Mul(s.diagonal.v)
	for i, step := range s.steps {
		be := r.mul(element(s.changes[i].Dot(s.direction)), s.ro[i])
		s.direction.AddInplace(step, torch.AddOptions{Alpha: r.sub(al[i], be).v})
	}
}

// learn adds the last change to what is remembered, if the loss is convex along
// it.
func (r *lbfgsRun) learn() {
	s := r.s
	change := r.grad.Sub(s.grad)
	step := s.direction.Mul(s.t.v)
	product := element(change.Dot(step))
	if !r.less(plain(1e-10), product) {
		return
	}
	if len(s.changes) == *r.o.HistorySize {
		s.changes, s.steps, s.ro = s.changes[1:], s.steps[1:], s.ro[1:]
	}
	s.changes = append(s.changes, change)
	s.steps = append(s.steps, step)
	s.ro = append(s.ro, r.div(plain(1), product))
	s.diagonal = r.div(product, element(change.Dot(change)))
}

// search sets the step to one that satisfies the strong Wolfe conditions, and the
// loss and gradient to those there. It returns how many evaluations it took.
func (r *lbfgsRun) search(slope scalar, most int) int {
	before := make([]*torch.Tensor, len(r.params))
	for i, p := range r.params {
		before[i] = p.Clone()
	}
	s := &search{
		precision: r.precision, direction: r.s.direction, toleranceChange: *r.o.ToleranceChange, most: most,
		evaluate: func(t scalar) (float64, *torch.Tensor) {
			r.move(t)
			r.evaluate()
			for i, p := range r.params {
				p.CopyInplace(before[i])
			}
			return r.loss, r.grad
		},
	}
	found, evaluations := s.wolfe(point{plain(0), r.loss, r.grad, slope}, r.s.t)
	r.s.t, r.loss, r.grad = found.t, found.loss, found.grad
	return evaluations
}

// flatGrad returns all gradients in one dimension, complex numbers as pairs.
func (r *lbfgsRun) flatGrad() *torch.Tensor {
	list := make([]*torch.Tensor, len(r.params))
	for i, asked := range internals.GradInfos(r.params) {
		grad := asked.Grad
		switch {
		case grad == nil:
			grad = torch.ZerosLike(r.params[i])
		case grad.IsSparse():
			grad = grad.ToDense()
		}
		list[i] = asReal(grad).Reshape(-1)
	}
	return torch.Cat(list, 0)
}

// move goes t along the direction.
func (r *lbfgsRun) move(t scalar) {
	offset := 0
	for _, p := range r.params {
		p = asReal(p)
		n := p.Numel()
		part := r.s.direction.Narrow(0, offset, n).View(p.Shape()...)
		p.AddInplace(part, torch.AddOptions{Alpha: t.v})
		offset += n
	}
}

// asReal returns a view of x as real numbers, if it is complex.
func asReal(x *torch.Tensor) *torch.Tensor {
	if x.DType().IsComplex() {
		return torch.ViewAsReal(x)
	}
	return x
}
