package nn_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// The ways to write a Forward that adds 1.
type (
	plainForward  struct{ nn.Module }
	throughRun    struct{ nn.Module }
	laterRun      struct{ nn.Module } // Run gets another tensor
	aroundLibrary struct{ nn.Linear } // the Forward that it calls is that of the same Module
	callsItself   struct {
		nn.Module
		depth int
	}
)

func (p *plainForward) Forward(x *torch.Tensor) *torch.Tensor { return x.Add(1) }

func (p *throughRun) Forward(x *torch.Tensor) *torch.Tensor {
	return p.Run(x, func(x *torch.Tensor) *torch.Tensor { return x.Add(1) })
}

func (l *laterRun) Forward(x *torch.Tensor) *torch.Tensor {
	return l.Run(x.Add(0.5), func(x *torch.Tensor) *torch.Tensor { return x.Add(0.5) })
}

func (a *aroundLibrary) Forward(x *torch.Tensor) *torch.Tensor {
	return a.Linear.Forward(x).Add(1)
}

func (c *callsItself) Forward(x *torch.Tensor) *torch.Tensor {
	if c.depth == 0 {
		return x.Add(1)
	}
	c.depth--
	return nn.Call(c, x)
}

// identical is a linear layer that gives its input.
func identical() nn.Linear {
	l := nn.NewLinear(1, 1, nn.LinearOptions{Bias: new(false)})
	torch.NoGrad(func() { l.Weight.FillInplace(1) })
	return *l
}

func TestCallRunsHooksOnce(t *testing.T) {
	for name, make := range map[string]func() nn.Layer{
		"plain":  func() nn.Layer { return nn.Init(&plainForward{}) },
		"Run":    func() nn.Layer { return nn.Init(&throughRun{}) },
		"later":  func() nn.Layer { return nn.Init(&laterRun{}) },
		"around": func() nn.Layer { return nn.Init(&aroundLibrary{identical()}) },
	} {
		for way, call := range map[string]func(l nn.Layer, x *torch.Tensor) *torch.Tensor{
			"Call":       nn.Call,
			"Sequential": func(l nn.Layer, x *torch.Tensor) *torch.Tensor { return nn.NewSequential(l).Forward(x) },
			"CallAll": func(l nn.Layer, x *torch.Tensor) *torch.Tensor {
				return nn.CallAll(l, func(in []*torch.Tensor) []*torch.Tensor { return []*torch.Tensor{l.Forward(in[0])} }, x)[0]
			},
		} {
			l := make()
			x := torch.Ones([]int{1, 1}, torch.TensorOptions{RequiresGrad: true})
			assert.Equal(t, 2.0, call(l, x).Item(), "%s by %s without hooks", name, way)
			var events []string
			nn.Base(l).RegisterForwardPreHook(func(module nn.AnyModule, in []*torch.Tensor) []*torch.Tensor {
				assert.Same(t, l, module)
				events = append(events, fmt.Sprint("before ", in[0].Item()))
				return []*torch.Tensor{in[0].Mul(10)}
			})
			nn.Base(l).RegisterForwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor {
				events = append(events, fmt.Sprint("after ", in[0].Item(), out[0].Item()))
				return []*torch.Tensor{out[0].Mul(2)}
			})
			nn.Base(l).RegisterFullBackwardPreHook(func(_ nn.AnyModule, _ []*torch.Tensor) []*torch.Tensor {
				events = append(events, "backward begins")
				return nil
			})
			nn.Base(l).RegisterFullBackwardHook(func(_ nn.AnyModule, in, out []*torch.Tensor) []*torch.Tensor {
				events = append(events, fmt.Sprint("backward ", in[0].Item(), out[0].Item()))
				return nil
			})
			for range 2 { // the second call is as the first
				events = nil
				y := call(l, x)
				assert.Equal(t, 22.0, y.Item(), "%s by %s", name, way)
				y.Backward()
				assert.Equal(t, []string{"before 1", "after 10 11", "backward begins", "backward 2 1"}, events, "%s by %s", name, way)
			}
		}
	}
}

