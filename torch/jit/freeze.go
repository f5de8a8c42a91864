package jit

import (
	"errors"
	"maps"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// FreezeOptions are the options of [Freeze].
type FreezeOptions struct {
	PreservedAttrs   []string // attributes and methods besides forward that stay, such as "version"
	OptimizeNumerics *bool    // also what changes the last bits of values, such as folding BatchNorm into convolutions; default: true
}

// Freeze returns a program of its own in which the modules within, parameters and attributes
// have become constants of the code, but for those that are preserved or that methods
// change. It cannot be trained, moved or put into training mode. It fails on a module in
// training mode, and on one within a program.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.freeze.html
func Freeze(m *Module, options ...FreezeOptions) (*Module, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if err := m.checkWhole(); err != nil {
		return nil, err
	}
	s, err := m.program.Freeze(o.PreservedAttrs, option.Or(o.OptimizeNumerics, true))
	return m.derived(s, err)
}

// OptimizeOptions are the options of [OptimizeForInference].
type OptimizeOptions struct {
	OtherMethods []string // to optimize besides forward
}

// OptimizeForInference returns a program of its own that is frozen, if this one is not, and
// in which operators are merged, or replaced by others that this machine runs faster. What
// it gives differs in the last bits. PyTorch calls it a prototype, which may also be slower,
// and does not promise that its programs can be saved.
//
// https://docs.pytorch.org/docs/stable/generated/torch.jit.optimize_for_inference.html
func OptimizeForInference(m *Module, options ...OptimizeOptions) (*Module, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if err := m.checkWhole(); err != nil {
		return nil, err
	}
	s, err := m.program.Optimize(o.OtherMethods)
	return m.derived(s, err)
}

// derived returns the module that a program is that was made of the module's.
func (m *Module) derived(s script, err error) (*Module, error) {
	if err != nil {
		return nil, explain(err)
	}
	derived, err := newModule(s)
	if err != nil {
		s.Free()
		return nil, explain(err)
	}
	derived.ExtraFiles = maps.Clone(m.ExtraFiles)
	return derived, nil
}

// checkWhole fails where there is no whole program, and lets it have Go's changes.
func (m *Module) checkWhole() error {
	if err := m.check(); err != nil {
		return err
	}
	if m.path != "" {
		return errors.New("jit: this is a module within a program; freeze the program")
	}
	return explain(m.program.push())
}
