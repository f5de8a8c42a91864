package data_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// Two loaders at a time.
func ExampleDataLoader_Pull() {
	ctx := context.Background()
	few := data.NewDataLoader(data.NewTensorDataset(torch.Arange(0, 4, 1)), data.DataLoaderOptions{BatchSize: 2})
	many := data.NewDataLoader(data.NewTensorDataset(torch.Arange(10, 19, 1)), data.DataLoaderOptions{BatchSize: 3})
	next, stop := many.Pull(ctx)
	defer stop()
	for a, err := range few.All(ctx) {
		b, err2, ok := next()
		if err := errors.Join(err, err2); err != nil || !ok {
			fmt.Println(err)
			return
		}
		fmt.Println(torch.ToSlice[int](a[0]), torch.ToSlice[int](b[0]))
	}
	// Output:
	// [0 1] [10 11 12]
	// [2 3] [13 14 15]
}

func TestPull(t *testing.T) {
	for name, options := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				loader := data.NewDataLoader(rows{n: 5}, options)
				var want, got [][]float32
				for batch, err := range loader.All(t.Context()) {
					assert.NoError(t, err)
					want = append(want, torch.ToSlice[float32](batch.Data))
				}
				next, stop := loader.Pull(t.Context())
				for i := 0; ; i++ {
					var batch data.Sample
					var ok bool
					pull := func() {
						var err error
						batch, err, ok = next()
						assert.NoError(t, err)
					}
					switch i % 3 { // in whatever mode, and from whatever goroutine
					case 0:
						torch.Scope(func() { torch.NoGrad(pull) })
					case 1:
						done := make(chan bool)
						go func() { defer close(done); torch.InferenceMode(pull) }()
						<-done
					default:
						pull()
					}
					if !ok {
						break
					}
					got = append(got, torch.ToSlice[float32](batch.Data))
				}
				assert.Equal(t, want, got)
				stop()
				stop()
				_, err, ok := next()
				assert.NoError(t, err)
				assert.False(t, ok)
			})
		})
	}
}

func TestPullStopsEarly(t *testing.T) {
	for name, options := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				loader := data.NewDataLoader(rows{n: 50}, options)
				_, stop := loader.Pull(t.Context())
				stop() // before the first
				next, stop := loader.Pull(t.Context())
				first, err, ok := next()
				assert.NoError(t, err)
				assert.True(t, ok)
				second, _, _ := next()
				assert.True(t, first.Data.IsClosed(), "its turn is over")
				assert.False(t, second.Data.IsClosed())
				stop()
				assert.True(t, second.Data.IsClosed())
				_, _, ok = next()
				assert.False(t, ok)
			})
		})
	}
}

func TestPullFails(t *testing.T) {
	for name, options := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				broken := errors.New("broken")
				loader := data.NewDataLoader(rows{n: 9, at: func(i int) error {
					if i == 1 {
						return broken
					}
					return nil
				}}, options)
				next, stop := loader.Pull(t.Context())
				defer stop()
				_, err, ok := next()
				assert.NoError(t, err)
				assert.True(t, ok)
				_, err, ok = next()
				assert.ErrorIs(t, err, broken)
				assert.True(t, ok, "an error is a turn")
				_, err, ok = next()
				assert.NoError(t, err)
				assert.False(t, ok)

				ctx, cancel := context.WithCancel(t.Context())
				next, stop = loader.Pull(ctx)
				defer stop()
				cancel()
				_, err, _ = next()
				assert.ErrorIs(t, err, context.Canceled)
			})
		})
	}
}

// panics is a sampler that does.
type panics struct{ data.Sampler[int] }

func (panics) Len() int { return 1 }
func (panics) All() iter.Seq[int] {
	return func(func(int) bool) { panic("the sampler's") }
}

func TestPullPanics(t *testing.T) {
	loader := data.NewDataLoader(rows{n: 5}, data.DataLoaderOptions{Sampler: panics{}})
	next, stop := loader.Pull(t.Context())
	assert.PanicsWithValue(t, "the sampler's", func() { _, _, _ = next() })
	_, _, ok := next()
	assert.False(t, ok)
	stop()
}

// A dataset that ends its goroutine is an error, not the end of the data, and the next
// call says that there is no more.
func TestPullOfGoexit(t *testing.T) {
	for name, o := range every {
		t.Run(name, func(t *testing.T) {
			leaks(t, func(t *testing.T) {
				dataset := rows{100, func(index int) error {
					if index == 2 {
						runtime.Goexit()
					}
					return nil
				}}
				next, stop := data.NewDataLoader(dataset, o).Pull(t.Context())
				defer stop()
				var last error
				for ok := true; ok && last == nil; {
					_, last, ok = next()
				}
				require.EqualError(t, last, "data: the dataset ended its worker's goroutine")
				_, err, ok := next()
				assert.NoError(t, err)
				assert.False(t, ok)
			})
		})
	}
}
