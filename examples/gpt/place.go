package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/snapshot"
)

// place is how far a training has come, which the file of -snapshot has.
type place struct {
	options
	step      int // that was done last
	model     *GPT
	optimizer optim.Optimizer
}

func (p *place) state(seed *int64) snapshot.State {
	return snapshot.State{"model": p.model, "optimizer": p.optimizer, "rng": torch.DefaultGenerator(),
		"step": snapshot.Value(&p.step), "seed": snapshot.Value(seed)}
}

// load goes on from the file, if it is there. All processes must find the same.
func (p *place) load() error {
	if p.snapshot == "" {
		return nil
	}
	seed := p.seed
	err := snapshot.Load(p.state(&seed), p.snapshot)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if seed != p.seed {
		return fmt.Errorf("%s was made with -seed %d, not %d", p.snapshot, seed, p.seed)
	}
	if p.Size() == 1 {
		return nil
	}
	steps, err := distributed.AllGatherObject(p.step)
	if err != nil {
		return err
	}
	for rank, step := range steps {
		if step != steps[0] {
			return fmt.Errorf("%s is of step %d for rank %d, but of step %d for rank 0: is it one file for all of them?", p.snapshot, step, rank, steps[0])
		}
	}
	return nil
}

// save writes the file, if this process does that.
func (p *place) save() error {
	if p.snapshot == "" || !p.Leads() {
		return nil
	}
	seed := p.seed
	return snapshot.Save(p.state(&seed), p.snapshot)
}
