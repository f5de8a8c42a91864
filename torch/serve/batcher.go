package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ErrBusy is the error of a request for which there is no place in the queue.
var ErrBusy = errors.New("serve: too many requests are waiting")

// ErrClosed is the error of a request that comes after Shutdown.
var ErrClosed = errors.New("serve: it is shut down")

// Panic is the error of requests whose batch panicked.
type Panic struct {
	Value any    // what it panicked with
	Stack []byte // where
}

// Error returns what it panicked with.
func (p *Panic) Error() string { return fmt.Sprintf("serve: running the batch panicked: %v", p.Value) }

// Unwrap returns what it panicked with, if that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// BatcherOptions are the options of [NewBatcher].
type BatcherOptions[Req any] struct {
	MaxBatch   *int          // how large a batch may be, by Size; default: 32
	MaxWait    time.Duration // how long a request waits for others that fill its batch; default: 0, a batch is what waits when a runner is free
	Queue      *int          // how many requests may wait, before others get ErrBusy; default: 1024
	Runners    *int          // how many goroutines run batches; default: 1
	Bucket     func(Req) any // requests of one batch have equal keys, which are comparable; default: any requests may be together
	Size       func(Req) int // how much of a batch a request is; default: 1 for each
	Isolate    bool          // where a batch of several fails, run each of its requests alone, so that one does not fail the others
	LockThread bool          // lock each runner to a thread of its own, as OpenMP's pools of threads want it
}

// Batcher gathers requests into batches and gives each its own response. All methods may be
// called from any goroutine.
type Batcher[Req, Resp any] struct {
	run                func([]Req) ([]Resp, error)
	options            BatcherOptions[Req]
	maxBatch, maxQueue int

	mutex   sync.Mutex
	wake    *sync.Cond // a batch may be ready
	buckets []*bucket[Req, Resp]
	byKey   map[any]*bucket[Req, Resp]
	waiting int // requests
	running int // requests
	arrived uint64
	timer   *time.Timer
	alarm   time.Time // when the timer wakes a runner; zero if it is not set
	closing bool
	live    int           // runners
	ended   chan struct{} // closed when there are none any more
}

// NewBatcher returns a batcher whose runners call run with a batch. run returns as many
// responses as it got requests, in their order, or an error, which all of them get. What it
// panics with is a [Panic] for all of them. Several runners call it at once.
//
// [Batcher.Shutdown] ends the runners. It panics with a *[torch.Error] on options that no
// batcher can have.
func NewBatcher[Req, Resp any](run func(batch []Req) ([]Resp, error), options ...BatcherOptions[Req]) *Batcher[Req, Resp] {
	argument.NotNil("serve.NewBatcher", "run", run)
	o := option.First(options)
	b := &Batcher[Req, Resp]{run: run, options: o, byKey: map[any]*bucket[Req, Resp]{}, ended: make(chan struct{})}
	b.wake = sync.NewCond(&b.mutex)
	b.maxBatch = atLeastOne("MaxBatch", o.MaxBatch, 32)
	b.maxQueue = atLeastOne("Queue", o.Queue, 1024)
	b.live = atLeastOne("Runners", o.Runners, 1)
	if b.live > maxRunners {
		panic(torch.Errorf("serve.NewBatcher", torch.ValueError, "Runners is %d, want %d at most", b.live, maxRunners))
	}
	if o.MaxWait < 0 {
		panic(torch.Errorf("serve.NewBatcher", torch.ValueError, "MaxWait is %v, want 0 or more", o.MaxWait))
	}
	for range b.live {
		go b.runner()
	}
	return b
}

// maxRunners is how many runners there may be.
const maxRunners = 1000

// atLeastOne returns the value of an option.
func atLeastOne(name string, value *int, standard int) int {
	n := option.Or(value, standard)
	if n < 1 {
		panic(torch.Errorf("serve.NewBatcher", torch.ValueError, "%s is %d, want 1 or more", name, n))
	}
	return n
}

// mustBeMade panics on a batcher that NewBatcher has not made.
func (b *Batcher[Req, Resp]) mustBeMade(method string) {
	if b == nil || b.wake == nil {
		panic(torch.Errorf("serve.Batcher."+method, torch.TypeError, "the batcher is nil or zero: NewBatcher makes one"))
	}
}

// Do gives a request to a batch and returns its response. It fails with [ErrBusy] at once if
// the queue is full, with [ErrClosed] after Shutdown, and with ctx's error when ctx ends: a
// request that is not in a batch by then never gets into one. If it is, Do returns, and the
// batch goes on.
func (b *Batcher[Req, Resp]) Do(ctx context.Context, req Req) (resp Resp, err error) {
	b.mustBeMade("Do")
	argument.NotNil("serve.Batcher.Do", "ctx", ctx)
	if err := ctx.Err(); err != nil {
		return resp, err
	}
	c := &call[Req, Resp]{ctx: ctx, req: req, size: 1, done: make(chan struct{})}
	if b.options.Size != nil {
		c.size = max(1, b.options.Size(req))
	}
	var key any
	if b.options.Bucket != nil {
		key = b.options.Bucket(req)
	}
	if err := b.add(c, key); err != nil {
		return resp, err
	}
	select {
	case <-c.done:
		return c.resp, c.err
	case <-ctx.Done():
		b.withdraw(c)
		return resp, ctx.Err()
	}
}

// Waiting returns how many requests are in the queue.
func (b *Batcher[Req, Resp]) Waiting() int {
	b.mustBeMade("Waiting")
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.waiting
}

// Running returns how many requests are in batches that run.
func (b *Batcher[Req, Resp]) Running() int {
	b.mustBeMade("Running")
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.running
}

// Shutdown takes no further requests, runs those that wait, and returns when the runners
// have ended. If ctx ends before, it returns its error; the requests that wait then get
// [ErrClosed], and the runners end when their batches have. It may be called again.
func (b *Batcher[Req, Resp]) Shutdown(ctx context.Context) error {
	b.mustBeMade("Shutdown")
	b.mutex.Lock()
	b.closing = true
	b.mutex.Unlock()
	b.wake.Broadcast()
	select {
	case <-b.ended:
		return nil
	case <-ctx.Done():
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for len(b.buckets) > 0 {
		k := b.buckets[0]
		calls := slices.Clone(k.calls)
		b.remove(k, 0, len(calls))
		for _, c := range calls {
			c.answer(*new(Resp), ErrClosed)
		}
	}
	b.wake.Broadcast()
	return ctx.Err()
}
