package data_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// rows is a dataset that makes its samples: a row of three and a label. at, if
// any, is called first.
type rows struct {
	n  int
	at func(index int) error
}

func (r rows) Len() int { return r.n }

func (r rows) At(index int) (data.Sample, error) {
	if r.at != nil {
		if err := r.at(index); err != nil {
			return data.Sample{}, err
		}
	}
	return data.Sample{Data: torch.Full([]int{3}, index), Target: torch.Full(nil, index)}, nil
}

// leaks runs f and fails if goroutines or tensors are left, without the help of
// the garbage collector for the latter. Its clock is not the wall's: it goes on
// when all wait for it.
func leaks(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	torchtest.Leaks(t, func() { synctest.Test(t, f) })
}

// every lists ways to make batches.
var every = map[string]data.DataLoaderOptions{
	"inline":    {},
	"1 worker":  {NumWorkers: 1, PrefetchFactor: new(1)},
	"4 workers": {NumWorkers: 4},
	"9 ahead":   {NumWorkers: 3, PrefetchFactor: new(3)},
}

func TestOrderWhateverTheWorkers(t *testing.T) {
	slow := rows{50, func(index int) error {
		time.Sleep(time.Duration(index*7%5) * 100 * time.Microsecond)
		return nil
	}}
	var want []int
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				torch.ManualSeed(1)
				o.Shuffle, o.BatchSize = true, new(4)
				var got []int
				for batch, err := range data.NewDataLoader(slow, o).All(t.Context()) {
					require.NoError(t, err)
					assert.Equal(t, []int{batch.Target.Size(0), 3}, batch.Data.Shape())
					got = append(got, ints(batch.Target)...)
				}
				assert.Len(t, got, 50)
				if want == nil {
					want = got
				}
				assert.Equal(t, want, got)
			})
		})
	}
}

func TestBatchesAreFreedUnlessKept(t *testing.T) {
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				o.BatchSize = new(2)
				var kept, lent []data.Sample
				for batch, err := range data.NewDataLoader(rows{n: 6}, o).All(t.Context()) {
					require.NoError(t, err)
					for _, old := range lent {
						assert.True(t, old.Data.IsClosed() && old.Target.IsClosed())
					}
					lent = append(lent, batch)
					if len(lent) == 2 {
						kept, lent = append(kept, batch.Keep()), lent[:1]
					}
				}
				assert.Equal(t, []int{2, 3}, ints(kept[0].Target))
				assert.Equal(t, []int{2, 2, 2, 3, 3, 3}, ints(kept[0].Data))
				for _, sample := range kept {
					sample.Data.Close()
					sample.Target.Close()
				}
			})
		})
	}
}

// The loop frees what its tasks made, and nothing else.
func TestStoredTensorsStay(t *testing.T) {
	stored := []data.Sample{{Data: torch.Ones([]int{2}), Target: torch.Zeros(nil)}}
	same := func(samples []data.Sample) (data.Sample, error) { return samples[0], nil }
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			torch.Scope(func() {
				inScope := data.Sample{Data: torch.Ones([]int{2}), Target: torch.Zeros(nil)}
				dataset := list[data.Sample]{stored[0], inScope}
				for _, err := range data.NewDataLoaderFunc(dataset, same, o).All(t.Context()) {
					require.NoError(t, err)
				}
				assert.False(t, inScope.Data.IsClosed())
			})
			assert.False(t, stored[0].Data.IsClosed())
		})
	}
}

type list[T any] []T

func (l list[T]) Len() int                { return len(l) }
func (l list[T]) At(index int) (T, error) { return l[index], nil }

func TestErrorEndsTheLoop(t *testing.T) {
	broken := errors.New("broken")
	for what, at := range map[string]func(index int) error{
		"error":       func(int) error { return broken },
		"panic":       func(int) error { panic(broken) },
		"torch panic": func(int) error { torch.Ones([]int{2}).Add(torch.Ones([]int{3})); return nil },
	} {
		for name, o := range every {
			t.Run(what+"/"+name, func(t *testing.T) {
				leaks(t, func(t *testing.T) {
					o.BatchSize = new(2)
					dataset := rows{20, func(index int) error {
						if index == 7 || index == 9 {
							return at(index)
						}
						return nil
					}}
					batches := 0
					var last error
					for batch, err := range data.NewDataLoader(dataset, o).All(t.Context()) {
						require.NoError(t, last, "nothing comes after an error")
						if last = err; err == nil {
							batches++
							assert.Equal(t, 2, batch.Target.Size(0))
						}
					}
					assert.Equal(t, 3, batches)
					assert.ErrorContains(t, last, "data: sample 7: ")
					var e *data.Error
					require.ErrorAs(t, last, &e)
					assert.Equal(t, []int{7}, e.Indices)
					if what == "torch panic" {
						assert.ErrorIs(t, last, &torch.Error{Kind: torch.RuntimeError})
						return
					}
					assert.ErrorIs(t, last, broken)
					var p *data.PanicError
					if errors.As(last, &p) {
						assert.Contains(t, string(p.Stack), "loader_test.go")
					}
					assert.Equal(t, what == "panic", p != nil)
				})
			})
		}
	}
}

