package serve

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// ModelOptions are the options of [Server.Add] and [Server.Watch].
type ModelOptions struct {
	Version  string             // default: "1"
	MaxBatch *int               // how many rows a batch has at most, which no request may exceed; default: 32, or what the model says
	MaxWait  time.Duration      // how long a request waits for others that fill its batch; default: 0, a batch is what waits when a runner is free
	Queue    *int               // how many requests may wait, before others are refused; default: 1024
	Runners  *int               // how many batches are run at a time; default: 1
	Threads  int                // that a runner computes with; default: torch.NumThreads(), divided by the runners
	Pad      map[string]float64 // by input: what requests are filled up with whose sizes after the first differ from others'; default: these are in other batches
	WarmUp   []Array            // the inputs of a request that is run before the model is ready; default: zeros, if the signature has all sizes but the rows
}

// task is a request to a model.
type task struct {
	inputs []Array
	rows   int
	since  time.Time
}

// deployment is a model that runs.
type deployment struct {
	model     Model
	signature Signature
	options   ModelOptions
	maxBatch  int
	threads   int
	batcher   *Batcher[*task, []Array]
	counts    *modelMetrics
	closed    sync.Once
}

// deploy runs a model with a warm-up, and makes it ready.
func deploy(m Model, o ModelOptions, counts *modelMetrics) (*deployment, error) {
	d := &deployment{model: m, signature: m.Signature(), options: o, maxBatch: 1, counts: counts}
	if err := d.signature.check(); err != nil {
		return nil, fmt.Errorf("the model's signature: %w", err)
	}
	if sizes := d.signature.BatchSizes; d.signature.Batch {
		d.maxBatch = option.Or(o.MaxBatch, 32)
		if len(sizes) == 1 && o.MaxBatch == nil {
			d.maxBatch = sizes[0]
		} else if len(sizes) > 0 {
			d.maxBatch = min(d.maxBatch, sizes[len(sizes)-1])
		}
	}
	for name := range o.Pad {
		if !slices.ContainsFunc(d.signature.Inputs, func(in Spec) bool { return in.Name == name }) {
			return nil, fmt.Errorf("the option Pad names the input %q, which the model has not", name)
		}
	}
	runners := option.Or(o.Runners, 1)
	d.threads = o.Threads
	if d.threads == 0 {
		d.threads = max(1, torch.NumThreads()/max(1, runners))
	}
	if err := d.warmUp(); err != nil {
		return nil, fmt.Errorf("running it for the first time: %w", err)
	}
	err := torch.Try(func() {
		d.batcher = NewBatcher(d.run, BatcherOptions[*task]{
			MaxBatch: &d.maxBatch, MaxWait: o.MaxWait, Queue: o.Queue, Runners: &runners, Isolate: true,
			LockThread: d.threads > 1,
			Bucket:     d.bucket,
			Size:       func(t *task) int { return t.rows },
		})
	})
	return d, err
}

// infer answers a request.
func (d *deployment) infer(ctx context.Context, inputs []Array) ([]Array, error) {
	ordered, rows, err := d.signature.order(inputs)
	if err != nil {
		return nil, err
	}
	if d.signature.Batch && rows > d.maxBatch {
		return nil, refuse("the request has %d rows, and the model takes %d at a time", rows, d.maxBatch)
	}
	return d.batcher.Do(ctx, &task{ordered, rows, time.Now()})
}

// bucket returns what is equal for requests that may be run together.
func (d *deployment) bucket(t *task) any {
	var key []byte
	for i := range t.inputs {
		in := &t.inputs[i]
		key = append(key, byte(in.DType), byte(len(in.Shape)))
		if _, padded := d.options.Pad[in.Name]; padded || len(in.Shape) == 0 {
			continue
		}
		for _, n := range in.Shape[1:] {
			key = binary.AppendUvarint(key, uint64(n))
		}
	}
	return string(key)
}

// run runs a batch.
func (d *deployment) run(tasks []*task) (results [][]Array, err error) {
	b := &batch{Signature: &d.signature, tasks: tasks, pad: d.options.Pad}
	start := time.Now()
	for _, t := range tasks {
		b.rows += t.rows
		if !t.since.IsZero() {
			d.counts.waited.Observe(start.Sub(t.since).Seconds())
			t.since = time.Time{} // it may be run once more, alone
		}
	}
	torch.WithNumThreads(d.threads, func() {
		torch.InferenceMode(func() {
			torch.Scope(func() {
				var outputs []*torch.Tensor
				if outputs, err = d.model.Run(b.stack()); err == nil {
					results, err = b.split(outputs)
				}
			})
		})
	})
	d.counts.rows.Observe(float64(b.rows))
	d.counts.ran.Observe(time.Since(start).Seconds())
	return results, err
}

// warmUp runs the model with each number of rows that it is fast with, twice, since some
// plan at the second time, or else with one row and with most.
func (d *deployment) warmUp() (err error) {
	inputs := d.options.WarmUp
	if inputs == nil {
		inputs = d.zeros()
	}
	if inputs == nil {
		return nil
	}
	ordered, rows, err := d.signature.order(inputs)
	if err != nil {
		return err
	}
	sizes := []int{1}
	if d.signature.Batch {
		sizes = []int{1, d.maxBatch}
		if d.signature.BatchSizes != nil {
			sizes = d.signature.BatchSizes
		}
	}
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v}
		}
	}()
	for _, size := range sizes {
		if size > d.signature.filled(d.maxBatch) {
			break
		}
		tasks := make([]*task, max(1, size/rows))
		for i := range tasks {
			tasks[i] = &task{inputs: ordered, rows: rows}
		}
		for range 2 {
			if _, err := d.run(tasks); err != nil {
				return err
			}
		}
	}
	return nil
}

// zeros returns a request of zeros, or nil if the signature does not say of which sizes.
func (d *deployment) zeros() []Array {
	var list []Array
	for _, spec := range d.signature.Inputs {
		a := Array{Name: spec.Name, DType: spec.DType, Shape: slices.Clone(spec.Shape)}
		if d.signature.Batch && len(a.Shape) > 0 {
			a.Shape[0] = 1
		}
		n, err := a.bytes()
		if spec.Shape == nil || err != nil {
			return nil
		}
		a.Data = make([]byte, n)
		list = append(list, a)
	}
	return list
}

// close runs what waits and then closes the model. If ctx ends before, the model is left
// to the garbage collector, since a batch may still run.
func (d *deployment) close(ctx context.Context) error {
	err := d.batcher.Shutdown(ctx)
	if err == nil {
		d.closed.Do(d.model.Close)
	}
	return err
}
