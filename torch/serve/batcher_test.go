package serve_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// recorder is a run that notes its batches and doubles numbers, which takes a second.
type recorder struct {
	mutex   sync.Mutex
	batches [][]int
	takes   time.Duration
}

func (r *recorder) run(batch []int) ([]int, error) {
	r.mutex.Lock()
	r.batches = append(r.batches, append([]int(nil), batch...))
	r.mutex.Unlock()
	time.Sleep(r.takes)
	var doubled []int
	for _, n := range batch {
		doubled = append(doubled, 2*n)
	}
	return doubled, nil
}

// ask asks for numbers at once, in order, and returns what waits for the answers.
func ask(t *testing.T, b *serve.Batcher[int, int], numbers ...int) (wait func() []error) {
	errs := make([]error, len(numbers))
	var group sync.WaitGroup
	for i, n := range numbers {
		group.Go(func() {
			got, err := b.Do(t.Context(), n)
			if errs[i] = err; err == nil {
				assert.Equal(t, 2*n, got)
			}
		})
		synctest.Wait() // until it is in the queue
	}
	return func() []error { group.Wait(); return errs }
}

func TestBatchesAreFullOrHaveWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{MaxBatch: new(3), MaxWait: time.Minute})
		start := time.Now()
		ask(t, b, 1, 2, 3)()
		assert.Zero(t, time.Since(start), "a full batch does not wait")
		ask(t, b, 4, 5)()
		assert.Equal(t, time.Minute, time.Since(start))
		wait := ask(t, b, 6)
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, []error{nil}, wait())
		assert.Equal(t, time.Minute, time.Since(start), "Shutdown does not wait for others")
		assert.Equal(t, [][]int{{1, 2, 3}, {4, 5}, {6}}, r.batches)
	})
}

// What comes while a batch runs is the next batch.
func TestBatchesOfWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{MaxBatch: new(4), Size: func(n int) int { return n % 10 }})
		ask(t, b, 1, 11, 21, 12, 31, 9, 41)()
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, [][]int{{1}, {11, 21, 12}, {31}, {9}, {41}}, r.batches, "what is larger than a batch runs alone")
	})
}

func TestBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{Bucket: func(n int) any { return n % 2 }})
		wait := ask(t, b, 1, 2, 3, 4, 5, 6)
		assert.Equal(t, 5, b.Waiting())
		assert.Equal(t, 1, b.Running())
		wait()
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, [][]int{{1}, {2, 4, 6}, {3, 5}}, r.batches, "the bucket of the oldest request is the next")
		assert.Zero(t, b.Waiting()+b.Running())
	})
}

func TestSeveralRunners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{MaxBatch: new(1), Runners: new(3), LockThread: true})
		start := time.Now()
		ask(t, b, 1, 2, 3, 4, 5, 6)()
		assert.Equal(t, 2*time.Second, time.Since(start))
		require.NoError(t, b.Shutdown(t.Context()))
	})
}

func TestFullQueueIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Second}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{Queue: new(2)})
		errs := ask(t, b, 1, 2, 3, 4)()
		assert.Equal(t, []error{nil, nil, nil, serve.ErrBusy}, errs)
		ask(t, b, 5)()
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, [][]int{{1}, {2, 3}, {5}}, r.batches)
	})
}

// A request whose context ends before its batch runs is never run, and makes room.
func TestCancelledRequestsAreNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Minute}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{Queue: new(1)})
		wait := ask(t, b, 1)
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := b.Do(late, 2)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, b.Waiting())
		_, err = b.Do(late, 3)
		assert.ErrorIs(t, err, context.DeadlineExceeded, "it is over already")
		wait2 := ask(t, b, 4)
		wait()
		wait2()

		running, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, stop)
		start := time.Now()
		_, err = b.Do(running, 5)
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(start), "its batch goes on without it")
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, [][]int{{1}, {4}, {5}}, r.batches)
	})
}

// odd fails, panics or ends its goroutine for some numbers.
func odd(batch []int) ([]int, error) {
	for _, n := range batch {
		switch n {
		case 13:
			return nil, errors.New("no thirteens")
		case 14:
			panic("fourteen")
		case 15:
			panic(torch.Errorf("test", torch.IndexError, "fifteen"))
		case 16:
			runtime.Goexit()
		case 17:
			return nil, nil
		}
	}
	return (&recorder{}).run(batch)
}