func TestCollateErrors(t *testing.T) {
	uneven := list[*torch.Tensor]{torch.Ones([]int{2}), torch.Ones([]int{2}), torch.Ones([]int{2}), torch.Ones([]int{3})}
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				o.BatchSize = new(2)
				var last error
				for _, err := range data.NewDataLoader(uneven, o).All(t.Context()) {
					last = err
				}
				assert.ErrorContains(t, last, "data: a batch of samples 2 3: panic: aten::stack: stack expects each tensor to be equal size")
			})
		})
	}
	many := data.NewDataLoader(numbers(12), data.DataLoaderOptions{BatchSize: new(12)})
	for _, err := range many.All(t.Context()) {
		assert.EqualError(t, err, "data: a batch of samples 0 1 2 3 4 5 6 7 and 4 more: "+
			"data.DefaultCollate: batch must contain tensors or data.Sample; found int")
	}
}

func TestBreak(t *testing.T) {
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				for _, err := range data.NewDataLoader(rows{n: 100}, o).All(t.Context()) {
					require.NoError(t, err)
					break
				}
			})
			leaks(t, func(t *testing.T) {
				assert.PanicsWithValue(t, "body", func() {
					for _, err := range data.NewDataLoader(rows{n: 100}, o).All(t.Context()) {
						require.NoError(t, err)
						panic("body")
					}
				})
			})
		})
	}
}

// When a loop is over, nobody uses the dataset.
func TestWorkersAreGoneAfterTheLoop(t *testing.T) {
	leaks(t, func(t *testing.T) {
		var inside atomic.Int32
		dataset := rows{100, func(int) error {
			inside.Add(1)
			defer inside.Add(-1)
			time.Sleep(time.Millisecond)
			return nil
		}}
		for _, err := range data.NewDataLoader(dataset, data.DataLoaderOptions{NumWorkers: 4, BatchSize: new(50)}).All(t.Context()) {
			require.NoError(t, err)
			break
		}
		assert.Zero(t, inside.Load())
	})
}

func TestCancel(t *testing.T) {
	stop := errors.New("stop")
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				n := 0
				var last error
				for _, err := range data.NewDataLoader(rows{n: 100}, o).All(ctx) {
					last = err
					if n++; n == 3 {
						cancel(stop)
					}
				}
				assert.Equal(t, 4, n)
				assert.Equal(t, stop, last)
			})
		})
	}
	// A loop that waits for its workers does not wait for them to the end.
	leaks(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		slow := rows{1000, func(int) error { time.Sleep(5 * time.Millisecond); return nil }}
		loader := data.NewDataLoader(slow, data.DataLoaderOptions{NumWorkers: 2, BatchSize: new(1000)})
		start := time.Now()
		for _, err := range loader.All(ctx) {
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		}
		assert.LessOrEqual(t, time.Since(start), 25*time.Millisecond)
	})
}

// A dataset that ends its goroutine, as t.FailNow does, does not stop the loop
// from ending.
func TestGoexitInWorker(t *testing.T) {
	leaks(t, func(t *testing.T) {
		dataset := rows{100, func(index int) error {
			if index == 2 {
				runtime.Goexit()
			}
			return nil
		}}
		var last error
		for _, err := range data.NewDataLoader(dataset, data.DataLoaderOptions{NumWorkers: 1}).All(t.Context()) {
			last = err
		}
		assert.EqualError(t, last, "data: the dataset ended its worker's goroutine")
	})
}

func TestPrefetchIsBounded(t *testing.T) {
	var started atomic.Int32
	dataset := rows{100, func(int) error { started.Add(1); return nil }}
	given := int32(0)
	for _, err := range data.NewDataLoader(dataset, data.DataLoaderOptions{NumWorkers: 2, PrefetchFactor: new(3)}).All(t.Context()) {
		require.NoError(t, err)
		given++
		assert.LessOrEqual(t, started.Load(), given+6)
	}
	assert.Equal(t, int32(100), given)
}

