package data

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
)

// task makes one batch.
type task[B any] func() (B, error)

// made is what a task gave.
type made[B any] struct {
	batch   B
	err     error
	release func() // frees the batch's tensors
}

// runner runs the tasks of one loop.
type runner[B any] struct {
	ctx   context.Context
	yield func(B, error) bool
	pin   bool
}

// none is what there is when no task ran: the reason, or that of the context.
func none[B any](err error) made[B] { return made[B]{err: err, release: func() {}} }

// make runs a task in a scope, and lends the batch's tensors to the loop.
func (r *runner[B]) make(t task[B]) made[B] {
	m, err := guard(func() (m made[B], err error) {
		torch.Scope(func() {
			if m.batch, err = t(); err == nil {
				if r.pin {
					m.batch = pin(m.batch)
				}
				m.release = torch.Lend(tensorsOf(m.batch)...)
			}
		})
		return m, err
	})
	if err != nil {
		return none[B](err)
	}
	return m
}

// give gives a batch to the loop's body and frees it. It reports whether the loop
// goes on.
func (r *runner[B]) give(m made[B]) bool {
	defer m.release()
	if r.ctx.Err() != nil {
		m.err = context.Cause(r.ctx)
	}
	if m.err != nil {
		r.yield(*new(B), m.err)
		return false
	}
	return r.yield(m.batch, nil)
}

// run makes each batch when it is its turn.
func (r *runner[B]) run(tasks iter.Seq[task[B]]) {
	for t := range tasks {
		m := none[B](nil)
		if r.ctx.Err() == nil {
			m = r.make(t)
		}
		if !r.give(m) {
			return
		}
	}
}

// job is a task that a worker does.
type job[B any] struct {
	task task[B]
	made chan made[B] // with room for one
}

// runParallel makes batches in workers, so many of them ahead. The tasks
// themselves come from the loop's goroutine, and so do the sampler's random
// numbers.
func (r *runner[B]) runParallel(tasks iter.Seq[task[B]], workers, ahead int, cancel func()) {
	jobs := make(chan job[B], ahead+1)
	var queue []job[B] // in the loop's order
	var running sync.WaitGroup
	defer func() {
		cancel()
		close(jobs)
		running.Wait()
		for _, j := range queue {
			select {
			case m := <-j.made:
				m.release()
			default: // the worker is gone
			}
		}
	}()
	for range workers {
		running.Go(func() {
			for j := range jobs { // while it waits it is in no mode, which others may want to enter
				torch.WithNumThreads(1, func() { r.work(j) })
			}
		})
	}
	next := func() bool {
		select {
		case m := <-queue[0].made:
			queue = queue[1:]
			return r.give(m)
		case <-r.ctx.Done():
			return r.give(none[B](nil))
		}
	}
	for t := range tasks {
		j := job[B]{t, make(chan made[B], 1)}
		queue = append(queue, j)
		jobs <- j
		if len(queue) > ahead && !next() {
			return
		}
	}
	for len(queue) > 0 {
		if !next() {
			return
		}
	}
}

// errEnded says that a dataset called runtime.Goexit, as t.FailNow does, and not on the
// goroutine that wants the batch.
var errEnded = errors.New("data: the dataset ended its worker's goroutine")

// work does a job, unless nobody waits for it any more.
func (r *runner[B]) work(j job[B]) {
	m := none[B](errEnded)
	defer func() { j.made <- m }()
	if r.ctx.Err() == nil {
		m = r.make(j.task)
	}
}