func TestForwardAloneRunsHooksThroughRunOnly(t *testing.T) {
	x := torch.Zeros([]int{1})
	for l, want := range map[nn.Layer]int{nn.Init(&plainForward{}): 0, nn.Init(&throughRun{}): 1, nn.NewReLU(): 1} {
		n := 0
		nn.Base(l).RegisterForwardHook(func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor { n++; return nil })
		l.Forward(x)
		assert.Equal(t, want, n, "%T", l)
		nn.Call(l, x)
		assert.Equal(t, want+1, n, "%T", l)
	}
}

func TestCallWithinItself(t *testing.T) {
	c := nn.Init(&callsItself{depth: 2})
	n := 0
	c.RegisterForwardHook(func(_ nn.AnyModule, _, out []*torch.Tensor) []*torch.Tensor {
		n++
		return []*torch.Tensor{out[0].Mul(2)}
	})
	assert.Equal(t, 8.0, nn.Call(c, torch.Zeros([]int{1})).Item())
	assert.Equal(t, 3, n, "each of the calls once")
}

// TestCallOfManyGoroutines calls a module in both ways at once.
func TestCallOfManyGoroutines(t *testing.T) {
	for _, l := range []nn.Layer{nn.Init(&throughRun{}), nn.Init(&laterRun{})} {
		var n atomic.Int32
		nn.Base(l).RegisterForwardHook(func(_ nn.AnyModule, _, out []*torch.Tensor) []*torch.Tensor {
			n.Add(1)
			return []*torch.Tensor{out[0].Mul(2)}
		})
		x := torch.Zeros([]int{1})
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				for range 50 {
					call := l.Forward
					if i%2 == 0 {
						call = func(x *torch.Tensor) *torch.Tensor { return nn.Call(l, x) }
					}
					assert.Equal(t, 2.0, call(x).Item())
				}
			})
		}
		wait.Wait()
		assert.EqualValues(t, 400, n.Load())
	}
}

// failing has a Forward of its own that panics.
type failing struct{ nn.Module }

func (f *failing) Forward(x *torch.Tensor) *torch.Tensor { return x.Mm(x) }

func TestCallNamesTheModule(t *testing.T) {
	bad := nn.Init(&failing{})
	net := nn.NewSequential(nn.NewReLU(), nn.NewSequential().Add("bad", bad))
	for range 2 {
		var e *torch.Error
		require.True(t, errors.As(torch.Try(func() { nn.Call(net, torch.Zeros([]int{2, 3})) }), &e))
		assert.Equal(t, "1.bad", e.Module)
		bad.RegisterForwardHook(func(_ nn.AnyModule, _, out []*torch.Tensor) []*torch.Tensor {
			assert.Nil(t, out)
			return nil
		}, nn.HookOptions{AlwaysCall: true})
	}
	assert.Contains(t, torchtest.Fails(t, func() { nn.Call(nil, torch.Zeros([]int{1})) }).Message, "the module must not be nil")
	assert.Contains(t, torchtest.Fails(t, func() { nn.Call(&plainForward{}, torch.Zeros([]int{1})) }).Message, "was not initialized")
	assert.Contains(t, torchtest.Fails(t, func() { nn.CallAll(bad, nil) }).Message, "forward must not be nil")
}

func TestSummarySeesForwardsOfOnesOwn(t *testing.T) {
	s := nn.Summary(nn.NewSequential(nn.Init(&plainForward{}), nn.Init(&throughRun{})), torch.Zeros([]int{2, 3}))
	for _, row := range s.Rows {
		assert.Equal(t, []int{2, 3}, row.Output, row.Type)
	}
	assert.Equal(t, []int{4}, nn.Summary(nn.Init(&plainForward{}), torch.Zeros([]int{4})).Rows[0].Output)
}
