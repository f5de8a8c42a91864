package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/snapshot"
)

// state is what a training needs to go on as if it had never stopped. Python reads its
// files too.
func (s *session) state() snapshot.State {
	return snapshot.State{
		"options":    s.fixed(),
		"place":      &s.place,
		"model":      s.net,
		"optimizer":  s.optimizer,
		"scaler":     s.scaler,
		"generators": s.generators(),
	}
}

// fixed returns the flags that decide about the result.
func (o options) fixed() lastingFlags {
	return lastingFlags{"data": o.data, "model": o.model, "optimizer": o.optimizer, "lr": o.lr,
		"batch": o.batch, "seed": int(o.seed), "amp": o.amp, "device": o.device.String()}
}

// lastingFlags are flags that must be the same when a training goes on.
type lastingFlags map[string]any

// SaveValue returns what is saved of them.
func (f lastingFlags) SaveValue() any { return map[string]any(f) }

// LoadValue fails on other flags.
func (f lastingFlags) LoadValue(value any) error {
	flags, err := torch.As[map[string]any](value)
	if err != nil {
		return err
	}
	for name, want := range f {
		if flags[name] != want {
			return fmt.Errorf("it was made with -%s %s, not %v", name, short(flags[name]), want)
		}
	}
	return nil
}

// generators returns those of the random numbers: the CPU's, the device's.
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
	if s.out == "" || !s.Leads() {
		return nil
	}
	return snapshot.Save(s.state(), s.path())
}

// load goes on from a checkpoint, if there is one.
func (s *session) load() (found bool, err error) {
	err = snapshot.Load(s.state(), s.path())
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
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
