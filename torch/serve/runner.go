package serve

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// runner runs batches until the batcher is shut down.
func (b *Batcher[Req, Resp]) runner() {
	if b.options.LockThread {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	ended := false
	defer func() {
		if !ended { // run has called runtime.Goexit
			go b.runner()
		}
	}()
	b.mutex.Lock()
	for {
		batch := b.take()
		switch {
		case batch != nil:
			if len(b.buckets) > 0 {
				b.wake.Signal() // another may be ready
			}
			b.mutex.Unlock()
			b.serve(batch)
			b.mutex.Lock()
		case b.closing && b.waiting == 0:
			b.live--
			if b.live == 0 {
				if b.timer != nil {
					b.timer.Stop()
				}
				close(b.ended)
			}
			b.mutex.Unlock()
			ended = true
			b.wake.Signal() // the next one ends, too
			return
		default:
			b.wake.Wait()
		}
	}
}

// serve runs a batch and answers its calls.
func (b *Batcher[Req, Resp]) serve(batch []*call[Req, Resp]) {
	left := batch
	defer func() {
		for _, c := range left { // run has called runtime.Goexit
			c.answer(*new(Resp), &Panic{Value: "runtime.Goexit was called"})
		}
		b.mutex.Lock()
		b.running -= len(batch)
		b.mutex.Unlock()
	}()
	resps, err := b.try(batch)
	for i, c := range batch {
		switch {
		case err == nil:
			c.answer(resps[i], nil)
		case !b.options.Isolate || len(batch) == 1:
			c.answer(*new(Resp), err)
		case c.ctx.Err() != nil:
			c.answer(*new(Resp), c.ctx.Err())
		default:
			if one, err := b.try(batch[i : i+1]); err != nil {
				c.answer(*new(Resp), err)
			} else {
				c.answer(one[0], nil)
			}
		}
		left = batch[i+1:]
	}
}

// try calls run with the requests of a batch.
func (b *Batcher[Req, Resp]) try(batch []*call[Req, Resp]) (resps []Resp, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &Panic{Value: v, Stack: debug.Stack()}
		}
	}()
	reqs := make([]Req, len(batch))
	for i, c := range batch {
		reqs[i] = c.req
	}
	resps, err = b.run(reqs)
	if err == nil && len(resps) != len(reqs) {
		return nil, fmt.Errorf("serve: the batch of %d requests gave %d responses", len(reqs), len(resps))
	}
	return resps, err
}
