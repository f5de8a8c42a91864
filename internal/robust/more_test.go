package robust

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func init() {
	children["hooks that add hooks"] = hooksThatAddHooks
	children["copies"] = copies
	children["long stays"] = longStays
}

// hooksThatAddHooks adds hooks to the node that runs them. They run from the next pass
// on.
func hooksThatAddHooks() {
	for range 50 {
		y := torch.Ones([]int{2}).SetRequiresGrad(true).Mul(2)
		node, before, after := y.GradFn(), 0, 0
		node.RegisterPrehook(func([]*torch.Tensor) []*torch.Tensor {
			for range 200 {
				node.RegisterPrehook(func([]*torch.Tensor) []*torch.Tensor { before++; return nil })
			}
			return nil
		})
		node.RegisterHook(func(_, _ []*torch.Tensor) []*torch.Tensor {
			for range 200 {
				node.RegisterHook(func(_, _ []*torch.Tensor) []*torch.Tensor { after++; return nil })
			}
			return nil
		})
		node.RegisterHook(func(_, _ []*torch.Tensor) []*torch.Tensor { after++; return nil })
		s := y.Sum()
		s.Backward(torch.BackwardOptions{RetainGraph: new(true)})
		expect("calls", []int{before, after}, []int{0, 1})
		s.Backward()
		expect("calls", []int{before, after}, []int{200, 202})
	}
}

func TestHooksThatAddHooks(t *testing.T) { survives(t, "hooks that add hooks") }

// copies uses copies of values whose originals are gone.
func copies() {
	collect := func() {
		torchtest.Settled()
		for range 1000 {
			torch.Ones([]int{3})
		}
	}
	y := torch.Ones([]int{2}).SetRequiresGrad(true).Exp()
	node := *y.GradFn()
	y = nil
	collect()
	expect("the name", node.Name(), "ExpBackward0")
	for range 100 {
		x := torch.Ones([]int{3})
		copied := copyOf(x)
		expectError(torch.ClosedError, "closed", func() { copied.Shape() })
		expectError(torch.ClosedError, "closed", func() { x.Add(&copied) })
		x.Close()
		copied.Close()
		copied.Keep()
	}
	collect()
}

// copyOf does what go vet would report.
func copyOf[T any](x *T) T { return *x }

func TestCopies(t *testing.T) { survives(t, "copies") }

// longStays has goroutines that compute or sleep for long in a mode.
func longStays() {
	x := torch.Ones([]int{300, 300})
	for _, stay := range []func(){
		func() { x.Mm(x) },
		func() { time.Sleep(50 * time.Millisecond) },
	} {
		var wait sync.WaitGroup
		for range many / 3 {
			wait.Go(func() { torch.NoGrad(stay) })
		}
		wait.Wait()
		if n := threads(); n > 9000 {
			expect("threads", n, "at most 9000")
		}
	}
}

func TestLongStays(t *testing.T) { survives(t, "long stays") }

// TestManyInBubble has more goroutines of a bubble in modes than are let in at first.
func TestManyInBubble(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		var wait sync.WaitGroup
		for range 1000 {
			wait.Go(func() { torch.Scope(func() { torch.Ones([]int{2}).Add(1) }) })
		}
		wait.Wait()
	})
	synctest.Test(t, func(t *testing.T) {
		var inside, wait sync.WaitGroup
		inside.Add(40)
		for range 40 {
			wait.Go(func() {
				torch.Scope(func() {
					inside.Done()
					inside.Wait()
					assert.Equal(t, 2.0, torch.Ones([]int{1}).Add(1).Item())
				})
			})
		}
		wait.Wait()
	})
	runtime.GC()
}
