package optim

import "github.com/wangkuiyi/gotorch/torch"

// SGD is stochastic gradient descent, with momentum if asked for:
//
//	g ← ∇p + WeightDecay·p
//	v ← Momentum·v + (1−Dampening)·g      (the first time, v ← g)
//	p ← p − LR·v                          (Nesterov: p − LR·(g + Momentum·v))
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
type SGD struct {
	// ParamGroups may be changed between steps, to lower a learning rate for
	// instance.
	ParamGroups []SGDGroup
	momentum    map[*torch.Tensor]*torch.Tensor
}

// SGDOptions are the options of [NewSGD] and of each group.
type SGDOptions struct {
	LR          float64 // the learning rate; default: 0.001
	Momentum    float64
	Dampening   float64
	WeightDecay float64 // adds WeightDecay·p to the gradient
	Nesterov    bool    // needs momentum, and no dampening
	Maximize    bool    // go up instead of down
	Foreach     *bool   // one call for all parameters rather than one each; default: true
	Fused       *bool   // one call for all of a step (libtorch 2.3 or newer); default: false
}

// SGDGroup is a list of parameters that have options of their own.
type SGDGroup struct {
	Params []*torch.Tensor
	SGDOptions
}

// NewSGD returns an optimizer of params. It panics on options that contradict
// each other or are out of range, and on parameters that are not leaves.
func NewSGD(params []*torch.Tensor, options SGDOptions) *SGD {
	return NewSGDGroups(SGDGroup{params, options})
}

// NewSGDGroups returns an optimizer of several groups of parameters. It panics as
// NewSGD does, and on a parameter of two groups.
func NewSGDGroups(groups ...SGDGroup) *SGD {
	const op = "optim.NewSGD"
	s := &SGD{momentum: map[*torch.Tensor]*torch.Tensor{}}
	seen := map[*torch.Tensor]bool{}
	for _, g := range groups {
		checkParams(op, g.Params, seen)
		if g.LR == 0 {
			g.LR = 1e-3
		}
		g.check(op)
		s.ParamGroups = append(s.ParamGroups, g)
	}
	if len(seen) == 0 {
		fail(op, "optimizer got an empty parameter list")
	}
	return s
}

func (o *SGDOptions) check(op string) {
	on := func(v *bool) bool { return v != nil && *v }
	switch {
	case o.LR < 0:
		fail(op, "Invalid learning rate: %v", o.LR)
	case o.Momentum < 0:
		fail(op, "Invalid momentum value: %v", o.Momentum)
	case o.WeightDecay < 0:
		fail(op, "Invalid weight_decay value: %v", o.WeightDecay)
	case o.Nesterov && (o.Momentum <= 0 || o.Dampening != 0):
		fail(op, "Nesterov momentum requires a momentum and zero dampening")
	case on(o.Foreach) && on(o.Fused):
		panic(&torch.Error{Op: op, Kind: torch.RuntimeError, Message: "`fused` and `foreach` cannot be `True` together."})
	}
}

// ZeroGrad drops the gradients of all parameters.
func (s *SGD) ZeroGrad() {
	for _, g := range s.ParamGroups {
		zeroGrad(g.Params)
	}
}

// Step changes all parameters that have a gradient.
func (s *SGD) Step() {
	for i := range s.ParamGroups {
		g := &s.ParamGroups[i]
		params, grads := withGrads(g.Params)
		switch {
		case len(params) == 0:
		case g.Fused != nil && *g.Fused:
			s.fused(g, params, grads)
		case g.Foreach != nil && !*g.Foreach:
			for j := range params {
				s.foreach(g, params[j:j+1], grads[j:j+1])
			}
		default:
			s.foreach(g, params, grads)
		}
	}
}

func (s *SGD) foreach(g *SGDGroup, params, grads []*torch.Tensor) {
	if g.Maximize {
		grads = foreachNeg(grads)
	}
	if g.WeightDecay != 0 {
		grads = foreachAdd(grads, params, g.WeightDecay)
	}
	if g.Momentum != 0 {
		buffers := s.advance(g, params, grads)
		if g.Nesterov {
			grads = foreachAdd(grads, buffers, g.Momentum)
		} else {
			grads = buffers
		}
	}
	foreachAddInplace(params, grads, -g.LR)
}

// advance brings the momentum of params up to date and returns it.
func (s *SGD) advance(g *SGDGroup, params, grads []*torch.Tensor) []*torch.Tensor {
	buffers := make([]*torch.Tensor, len(params))
	var old, oldGrads []*torch.Tensor
	for i, p := range params {
		if buffers[i] = s.momentum[p]; buffers[i] == nil {
			buffers[i] = grads[i].Detach().Clone().Keep()
			s.momentum[p] = buffers[i]
			continue
		}
		old = append(old, buffers[i])
		oldGrads = append(oldGrads, grads[i])
	}
	if len(old) > 0 {
		foreachMulInplace(old, g.Momentum)
		foreachAddInplace(old, oldGrads, 1-g.Dampening)
	}
	return buffers
}

// fused does a step in one call for all parameters of a kind: the operator wants
// one dtype, one device and momentum that all have or none has yet.
func (s *SGD) fused(g *SGDGroup, params, grads []*torch.Tensor) {
	type kind struct {
		dtype  torch.DType
		device torch.Device
		first  bool
	}
	type batch struct{ params, grads, buffers []*torch.Tensor }
	var kinds []kind
	batches := map[kind]*batch{}
	for i, p := range params {
		k := kind{dtype: p.DType(), device: p.Device()}
		buffer := s.momentum[p]
		if g.Momentum != 0 && buffer == nil {
			k.first = true
			buffer = torch.EmptyLike(grads[i]).Keep()
		}
		b := batches[k]
		if b == nil {
			b = &batch{}
			batches[k] = b
			kinds = append(kinds, k)
		}
		b.params = append(b.params, p)
		b.grads = append(b.grads, grads[i])
		if g.Momentum != 0 {
			b.buffers = append(b.buffers, buffer)
		}
	}
	for _, k := range kinds {
		b := batches[k]
		fusedSGD(&g.SGDOptions, b.params, b.grads, b.buffers, k.first)
		for i, buffer := range b.buffers {
			s.momentum[b.params[i]] = buffer
		}
	}
}

func fusedSGD(o *SGDOptions, params, grads, buffers []*torch.Tensor, first bool) {
	var c torch.Call
	c.NoGrad()
	c.Tensors(params)
	c.Tensors(grads)
	c.Tensors(buffers)
	c.Float(o.WeightDecay)
	c.Float(o.Momentum)
	c.Float(o.LR)
	c.Float(o.Dampening)
	c.Bool(o.Nesterov)
	c.Bool(o.Maximize)
	c.Bool(first)
	c.Do(opFusedSGDIn)
}
