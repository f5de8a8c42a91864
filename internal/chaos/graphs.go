package main

import (
	"runtime"
	"weak"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/autograd"
)

// leaf makes a leaf of its own.
func (a *actor) leaf() *torch.Tensor {
	return torch.Ones([]int{1 + a.IntN(20)}).SetRequiresGrad(true)
}

// trouble is what a callback may do besides its work.
func (a *actor) trouble(close ...*torch.Tensor) {
	switch a.IntN(40) {
	case 0:
		panic(planned{})
	case 1:
		panic(&torch.Error{Message: "planned"})
	case 2:
		if a.quitting {
			a.quit.Add(1)
			runtime.Goexit()
		}
	case 3, 4, 5:
		for _, x := range close {
			x.Close()
		}
	case 6:
		runtime.GC()
	case 7, 8:
		torch.Scope(func() { torch.EnableGrad(func() { torch.Ones([]int{5}).Add(1) }) })
	}
}

// backward runs a graph of its own over a leaf of its own and a shared tensor, with
// hooks.
func (a *actor) backward() {
	x := a.leaf()
	shared := a.pick()
	y := x.Mul(shared.x.Narrow(0, 0, 1))
	loss := y.Sum()
	hooked := a.IntN(2) == 0
	if hooked {
		// A hook that refers to the graph's own tensors would keep them.
		own := []weak.Pointer[torch.Tensor]{weak.Make(x), weak.Make(y), weak.Make(loss)}
		x.RegisterHook(func(g *torch.Tensor) *torch.Tensor {
			a.trouble(own[0].Value(), own[1].Value(), own[2].Value(), g)
			return nil
		})
		y.GradFn().RegisterPrehook(func(in []*torch.Tensor) []*torch.Tensor {
			a.trouble(in...)
			if a.IntN(10) == 0 {
				return make([]*torch.Tensor, a.IntN(4))
			}
			return nil
		})
		y.GradFn().RegisterHook(func(_, out []*torch.Tensor) []*torch.Tensor {
			a.trouble(out...)
			if a.IntN(10) == 0 {
				return out
			}
			return nil
		})
	}
	loss.Backward()
	if grad := x.Grad(); !hooked {
		a.check("a gradient", grad, shared.value)
	}
}

// grad differentiates a graph that several goroutines make from a shared tensor.
func (a *actor) grad() {
	shared := a.pick()
	x := shared.x.Narrow(0, 0, 1).Detach().SetRequiresGrad(true)
	y := x.Mul(x)
	done := make(chan bool)
	for range 2 {
		go func() {
			defer func() { done <- true }()
			a.try(func() {
				g := autograd.Grad([]*torch.Tensor{y}, []*torch.Tensor{x}, autograd.GradOptions{RetainGraph: new(true)})
				a.check("grad", g[0], 2*shared.value)
			})
		}()
	}
	if a.IntN(4) == 0 {
		x.Close()
	}
	<-done
	<-done
}

// double is a function with a derivative of its own, in which anything may happen.
type double struct {
	*actor
	kept *autograd.Context
}

func (d *double) Forward(ctx *autograd.Context, in ...*torch.Tensor) []*torch.Tensor {
	d.trouble()
	ctx.SaveForBackward(in[0])
	return []*torch.Tensor{in[0].Mul(2)}
}

func (d *double) Backward(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
	d.kept = ctx
	d.trouble(grads...)
	if d.IntN(10) == 0 {
		return make([]*torch.Tensor, d.IntN(3))
	}
	saved := ctx.SavedTensors()[0]
	return []*torch.Tensor{grads[0].Mul(saved).Mul(2)}
}

func (a *actor) function() {
	d := &double{actor: a}
	x := a.leaf()
	y := autograd.Apply1(d, x)
	_ = torch.Try(func() { y.Sum().Backward(torch.BackwardOptions{RetainGraph: new(a.IntN(2) == 0)}) })
	y.Close()
	if a.IntN(10) == 0 {
		runtime.GC()
	}
	if d.kept != nil {
		d.kept.SavedTensors()
	}
}

func (a *actor) savedHooks() {
	x := a.leaf()
	var y *torch.Tensor
	autograd.SavedTensorsHooks(
		func(x *torch.Tensor) *torch.Tensor { // the tensor itself would keep its own graph
			a.trouble()
			return x.Detach()
		},
		func(x *torch.Tensor) *torch.Tensor {
			a.trouble()
			switch a.IntN(10) {
			case 0:
				return nil
			case 1:
				return torch.Ones([]int{0})
			}
			return x
		},
		func() {
			y = x.Exp().Mul(x)
			a.several()
		})
	y.Sum().Backward()
}

func (a *actor) node() {
	x := a.leaf()
	y := x.Mul(x).Exp()
	node := y.GradFn()
	y.Close()
	if a.IntN(2) == 0 {
		x.Close()
	}
	if name := node.Name(); name != "ExpBackward0" {
		a.fail("the node is %s", name)
	}
	for _, edge := range node.NextFunctions() {
		if name := edge.Node.Name(); name != "MulBackward0" {
			a.fail("the node is %s", name)
		}
	}
}