func TestIterableLoader(t *testing.T) {
	numbers := func(samples []int) (*torch.Tensor, error) { return torch.FromSlice(samples), nil }
	broken := errors.New("broken")
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			o.BatchSize = new(3)
			all := func(s data.IterableDataset[int], o data.DataLoaderOptions) (got [][]int, last error) {
				leaks(t, func(t *testing.T) {
					for batch, err := range data.NewIterableDataLoader(s, numbers, o).All(t.Context()) {
						if last = err; err == nil {
							got = append(got, ints(batch))
						}
					}
				})
				return got, last
			}
			got, err := all(stream{n: 8}, o)
			assert.NoError(t, err)
			assert.Equal(t, [][]int{{0, 1, 2}, {3, 4, 5}, {6, 7}}, got)
			got, err = all(stream{n: 7, err: broken}, o)
			assert.EqualError(t, err, "data: sample 7: broken")
			assert.Equal(t, [][]int{{0, 1, 2}, {3, 4, 5}}, got)
			got, err = all(panicking{}, o)
			assert.EqualError(t, err, "data: sample 4: panic: broken")
			assert.Equal(t, [][]int{{0, 1, 2}}, got)
			dropping := o
			dropping.DropLast = true
			got, err = all(stream{n: 8}, dropping)
			assert.NoError(t, err)
			assert.Equal(t, [][]int{{0, 1, 2}, {3, 4, 5}}, got)

			leaks(t, func(t *testing.T) {
				assert.PanicsWithValue(t, "body", func() {
					for _, err := range data.NewIterableDataLoader(stream{n: 8}, numbers, o).All(t.Context()) {
						require.NoError(t, err)
						panic("body")
					}
				})
				for _, err := range data.NewIterableDataLoader(stream{n: 1 << 40}, numbers, o).All(t.Context()) {
					require.NoError(t, err)
					break
				}
			})
			failing := func(samples []int) (int, error) { return 0, broken }
			for _, err := range data.NewIterableDataLoader(stream{n: 2}, failing, o).All(t.Context()) {
				assert.EqualError(t, err, "data: a batch of samples 0 1: broken")
			}
		})
	}
	_ = torchtest.Fails(t, func() { data.NewIterableDataLoader(stream{n: 7}, numbers).Len() })
	assert.Equal(t, 3, data.NewIterableDataLoader(sizedStream{stream{n: 7}}, numbers, data.DataLoaderOptions{BatchSize: new(3)}).Len())
}

type panicking struct{}

func (panicking) All(context.Context) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := 0; i < 4 && yield(i, nil); i++ {
		}
		panic("broken")
	}
}

type sizedStream struct{ stream }

func (s sizedStream) Len() int { return s.n }

func TestOptionsRefused(t *testing.T) {
	numbers := numbers(4)
	sampler := data.NewSequentialSampler(numbers)
	for want, o := range map[string]data.DataLoaderOptions{
		"sampler option is mutually exclusive with shuffle":              {Shuffle: true, Sampler: sampler},
		"batch_sampler option is mutually exclusive with batch_size, sh": {BatchSampler: data.NewBatchSampler(sampler, 2, false), DropLast: true},
		"batch_size should be a positive integer value, but got batch_s": {BatchSize: new(-1)},
		"num_workers option should be non-negative":                      {NumWorkers: -1},
		"prefetch_factor option should be non-negative":                  {NumWorkers: 1, PrefetchFactor: new(-1)},
		"prefetch_factor option could only be specified in multiprocess": {PrefetchFactor: new(1)},
	} {
		assert.ErrorContains(t, torchtest.Fails(t, func() { data.NewDataLoader(numbers, o) }), want)
	}
	_ = torchtest.Fails(t, func() { data.NewDataLoader(list[int]{}, data.DataLoaderOptions{Shuffle: true}) })
	for want, o := range map[string]data.DataLoaderOptions{
		"expected unspecified shuffle option":       {Shuffle: true},
		"expected unspecified sampler option":       {Sampler: sampler},
		"expected unspecified batch_sampler option": {BatchSampler: data.NewBatchSampler(sampler, 2, false)},
		"batch_size should be a positive integer":   {BatchSize: new(-1)},
	} {
		assert.ErrorContains(t, torchtest.Fails(t, func() { data.NewIterableDataLoader(stream{}, data.DefaultCollate, o) }), want)
	}
}

