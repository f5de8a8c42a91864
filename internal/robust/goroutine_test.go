package robust

import (
	"iter"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

func init() {
	children["pull before and after"] = pullBeforeAndAfter
	children["ten thousand in modes"] = tenThousandInModes
	children["waiting in scopes"] = waitingInScopes
	children["goexit"] = goexit
}

// pullBeforeAndAfter pulls from an iterator of the main goroutine's in another one, as
// Go allows where no goroutine is locked to a thread.
func pullBeforeAndAfter() {
	numbers := func(yield func(int) bool) {
		for i := range 3 {
			if !yield(i) {
				return
			}
		}
	}
	pull := func(next func() (int, bool)) (v int) {
		done := make(chan bool)
		go func() {
			defer close(done)
			v, _ = next()
		}()
		<-done
		return v
	}
	before, stopBefore := iter.Pull(numbers)
	expect("a number", pull(before), 0)
	torch.Ones([]int{3}).Add(1)
	torch.Scope(func() { torch.NoGrad(func() { torch.Ones([]int{3}) }) })
	after, stopAfter := iter.Pull(numbers)
	expect("a number", pull(after), 0)
	expect("a number", pull(before), 1)
	v, _ := before()
	expect("a number", v, 2)
	stopBefore()
	stopAfter()
}

func TestPull(t *testing.T) { survives(t, "pull before and after") }

// threads returns how many threads the process has, on Linux.
func threads() int {
	status, _ := os.ReadFile("/proc/self/status")
	_, text, _ := strings.Cut(string(status), "Threads:")
	n, _ := strconv.Atoi(strings.Fields(text + " 0")[0])
	return n
}

// tenThousandInModes has far more goroutines in modes than there may be threads.
func tenThousandInModes() {
	torch.SetNumThreads(1)
	x := torch.Ones([]int{30, 30})
	var most atomic.Int64
	for _, mode := range []func(f func()){
		torch.NoGrad, torch.InferenceMode, torch.Scope, torch.EnableGrad,
		func(f func()) { torch.WithNumThreads(1, f) },
		func(f func()) { torch.WithDevice(torch.CPU, f) },
		func(f func()) { torch.Autocast(torch.CPU, f, torch.AutocastOptions{Enabled: new(false)}) },
		func(f func()) { torch.Scope(func() { torch.NoGrad(f) }) },
	} {
		var wait sync.WaitGroup
		for i := range many {
			wait.Go(func() {
				mode(func() { expect("the sum", x.Mm(x).Sum().Item(), 27000.0) })
				if i%500 == 0 {
					most.Store(max(most.Load(), int64(threads())))
				}
			})
		}
		wait.Wait()
	}
	if n := most.Load(); n > 1000 {
		expect("threads", n, "at most 1000")
	}
}

func TestTenThousandInModes(t *testing.T) { survives(t, "ten thousand in modes") }

// waitingInScopes has goroutines in modes that wait for others in modes, more than are
// let in at first.
func waitingInScopes() {
	const n = 500
	var inside sync.WaitGroup
	inside.Add(n)
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			torch.Scope(func() {
				inside.Done()
				inside.Wait()
				torch.NoGrad(func() { torch.Ones([]int{2}).Add(1) })
			})
		})
	}
	wait.Wait()
}

func TestWaitingInScopes(t *testing.T) { survives(t, "waiting in scopes") }

// quitter ends the goroutine in each of the functions that libtorch calls.
type quitter struct{}

func (quitter) Forward(_ *autograd.Context, in ...*torch.Tensor) []*torch.Tensor {
	return []*torch.Tensor{in[0].Mul(2)}
}

func (quitter) Backward(*autograd.Context, ...*torch.Tensor) []*torch.Tensor {
	runtime.Goexit()
	return nil
}

func goexit() {
	leaf := func() *torch.Tensor { return torch.Ones([]int{2}).SetRequiresGrad(true) }
	same := func(x *torch.Tensor) *torch.Tensor { return x }
	quit := func(*torch.Tensor) *torch.Tensor { runtime.Goexit(); return nil }
	for name, f := range map[string]func(){
		"tensor hook": func() {
			x := leaf()
			x.RegisterHook(quit)
			x.Sum().Backward()
		},
		"post accumulate hook": func() {
			x := leaf()
			x.RegisterPostAccumulateGradHook(func(*torch.Tensor) { runtime.Goexit() })
			x.Sum().Backward()
		},
		"prehook": func() {
			y := leaf().Exp()
			y.GradFn().RegisterPrehook(func([]*torch.Tensor) []*torch.Tensor { runtime.Goexit(); return nil })
			y.Sum().Backward()
		},
		"posthook": func() {
			y := leaf().Exp()
			y.GradFn().RegisterHook(func(_, _ []*torch.Tensor) []*torch.Tensor { runtime.Goexit(); return nil })
			y.Sum().Backward()
		},
		"function": func() { autograd.Apply1(quitter{}, leaf()).Sum().Backward() },
		"pack":     func() { autograd.SavedTensorsHooks(quit, same, func() { leaf().Exp() }) },
		"unpack": func() {
			var y *torch.Tensor
			autograd.SavedTensorsHooks(same, quit, func() { y = leaf().Exp() })
			y.Sum().Backward()
		},
		"in modes": func() {
			torch.Scope(func() {
				torch.NoGrad(func() {
					torch.EnableGrad(func() {
						x := leaf()
						x.RegisterHook(quit)
						x.Sum().Backward()
					})
				})
			})
		},
	} {
		for range 10 {
			done := make(chan bool)
			go func() {
				defer close(done)
				f()
				expect(name, "it returned", "it ended")
			}()
			<-done
		}
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				expect(name+": gradients", torch.IsGradEnabled(), true)
				x := leaf()
				x.Mul(3).Sum().Backward()
				expect(name+": the gradient", torch.ToSlice[float32](x.Grad()), []float32{3, 3})
			})
		}
		wait.Wait()
	}
	torchtest.Settled()
}

func TestGoexit(t *testing.T) { survives(t, "goexit") }

// TestSynctest has the collector run for tensors that are made in a bubble.
func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for range 20 {
			torch.Ones([]int{10 << 20})
		}
		time.Sleep(time.Hour)
		assert.Equal(t, time.Hour, time.Since(start), "the bubble's clock stands still while tensors are made")
		done := make(chan float64)
		go torch.Scope(func() { done <- torch.Ones([]int{3}).Sum().Item() })
		assert.Equal(t, 3.0, <-done)
		cgotorch.Collect()
	})
	assert.Less(t, cgotorch.LiveBytes(), int64(20*40<<20))
}

// TestNodesAreNumberedAcrossThreads makes nodes in turn on two threads. Backward runs
// nodes of higher numbers first, so the order of sums must not depend on the thread.
func TestNodesAreNumberedAcrossThreads(t *testing.T) {
	if torchtest.Old() || runtime.GOOS != "linux" {
		t.Skip("the shim's count takes the place of libtorch's on Linux")
	}
	var asks [2]chan chan uint64
	for i := range asks {
		asks[i] = make(chan chan uint64)
		go func() {
			runtime.LockOSThread()
			x := torch.Ones([]int{1}).SetRequiresGrad(true)
			for answer := range asks[i] {
				answer <- x.Exp().GradFn().SequenceNr()
			}
		}()
	}
	answer, last := make(chan uint64), uint64(0)
	for i := range 100 {
		asks[i%2] <- answer
		n := <-answer
		assert.True(t, i == 0 || n > last, "%d after %d", n, last)
		last = n
	}
	for _, ask := range asks {
		close(ask)
	}
}
