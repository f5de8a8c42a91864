package optim

import (
	"fmt"
	"sort"
	"strings"

	"github.com/wangkuiyi/gotorch/torch"
)

// field is an option and its name in PyTorch. The value is a pointer to it, a
// list of such, or what state dicts always say.
type field struct {
	name  string
	value any
}

// get returns what a field's value points to; nil is Python's None.
func get(value any) any {
	switch v := value.(type) {
	case *float64:
		return *v
	case *int:
		return *v
	case *bool:
		return *v
	case **float64:
		return optional(*v)
	case **int:
		return optional(*v)
	case **bool:
		return optional(*v)
	case *string:
		if *v == "" {
			return nil
		}
		return *v
	case []any:
		list := make([]any, len(v))
		for i, part := range v {
			list[i] = get(part)
		}
		return list
	}
	return value
}

func optional[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

// set stores v, of a state dict, where a field's value points to, and reports
// whether it is of the right kind.
func set(value, v any) (ok bool) {
	switch to := value.(type) {
	case *float64:
		*to, ok = toFloat(v)
	case *int:
		*to, ok = toInt(v)
	case *bool:
		*to, ok = v.(bool)
	case **float64:
		ok = setOptional(to, v, toFloat)
	case **int:
		ok = setOptional(to, v, toInt)
	case **bool:
		ok = setOptional(to, v, func(v any) (b, ok bool) { b, ok = v.(bool); return })
	case *string:
		*to, ok = v.(string)
		ok = ok || v == nil
	case []any:
		list, isList := toList(v)
		ok = isList && len(list) == len(to)
		for i := 0; ok && i < len(to); i++ {
			ok = set(to[i], list[i])
		}
	default:
		ok = true
	}
	return ok
}

func setOptional[T any](to **T, v any, convert func(any) (T, bool)) bool {
	if v == nil {
		*to = nil
		return true
	}
	x, ok := convert(v)
	*to = &x
	return ok
}

// toFloat returns a number of a state dict; a tensor must have one element.
func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case *torch.Tensor:
		if v == nil || v.Numel() != 1 {
			return 0, false
		}
		return v.Item(), true
	}
	n, ok := toInt(v)
	return float64(n), ok
}

func toInt(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case float64:
		return int(v), v == float64(int(v))
	}
	return 0, false
}

func toList(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case []float64:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = x
		}
		return list, true
	}
	return nil, false
}

// option returns where the option of the given name is, or nil.
func (g *Group[O]) option(name string) any {
	for _, f := range g.fields {
		if f.name == name {
			return f.value
		}
	}
	return nil
}

// LR returns the learning rate.
func (g *Group[O]) LR() float64 {
	lr, _ := g.Number("lr")
	return lr
}

// SetLR sets the learning rate.
func (g *Group[O]) SetLR(lr float64) { g.SetNumber("lr", lr) }

// Momentum returns the momentum, or the first of the betas; false if there is
// neither.
func (g *Group[O]) Momentum() (float64, bool) { return toFloat(get(g.momentum())) }

// SetMomentum sets what Momentum returns.
func (g *Group[O]) SetMomentum(momentum float64) { set(g.momentum(), momentum) }

func (g *Group[O]) momentum() any {
	if betas, ok := g.option("betas").([]any); ok {
		return betas[0]
	}
	return g.option("momentum")
}

// Number returns the option, or what a scheduler keeps with the group, of the
// given name; false if there is none.
func (g *Group[O]) Number(name string) (float64, bool) {
	if option := g.option(name); option != nil {
		return toFloat(get(option))
	}
	v, ok := g.added[name]
	return v, ok
}

// SetNumber sets an option, or keeps a number with the group and its state dict.
func (g *Group[O]) SetNumber(name string, value float64) {
	if option := g.option(name); option != nil {
		set(option, value)
		return
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
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = python(x)
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	return fmt.Sprint(v)
}
