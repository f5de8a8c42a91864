package optim

import (
	"fmt"
	"sort"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
)

// Group is a list of parameters that have options of their own.
type Group[O any] struct {
	Params  []*torch.Tensor
	Options O

	// LR is the learning rate, in the place of Options.LR; 0 freezes the group. In an
	// optimizer it points to Options.LR, or is nil if there is an Options.LRTensor.
	LR *float64

	Names    []string // the parameters' names, which state dicts then carry; default: none
	fields   fields
	rate     rate               // Options.LR and Options.LRTensor
	fixed    bool               // a captured step has the learning rate as a number
	captured bool               // a captured step has the options as they were
	added    map[string]float64 // by schedulers
}

type fields = statedict.Fields

// Parameters returns the group's parameters, Params.
func (g *Group[O]) Parameters() []*torch.Tensor { return g.Params }

// LearningRate returns the learning rate, for which it reads an Options.LRTensor.
func (g *Group[O]) LearningRate() float64 {
	g.follow()
	return g.rate.read()
}

// SetLearningRate sets the learning rate; it fills an Options.LRTensor in place.
func (g *Group[O]) SetLearningRate(lr float64) {
	g.follow()
	if g.fixed && lr != *g.rate.number {
		panic(torch.Errorf("optim.Group.SetLearningRate", torch.RuntimeError,
			"a captured step has the learning rate %v as a number: give it as LRTensor", *g.rate.number))
	}
	g.rate.fill(lr)
}

// follow takes over a learning rate that LR was made to point to.
func (g *Group[O]) follow() {
	if g.rate.number == nil { // in no optimizer yet
		g.rate = rate{new(float64), new(*torch.Tensor)}
	}
	if *g.rate.tensor != nil {
		if g.LR != nil || *g.rate.number != 0 {
			panic(torch.Errorf("optim.Group", torch.ValueError,
				"the learning rate is LRTensor: change it by SetLearningRate, or set LRTensor to nil"))
		}
		return
	}
	if g.LR != g.rate.number && g.LR != nil {
		*g.rate.number = *g.LR
	}
	g.LR = g.rate.number
}

// Momentum returns the momentum, or the first of the betas; false if there is
// neither.
func (g *Group[O]) Momentum() (float64, bool) {
	if betas, ok := g.fields["betas"].(**[2]float64); ok {
		return (*betas)[0], true
	}
	return statedict.Float(statedict.Get(g.fields["momentum"]))
}

// refuseNumber panics since a captured step has an option as a number, until a step
// outside of a capture.
func (g *Group[O]) refuseNumber(op, name string, before float64) {
	panic(torch.Errorf(op, torch.RuntimeError, "a captured step has %s %v as a number, and would go on with it: take a step outside of it, and capture anew", name, before))
}

// SetMomentum sets what Momentum returns.
func (g *Group[O]) SetMomentum(momentum float64) {
	if before, _ := g.Momentum(); g.captured && momentum != before {
		g.refuseNumber("optim.Group.SetMomentum", "momentum", before)
	}
	if betas, ok := g.fields["betas"].(**[2]float64); ok {
		*betas = &[2]float64{momentum, (*betas)[1]}
		return
	}
	statedict.Set(g.fields["momentum"], momentum)
}

// Number returns the option, or what a scheduler keeps with the group, of the
// given name; false if there is none.
func (g *Group[O]) Number(name string) (float64, bool) {
	g.follow()
	if at, ok := g.fields[name]; ok {
		return statedict.Float(statedict.Get(at))
	}
	v, ok := g.added[name]
	return v, ok
}

// SetNumber sets an option, or keeps a number with the group and its state dict.
func (g *Group[O]) SetNumber(name string, value float64) {
	g.follow()
	if name == "lr" {
		g.SetLearningRate(value)
		return
	}
	if at, ok := g.fields[name]; ok {
		if before, known := g.Number(name); g.captured && known && value != before {
			g.refuseNumber("optim.Group.SetNumber", name, before)
		}
		statedict.Set(at, value)
		return
	}
	if g.added == nil {
		g.added = map[string]float64{}
	}
	g.added[name] = value
}

// describe returns the options in alphabetical order, a line each.
func (g *Group[O]) describe() string {
	var lines []string
	for name, v := range g.dict() {
		lines = append(lines, fmt.Sprintf("    %s: %s\n", name, python(v)))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// python returns v as Python prints it.
func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return strings.ToUpper(fmt.Sprint(v)[:1]) + fmt.Sprint(v)[1:]
	case torch.Tuple:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = python(x)
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	return fmt.Sprint(v)
}
