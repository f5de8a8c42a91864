package robust

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

func init() {
	children["close beside operators"] = closeBesideOperators
	children["many closes"] = manyCloses
	children["close in callbacks"] = closeInCallbacks
	children["scope and keep"] = scopeAndKeep
	children["memory of closed"] = memoryOfClosed
}

// allowed ends a child unless f succeeds or fails because of a closed tensor.
func allowed(f func()) {
	if torch.Try(f) != nil {
		expectError(torch.ClosedError, "closed", f) // for good
	}
}

// closeBesideOperators closes tensors that operators, lists of tensors, properties and
// copies are using.
func closeBesideOperators() {
	for i := range 2000 {
		x := torch.Ones([]int{300_000})
		var wait sync.WaitGroup
		for _, use := range []func(){
			func() { x.Exp() },
			func() { torch.Cat([]*torch.Tensor{x, x, x}, 0) },
			func() { _ = x.Shape() },
			func() { expect("an element", torch.ToSlice[float32](x)[299_999], float32(1)) },
			func() { x.Add(x).Close() },
		}[i%5:][:1] {
			wait.Go(func() { allowed(use) })
		}
		if i%3 == 0 {
			runtime.Gosched()
		}
		x.Close()
		expectError(torch.ClosedError, "argument 'self' is closed", func() { x.Exp() })
		wait.Wait()
	}
	expect("live tensors", torchtest.Settled(), 0)
	expect("live bytes", torchtest.Settle(liveBytes), 0)
}

func TestCloseBesideOperators(t *testing.T) { survives(t, "close beside operators") }

// manyCloses closes each tensor several times at once.
func manyCloses() {
	const rounds = 50_000
	var starts [4]chan *torch.Tensor
	var done, ended sync.WaitGroup
	for i := range starts {
		starts[i] = make(chan *torch.Tensor)
		ended.Go(func() {
			for x := range starts[i] {
				x.Close()
				done.Done()
			}
		})
	}
	for range rounds {
		x := torch.Ones([]int{10})
		done.Add(len(starts))
		for _, start := range starts {
			start <- x
		}
		done.Wait()
		expect("closed", x.IsClosed(), true)
	}
	for _, start := range starts {
		close(start)
	}
	ended.Wait()
	expect("live tensors", torchtest.LiveTensors(), 0)
	expect("live bytes", torchtest.Settle(liveBytes), 0)
}

func TestManyCloses(t *testing.T) { survives(t, "many closes") }

// closer closes what Backward runs on.
type closer struct{ close []*torch.Tensor }

func (*closer) Forward(_ *autograd.Context, in ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{in[0].Mul(2)}
}

func (c *closer) Backward(_ *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	for _, x := range c.close {
		x.Close()
	}
	return []*torch.Tensor{grads[0].Mul(2)}
}

// closeInCallbacks closes the output, the gradient given and the leaf while Backward
// uses them, and what a callback replies with right after it.
func closeInCallbacks() {
	for range 200 {
		x := torch.Ones([]int{1000}).SetRequiresGrad(true)
		c := &closer{}
		y := autograd.Apply1(c, x.Mul(1))
		gradient := torch.Ones([]int{1000})
		c.close = []*torch.Tensor{y, gradient}
		var reply *torch.Tensor
		x.RegisterHook(func(g *torch.Tensor) *torch.Tensor {
			reply = g.Mul(2)
			go reply.Close()
			return reply
		})
		err := torch.Try(func() { y.Backward(torch.BackwardOptions{Gradient: gradient}) })
		expect("closed", y.IsClosed() && gradient.IsClosed(), true)
		if err == nil {
			expect("the gradient", torch.ToSlice[float32](x.Grad())[999], float32(4))
		} else {
			expectError(torch.ClosedError, "closed", func() { panic(err) })
		}
		x.Close()
	}
}

func TestCloseInCallbacks(t *testing.T) { survives(t, "close in callbacks") }

// scopeAndKeep lets other goroutines keep, close and use the tensors of a scope that
// ends.
func scopeAndKeep() {
	for range 3000 {
		var wait sync.WaitGroup
		var kept [8]*torch.Tensor
		torch.Scope(func() {
			for i := range kept {
				x := torch.Full([]int{100}, float64(i))
				kept[i] = x
				wait.Go(func() {
					switch i % 3 {
					case 0:
						x.Keep()
					case 1:
						x.Close()
					default:
						allowed(func() { expect("the sum", x.Sum().Item(), float64(100*i)) })
					}
				})
			}
			runtime.Gosched()
		})
		wait.Wait()
		for i, x := range kept {
			if i%3 != 0 {
				expect("closed", x.IsClosed(), true)
			} else if !x.IsClosed() {
				expect("the sum", x.Sum().Item(), float64(100*i))
				x.Close()
			}
		}
	}
	expect("live tensors", torchtest.Settled(), 0)
	expect("live bytes", torchtest.Settle(liveBytes), 0)
}

func TestScopeAndKeep(t *testing.T) { survives(t, "scope and keep") }

// memoryOfClosed checks that the memory of a tensor that was closed beside a call goes
// with that call, and not later.
func memoryOfClosed() {
	const bytes = 64 << 20
	x := torch.Ones([]int{bytes / 4})
	started := make(chan bool)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		close(started)
		for range 20 {
			allowed(func() { x.Sort(torch.SortOptions{}) })
		}
	}()
	<-started
	time.Sleep(20 * time.Millisecond)
	x.Close()
	<-ended
	torchtest.Settled()
	expect("live bytes", torchtest.Settle(liveBytes), 0)
}

func TestMemoryOfClosed(t *testing.T) { survives(t, "memory of closed") }
