package data

import (
	"context"
	"sync"
)

// Pull is [DataLoader.All] as two functions, for loops that take batches from more
// than one loader, or in modes of their own. Each next gives a batch, an error after
// which there is no more, or false at the end; what [DataLoader.All] says of batches
// and errors holds here too, a batch's next turn being the next call. Call stop when no
// more batches are wanted, also at the end or after an error: it frees the latest batch
// and waits for the workers. A panic of a sampler goes on in next.
//
//	next, stop := loader.Pull(ctx)
//	defer stop()
//	for {
//		batch, err, ok := next()
//		...
//
// Go's iter.Pull does not do here: it ends the process if next is called within a
// [torch.Scope], torch.NoGrad or another mode that the loop was not begun in, since
// modes lock the goroutine to its thread. This one makes the batches on a goroutine of
// its own, while next waits, so any goroutine may call it in any mode.
func (l *DataLoader[B]) Pull(ctx context.Context) (next func() (batch B, err error, ok bool), stop func()) { //nolint:revive // as iter.Pull2
	p := &pulled[B]{asks: make(chan bool), turns: make(chan turn[B])}
	start := sync.OnceFunc(func() { go p.run(l, ctx) })
	next = func() (batch B, err error, ok bool) { //nolint:revive // as iter.Pull2
		p.Lock()
		defer p.Unlock()
		if p.done {
			return batch, nil, false
		}
		start()
		p.asks <- true
		t, ok := <-p.turns
		p.done = !ok || t.last
		if t.panic != nil {
			panic(t.panic)
		}
		return t.batch, t.err, ok
	}
	stop = func() {
		p.Lock()
		defer p.Unlock()
		if p.done {
			return
		}
		p.done = true
		start()
		p.asks <- false
		<-p.turns // it is closed
	}
	return next, stop
}

// pulled is a loop that is asked for each of its turns.
type pulled[B any] struct {
	sync.Mutex
	done  bool
	asks  chan bool // for a turn, or with false for the end
	turns chan turn[B]
}

// turn is what the loop gave, or what it panicked with.
type turn[B any] struct {
	batch B
	err   error
	panic any
	last  bool // the loop's goroutine has ended
}

func (p *pulled[B]) run(l *DataLoader[B], ctx context.Context) {
	defer close(p.turns)
	if !<-p.asks {
		return
	}
	ended := false
	defer func() {
		switch v := recover(); {
		case v != nil:
			p.turns <- turn[B]{panic: v, last: true}
		case !ended:
			p.turns <- turn[B]{err: errEnded, last: true}
		}
	}()
	for batch, err := range l.All(ctx) {
		p.turns <- turn[B]{batch: batch, err: err}
		if !<-p.asks {
			break
		}
	}
	ended = true
}
