package optim

import (
	"fmt"
	"sort"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Group is a list of parameters that have options of their own.
type Group[O any] struct {
	Params  []*torch.Tensor
	Options O
	Names   []string // the parameters' names, which state dicts then carry; default: none
	fields  fields
	added   map[string]float64 // by schedulers
}

type fields = option.Fields

// Parameters returns the group's parameters, Params.
func (g *Group[O]) Parameters() []*torch.Tensor { return g.Params }

// LR returns the learning rate.
func (g *Group[O]) LR() float64 {
	lr, _ := g.Number("lr")
	return lr
}

// SetLR sets the learning rate.
func (g *Group[O]) SetLR(lr float64) { g.SetNumber("lr", lr) }

// Momentum returns the momentum, or the first of the betas; false if there is
// neither.
func (g *Group[O]) Momentum() (float64, bool) { return option.Float(option.Get(g.momentum())) }

// SetMomentum sets what Momentum returns.
func (g *Group[O]) SetMomentum(momentum float64) { option.Set(g.momentum(), momentum) }

func (g *Group[O]) momentum() any {
	if betas, ok := g.fields["betas"].(torch.Tuple); ok {
		return betas[0]
	}
	return g.fields["momentum"]
}

// Number returns the option, or what a scheduler keeps with the group, of the
// given name; false if there is none.
func (g *Group[O]) Number(name string) (float64, bool) {
	if at, ok := g.fields[name]; ok {
		return option.Float(option.Get(at))
	}
	v, ok := g.added[name]
	return v, ok
}

// SetNumber sets an option, or keeps a number with the group and its state dict.
func (g *Group[O]) SetNumber(name string, value float64) {
	if at, ok := g.fields[name]; ok {
		option.Set(at, value)
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
