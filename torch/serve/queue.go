package serve

import (
	"context"
	"slices"
	"time"
)

// call is a request and its response.
type call[Req, Resp any] struct {
	ctx    context.Context //nolint:containedctx // of the request, which is one of many in a batch
	req    Req
	size   int
	since  time.Time
	number uint64             // in order of arrival
	in     *bucket[Req, Resp] // nil when it has left the queue
	done   chan struct{}      // closed when there is an answer
	resp   Resp
	err    error
}

// answer ends the call. It is called once, by whoever took it out of the queue.
func (c *call[Req, Resp]) answer(resp Resp, err error) {
	c.resp, c.err = resp, err
	close(c.done)
}

// bucket has the calls that may be in one batch, the oldest first. There is always one.
type bucket[Req, Resp any] struct {
	key   any
	calls []*call[Req, Resp]
	size  int // of all of them
}

// add puts a call into the queue.
func (b *Batcher[Req, Resp]) add(c *call[Req, Resp], key any) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	switch {
	case b.closing:
		return ErrClosed
	case b.waiting >= b.maxQueue:
		return ErrBusy
	}
	k := b.byKey[key]
	if k == nil {
		k = &bucket[Req, Resp]{key: key}
		b.byKey[key] = k
		b.buckets = append(b.buckets, k)
	}
	b.arrived++
	c.since, c.number, c.in = time.Now(), b.arrived, k
	k.calls = append(k.calls, c)
	k.size += c.size
	b.waiting++
	// Of a bucket that is neither new nor full a runner knows already.
	if b.options.MaxWait == 0 || len(k.calls) == 1 || k.size >= b.maxBatch {
		b.wake.Signal()
	}
	return nil
}

// withdraw takes a call out of the queue, if it is still there.
func (b *Batcher[Req, Resp]) withdraw(c *call[Req, Resp]) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if k := c.in; k != nil {
		at := slices.Index(k.calls, c)
		b.remove(k, at, at+1)
	}
}

// remove takes calls out of a bucket.
func (b *Batcher[Req, Resp]) remove(k *bucket[Req, Resp], from, to int) {
	for _, c := range k.calls[from:to] {
		k.size -= c.size
		c.in = nil
	}
	b.waiting -= to - from
	k.calls = slices.Delete(k.calls, from, to)
	if len(k.calls) == 0 {
		delete(b.byKey, k.key)
		at := slices.Index(b.buckets, k)
		b.buckets = slices.Delete(b.buckets, at, at+1)
	}
}

// take takes the next batch out of the queue: that of the oldest request among those that
// are ready. It sets the timer if none is. Calls whose context has ended are left out.
func (b *Batcher[Req, Resp]) take() (batch []*call[Req, Resp]) {
	for len(batch) == 0 {
		k := b.ready()
		if k == nil {
			return nil
		}
		size, n := 0, 0
		for _, c := range k.calls {
			if c.ctx.Err() != nil {
				n++ // Do has returned, or is about to
				continue
			}
			if size > 0 && size+c.size > b.maxBatch {
				break
			}
			size += c.size
			batch = append(batch, c)
			n++
		}
		b.remove(k, 0, n)
	}
	b.running += len(batch)
	return batch
}

// ready returns the bucket of the next batch, or sets the timer to when there is one.
func (b *Batcher[Req, Resp]) ready() (best *bucket[Req, Resp]) {
	var first time.Time
	now := time.Now()
	for _, k := range b.buckets {
		head := k.calls[0]
		due := head.since.Add(b.options.MaxWait)
		switch {
		case k.size >= b.maxBatch || b.closing || !due.After(now):
			if best == nil || head.number < best.calls[0].number {
				best = k
			}
		case first.IsZero() || due.Before(first):
			first = due
		}
	}
	if !first.IsZero() && (b.alarm.IsZero() || first.Before(b.alarm)) {
		b.alarm = first
		if b.timer == nil {
			b.timer = time.AfterFunc(first.Sub(now), b.ring)
		} else {
			b.timer.Reset(first.Sub(now))
		}
	}
	return best
}

// ring wakes a runner when a request has waited long enough.
func (b *Batcher[Req, Resp]) ring() {
	b.mutex.Lock()
	b.alarm = time.Time{}
	b.mutex.Unlock()
	b.wake.Signal()
}
