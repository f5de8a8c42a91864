package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// checkpoint is what a training needs to go on as if it had never stopped. Python
// reads it too.
type checkpoint struct {
	Options    map[string]any // the flags that must stay the same
	Place      place
	Model      nn.StateDict
	Optimizer  optim.StateDict
	Scaler     map[string]any
	Generators []*torch.Tensor // the states of the random numbers: the CPU's, the device's
}

// fixed returns the flags that decide about the result.
func (o options) fixed() map[string]any {
	return map[string]any{"data": o.data, "model": o.model, "optimizer": o.optimizer, "lr": o.lr,
		"batch": o.batch, "seed": int(o.seed), "amp": o.amp, "device": o.device.String()}
}

func (o options) generators() []*torch.Generator {
	list := []*torch.Generator{torch.DefaultGenerator()}
	if !o.device.IsCPU() {
		list = append(list, torch.DefaultGenerator(o.device))
	}
	return list
}

func (o options) path() string { return filepath.Join(o.out, "checkpoint.pt") }

// save writes a checkpoint, which takes the place of the last one when it is
// complete.
func (s *session) save() error {
	if s.out == "" {
		return nil
	}
	c := checkpoint{Options: s.fixed(), Place: s.place, Model: s.net.StateDict(),
		Optimizer: s.optimizer.StateDict(), Scaler: s.scaler.StateDict()}
	for _, g := range s.generators() {
		c.Generators = append(c.Generators, g.State())
	}
	return torch.Save(c, s.path())
}

// load goes on from a checkpoint, if there is one.
func (s *session) load() (found bool, err error) {
	c, err := torch.LoadAs[checkpoint](s.path())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for name, value := range s.fixed() {
		if c.Options[name] != value {
			return false, fmt.Errorf("%s was made with -%s %s, not %v", s.path(), name, short(c.Options[name]), value)
		}
	}
	if p := c.Place; p.Images < 0 || p.Epoch != len(p.History) {
		return false, fmt.Errorf("%s says %d images after %d epochs, and has the results of %d", s.path(), p.Images, p.Epoch, len(p.History))
	}
	if _, err := s.net.LoadStateDict(c.Model); err != nil {
		return false, err
	}
	if err := s.optimizer.LoadStateDict(c.Optimizer); err != nil {
		return false, err
	}
	if s.scaler.IsEnabled() {
		if err := s.scaler.LoadStateDict(c.Scaler); err != nil {
			return false, err
		}
	}
	generators := s.generators()
	if len(c.Generators) != len(generators) {
		return false, fmt.Errorf("%s has %d random states, want %d", s.path(), len(c.Generators), len(generators))
	}
	s.place = c.Place
	return true, torch.Try(func() {
		for i, g := range generators {
			g.SetState(c.Generators[i])
		}
	})
}

// short is a value of a checkpoint for an error. In a file that means harm it may be
// of any length and depth.
func short(value any) string {
	switch value.(type) {
	case nil, bool, int, float64, string:
		return fmt.Sprintf("%.100s", fmt.Sprint(value))
	}
	return fmt.Sprintf("a %T", value)
}

// open prepares the folder for results, and goes on from its checkpoint if that is
// asked for.
func (s *session) open(log io.Writer) error {
	if s.out == "" {
		return nil
	}
	if err := os.MkdirAll(s.out, 0o777); err != nil {
		return err
	}
	if !s.resume {
		if _, err := os.Stat(s.path()); err == nil {
			return fmt.Errorf("%s is there: -resume goes on from it; remove it to start anew", s.path())
		}
		return nil
	}
	found, err := s.load()
	if err != nil {
		return err
	}
	if found {
		fmt.Fprintf(log, "Resumed after %d epochs and %d images\n", s.Epoch, s.Images)
	} else {
		fmt.Fprintf(log, "No checkpoint in %s: starting anew\n", s.out)
	}
	return nil
}

// interrupted saves what there is, and returns the error that says so.
func (s *session) interrupted(total int) error {
	where := fmt.Sprintf("in epoch %d, after %d of %d images", s.Epoch+1, s.Images, total)
	if s.out == "" {
		return fmt.Errorf("interrupted %s; without -out nothing is saved", where)
	}
	if err := s.save(); err != nil {
		return fmt.Errorf("interrupted %s, and not saved: %w", where, err)
	}
	return fmt.Errorf("interrupted %s; it is saved in %s, and -resume goes on from there", where, s.path())
}