func TestSamplersOfLoader(t *testing.T) {
	x := data.NewTensorDataset(torch.Arange(0, 6, 1))
	reversed := data.NewSubsetRandomSampler([]int{4, 4, 4})
	loader := data.NewDataLoader(x, data.DataLoaderOptions{Sampler: reversed, BatchSize: new(2)})
	assert.Equal(t, 2, loader.Len())
	batches := data.NewDataLoader(x, data.DataLoaderOptions{
		BatchSampler: data.NewBatchSampler(data.NewDistributedSampler(x, 2, 1, data.DistributedSamplerOptions{Shuffle: new(false)}), 2, false)})
	assert.Equal(t, 2, batches.Len())
	for l, want := range map[*data.DataLoader[[]*torch.Tensor]]string{loader: "[4 4][4]", batches: "[1 3][5]"} {
		got := ""
		for batch, err := range l.All(t.Context()) {
			require.NoError(t, err)
			got += fmt.Sprint(ints(batch[0]))
		}
		assert.Equal(t, want, got)
	}
	assert.Equal(t, "data.DataLoader(batch_size=2, num_workers=0)", loader.String())
	empty := data.NewDataLoader(list[int]{})
	for _, err := range empty.All(t.Context()) {
		require.NoError(t, err)
		assert.Fail(t, "there are no batches")
	}
}

func TestPinMemory(t *testing.T) {
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				o.PinMemory = true
				for batch, err := range data.NewDataLoader(rows{n: 3}, o).All(t.Context()) {
					require.NoError(t, err)
					assert.True(t, batch.Data.Device().IsCPU())
					assert.Equal(t, []int{1, 3}, batch.Data.Shape())
				}
			})
		})
	}
	if !cuda.IsAvailable() {
		t.Log("without CUDA the option does nothing, as in Python")
	}
}

func TestWorkersUseOneThread(t *testing.T) {
	runtime.LockOSThread() // the number is that of a thread
	defer runtime.UnlockOSThread()
	defer torch.SetNumThreads(torch.NumThreads())
	torch.SetNumThreads(3)
	var inside []int
	for _, workers := range []int{0, 1} {
		dataset := rows{n: 2, at: func(int) error {
			inside = append(inside, torch.NumThreads())
			return nil
		}}
		for _, err := range data.NewDataLoader(dataset, data.DataLoaderOptions{NumWorkers: workers}).All(t.Context()) {
			require.NoError(t, err)
		}
	}
	assert.Equal(t, []int{3, 3, 1, 1}, inside)
}

// Enumerate counts, and says why it ended.
func TestEnumerate(t *testing.T) {
	broken := errors.New("broken")
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				o.BatchSize = new(2)
				err := errors.New("of another loop")
				var turns, labels []int
				for i, batch := range data.NewDataLoader(rows{n: 5}, o).Enumerate(t.Context(), &err) {
					turns, labels = append(turns, i), append(labels, ints(batch.Target)...)
				}
				require.NoError(t, err)
				assert.Equal(t, []int{0, 1, 2}, turns)
				assert.Equal(t, []int{0, 1, 2, 3, 4}, labels)

				failing := rows{5, func(index int) error {
					if index == 3 {
						return broken
					}
					return nil
				}}
				last := -1
				for i := range data.NewDataLoader(failing, o).Enumerate(t.Context(), &err) {
					last = i
				}
				assert.ErrorIs(t, err, broken)
				assert.Equal(t, 0, last)

				for range data.NewDataLoader(failing, o).Enumerate(t.Context(), &err) {
					break
				}
				assert.NoError(t, err)
			})
		})
	}
	e := torchtest.Fails(t, func() { data.NewDataLoader(rows{n: 5}).Enumerate(t.Context(), nil) })
	assert.Equal(t, "data.DataLoader.Enumerate: the pointer to an error must not be nil", e.Error())
}

// A batch lives for one turn of the loop, and says so afterwards.
func TestBatchAfterItsTurn(t *testing.T) {
	dataset := data.NewTensorDataset(torch.Arange(0, 4, 1))
	var first, kept *torch.Tensor
	for batch, err := range data.NewDataLoader(dataset, data.DataLoaderOptions{BatchSize: new(2)}).All(t.Context()) {
		require.NoError(t, err)
		if first == nil {
			first = batch[0]
		} else {
			kept = batch[0].Keep()
		}
	}
	defer kept.Close()
	assert.Equal(t, []int{2, 3}, torch.ToSlice[int](kept))
	const words = "is closed: it was lent for one turn of a loop, as a data loader lends its batches, and the loop went on; Keep or Clone within the turn saves it"
	assert.Equal(t, "argument 'self' "+words, torchtest.Fails(t, func() { first.Add(1) }).Message)
	assert.Equal(t, "the tensor "+words, torchtest.Fails(t, func() { first.Shape() }).Message)
}
