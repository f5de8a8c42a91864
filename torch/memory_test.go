package torch_test

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestClose(t *testing.T) {
	before := torchtest.Settled()
	x := torch.Ones([]int{3})
	view := x.Narrow(0, 0, 2)
	assert.Equal(t, before+2, torchtest.LiveTensors())
	x.Close()
	x.Close()
	(*torch.Tensor)(nil).Close()
	assert.True(t, x.IsClosed())
	assert.Equal(t, []float32{1, 1}, floats(view), "a view keeps the memory")
	view.Close()
	assert.Equal(t, before, torchtest.LiveTensors())
}

func TestScope(t *testing.T) {
	before := torchtest.Settled()
	var lost, kept, inner *torch.Tensor
	torch.Scope(func() {
		lost = torch.Ones([]int{3})
		kept = lost.Add(1).Keep()
		torch.Scope(func() {
			inner = kept.Mul(2)
			assert.Equal(t, before+3, torchtest.LiveTensors())
		})
		assert.True(t, inner.IsClosed())
		assert.False(t, lost.IsClosed())
	})
	assert.True(t, lost.IsClosed())
	assert.Equal(t, []float32{2, 2, 2}, floats(kept))
	assert.Equal(t, before+1, torchtest.LiveTensors())
	kept.Close()
	kept.Keep()
	assert.ErrorContains(t, torch.Try(func() { lost.Add(1) }), "argument 'self' is closed")
}

func TestScopeOfAnotherGoroutine(t *testing.T) {
	var x *torch.Tensor
	torch.Scope(func() {
		done := make(chan bool)
		go func() {
			x = torch.Ones([]int{1})
			close(done)
		}()
		<-done
	})
	assert.Equal(t, 1.0, x.Item(), "not in the scope")
}

func TestScopesInMany(t *testing.T) {
	done := make(chan int)
	for range 40 { // more than the table starts with
		go func() {
			closed := 0
			for range 50 {
				var x *torch.Tensor
				torch.Scope(func() {
					x = torch.Ones([]int{2}).Add(1)
					runtime.Gosched()
				})
				if x.IsClosed() {
					closed++
				}
			}
			done <- closed
		}()
	}
	for range 40 {
		assert.Equal(t, 50, <-done)
	}
}

func TestGarbageCollection(t *testing.T) {
	before := torchtest.Settled()
	for range 100 {
		torch.Ones([]int{4})
	}
	assert.Equal(t, before, torchtest.Settled())
}

// TestNativeMemoryIsSeen makes and drops far more native memory than there may be
// at a time. Go's collector would not run for it by itself.
func TestNativeMemoryIsSeen(t *testing.T) {
	const size = 64 << 20
	for range 40 {
		torch.Zeros([]int{size / 4})
	}
	assert.Less(t, cgotorch.PeakBytes(), int64(12*size))
}

// TestArgumentsStayAlive drops every reference to an argument while the garbage
// collector runs without pause: the call must keep it.
func TestArgumentsStayAlive(t *testing.T) {
	stop := make(chan bool)
	stopped := make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				cgotorch.Collect()
			}
		}
	}()
	for range 300 {
		got := torch.Full([]int{1000}, 2.0).Add(torch.Full([]int{1000}, 3.0)).Sum().Item()
		if !assert.Equal(t, 5000.0, got) {
			break
		}
	}
	close(stop)
	<-stopped
}

// TestThreadsAreBounded has many goroutines in long calls at a time.
func TestThreadsAreBounded(t *testing.T) {
	x := torch.Rand([]int{300, 300})
	before := threads(t)
	done := make(chan bool)
	for range 64 {
		go func() {
			for range 20 {
				x.Matmul(x).Close()
			}
			done <- true
		}()
	}
	for range 64 {
		<-done
	}
	// Each of the GOMAXPROCS goroutines that are in libtorch at a time has a
	// thread and its pool. A goroutine may come back on another thread, so some
	// more have a pool; without the bound there would be 64 of each.
	pools := 4 * runtime.GOMAXPROCS(0)
	assert.LessOrEqual(t, threads(t)-before, pools*torch.NumThreads())
}

func threads(t *testing.T) int {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc here")
	}
	_, rest, _ := strings.Cut(string(data), "Threads:")
	line, _, _ := strings.Cut(rest, "\n")
	n, err := strconv.Atoi(strings.TrimSpace(line))
	require.NoError(t, err)
	return n
}