func TestBatchesThatFail(t *testing.T) {
	for _, isolate := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			gate := make(chan bool)
			b := serve.NewBatcher(func(batch []int) ([]int, error) {
				if batch[0] == 0 {
					<-gate
				}
				return odd(batch)
			}, serve.BatcherOptions[int]{Isolate: isolate})
			both := func(n int) []error {
				first := ask(t, b, 0) // while it runs the next batch gathers
				wait := ask(t, b, 1, n, 2)
				gate <- true
				first()
				return wait()
			}
			for n, want := range map[int]string{13: "no thirteens", 14: "serve: running the batch panicked: fourteen", 15: "fifteen",
				17: "responses"} {
				errs := both(n)
				assert.ErrorContains(t, errs[1], want)
				for _, err := range []error{errs[0], errs[2]} {
					if isolate {
						assert.NoError(t, err)
					} else {
						assert.ErrorContains(t, err, want)
					}
				}
			}
			errs := both(15)
			assert.ErrorIs(t, errs[1], &torch.Error{Kind: torch.IndexError})
			var failure *serve.Panic
			require.ErrorAs(t, errs[1], &failure)
			assert.Contains(t, string(failure.Stack), "batcher_test.go")
			// What ends the goroutine ends no runner.
			for _, err := range both(16) {
				assert.ErrorContains(t, err, "Goexit")
			}
			assert.Equal(t, []error{nil, nil, nil}, both(3))
			require.NoError(t, b.Shutdown(t.Context()))
		})
	}
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{takes: time.Minute}
		b := serve.NewBatcher(r.run, serve.BatcherOptions[int]{})
		wait := ask(t, b, 1, 2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, b.Shutdown(ctx), context.DeadlineExceeded)
		_, err := b.Do(t.Context(), 3)
		assert.ErrorIs(t, err, serve.ErrClosed)
		assert.Equal(t, []error{nil, serve.ErrClosed}, wait(), "what ran has its answer")
		require.NoError(t, b.Shutdown(t.Context()))
		require.NoError(t, b.Shutdown(t.Context()))
		assert.Equal(t, [][]int{{1}}, r.batches)
	})
}

func TestBatcherRefusesOptions(t *testing.T) {
	for want, o := range map[string]serve.BatcherOptions[int]{
		"MaxBatch is 0": {MaxBatch: new(0)}, "Queue is -1": {Queue: new(-1)}, "Runners is 0": {Runners: new(0)}, "want 1000 at most": {Runners: new(1 << 40)}, "MaxWait is -1ns": {MaxWait: -1},
	} {
		assert.ErrorContains(t, torch.Try(func() { serve.NewBatcher(odd, o) }), want)
	}
	assert.ErrorContains(t, torch.Try(func() { serve.NewBatcher[int, int](nil) }), "run must not be nil")
	assert.ErrorContains(t, torch.Try(func() { new(serve.Batcher[int, int]).Waiting() }), "NewBatcher makes one")
	assert.ErrorContains(t, torch.Try(func() { _ = new(serve.Server).Add("m", times(2)) }), "NewServer makes one")
}

// Many goroutines ask, cancel and fail. Each gets its own answer, once, and none is lost.
func TestEachGetsItsOwnAnswer(t *testing.T) {
	defer goleak.VerifyNone(t)
	var ran atomic.Int64
	b := serve.NewBatcher(func(batch []int) ([]string, error) {
		ran.Add(int64(len(batch)))
		if rand.IntN(50) == 0 {
			panic("now and then")
		}
		texts := make([]string, len(batch))
		for i, n := range batch {
			texts[i] = fmt.Sprint(n)
		}
		return texts, nil
	}, serve.BatcherOptions[int]{MaxBatch: new(8), MaxWait: 50 * time.Microsecond, Runners: new(3), Queue: new(40), Bucket: func(n int) any { return n % 3 }})
	var right, busy, panicked, cancelled atomic.Int64
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			for j := range 200 {
				n := i*1000 + j
				ctx, cancel := context.WithCancel(t.Context())
				if rand.IntN(4) == 0 {
					time.AfterFunc(time.Duration(rand.IntN(100))*time.Microsecond, cancel)
				}
				got, err := b.Do(ctx, n)
				var failure *serve.Panic
				switch {
				case err == nil:
					assert.Equal(t, fmt.Sprint(n), got)
					right.Add(1)
				case errors.Is(err, serve.ErrBusy):
					busy.Add(1)
				case errors.Is(err, context.Canceled):
					cancelled.Add(1)
				case errors.As(err, &failure):
					panicked.Add(1)
				default:
					assert.NoError(t, err)
				}
				cancel()
			}
		})
	}
	group.Wait()
	require.NoError(t, b.Shutdown(t.Context()))
	assert.Equal(t, int64(10_000), right.Load()+busy.Load()+panicked.Load()+cancelled.Load())
	assert.LessOrEqual(t, right.Load()+panicked.Load(), ran.Load())
	assert.GreaterOrEqual(t, right.Load()+panicked.Load()+cancelled.Load(), ran.Load())
	assert.Positive(t, right.Load())
}
