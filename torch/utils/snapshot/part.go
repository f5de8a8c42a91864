package snapshot

import (
	"errors"
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// Value is a part of a [State] that is a variable: it is saved as [torch.Save] does, and
// restored as [torch.LoadAs] does. It panics if v is nil.
func Value[T any](v *T) any {
	argument.NotNil("snapshot.Value", "the variable", v)
	return variable[T]{v}
}

// partOf returns a value of a state as a part.
func partOf(value any) (part, error) {
	if argument.IsNil(value) {
		return nil, errors.New("it is nil: leave it out of the State")
	}
	switch v := value.(type) {
	case part:
		return v, nil
	case State:
		return v.parts()
	case module:
		return loadsDict[nn.StateDict]{v.StateDict, func(dict nn.StateDict) error {
			_, err := v.LoadStateDict(dict)
			return err
		}}, nil
	case hasDict[optim.StateDict]:
		return loadsDict[optim.StateDict]{v.StateDict, v.LoadStateDict}, nil
	case hasDict[map[string]any]:
		return loadsDict[map[string]any]{v.StateDict, v.LoadStateDict}, nil
	case *torch.Generator:
		return generator{v}, nil
	case []*torch.Generator:
		return generators(v), nil
	case custom:
		return loads{v}, nil
	}
	return nil, fmt.Errorf("a %T is no part of a State: a variable is one by snapshot.Value(&x), and what is both a torch.Savable and a torch.Loadable", value)
}

type module interface {
	StateDict() nn.StateDict
	LoadStateDict(dict nn.StateDict, options ...nn.LoadOptions) (nn.IncompatibleKeys, error)
}

type hasDict[D any] interface {
	StateDict() D
	LoadStateDict(dict D) error
}

// loadsDict is a part with a state dict.
type loadsDict[D any] struct {
	get func() D
	set func(dict D) error
}

func (l loadsDict[D]) save() any { return l.get() }

func (l loadsDict[D]) load(value any) (func() error, error) {
	dict, err := torch.As[D](value)
	return func() error { return l.set(dict) }, err
}

// variable is a variable.
type variable[T any] struct{ v *T }

func (p variable[T]) save() any { return p.v }

func (p variable[T]) load(value any) (func() error, error) {
	v, err := torch.As[T](value)
	return func() error {
		*p.v = v
		return nil
	}, err
}

// generator is a generator of random numbers.
type generator struct{ g *torch.Generator }

func (p generator) save() any { return p.g.State() }

func (p generator) load(value any) (func() error, error) {
	state, err := torch.As[*torch.Tensor](value)
	if err == nil && state == nil {
		err = errors.New("None is no state of a generator")
	}
	return func() error {
		return torch.Try(func() { p.g.SetState(state.To(torch.CPU)) }) // whatever MapLocation says
	}, err
}

// generators are several of them.
type generators []*torch.Generator

func (p generators) save() any {
	states := make([]any, len(p))
	for i, g := range p {
		states[i] = generator{g}.save()
	}
	return states
}

func (p generators) load(value any) (func() error, error) {
	states, err := torch.As[[]any](value)
	if err != nil {
		return nil, err
	}
	if len(states) != len(p) {
		return nil, fmt.Errorf("it has %d random states, want %d", len(states), len(p))
	}
	restores := make([]func() error, len(p))
	for i, g := range p {
		if restores[i], err = (generator{g}).load(states[i]); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return func() error {
		for _, restore := range restores {
			if err := restore(); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

type custom interface {
	torch.Savable
	torch.Loadable
}

// loads is what says itself what it is in a file, and so is restored when it is read.
type loads struct{ custom }

func (p loads) save() any { return p.SaveValue() }

func (p loads) load(value any) (func() error, error) {
	return func() error { return nil }, p.LoadValue(value)
}
