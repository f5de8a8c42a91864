package fn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fn"
)

type (
	tensor  = *torch.Tensor
	tensors = []*torch.Tensor
)

func loss(x ...tensor) tensor {
	return x[1].Matmul(x[0].MT()).Tanh().Sub(x[2]).Square().Mean()
}

func both(x ...tensor) tensors { return tensors{x[0].Sin(), x[0].Mul(x[0]).Sum()} }

func pair(x ...tensor) tensor { return x[0].Exp().Outer(x[1].Cos()) }

func chain(x ...tensor) tensor { return x[0].Sigmoid().Cumsum(0).Mul(x[0].Norm(2)) }

func chainSum(x ...tensor) tensor { return chain(x...).Sum() }

func dot(x ...tensor) tensor { return x[0].Dot(x[1]) }

func noisy(x ...tensor) tensor { return x[0].Add(torch.Randn([]int{3})) }

func join(a, b tensors) tensors { return append(a, b...) }

func ones() tensors { return tensors{torch.Ones([]int{3})} }

// calls are those of scripts/golden/fn.py, by name.
var calls = map[string]func(t map[string]tensor) tensors{
	"grad": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(func(x ...tensor) tensor { return x[0].Sin().Mul(x[0]).Sum() })(t["v"])}
	},
	"grad float64": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(func(x ...tensor) tensor { return x[0].Sin().Mul(x[0]).Sum() })(t["d"])}
	},
	"grad of a complex input": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(func(x ...tensor) tensor { return x[0].Abs().Square().Sum() })(t["c"])}
	},
	"grad of the second input": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(loss, fn.GradOptions{ArgNum: 1})(t["m"], t["x"], t["y"])}
	},
	"grad of the last input": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(loss, fn.GradOptions{ArgNum: -1})(t["m"], t["x"], t["y"])}
	},
	"grad of grad": func(t map[string]tensor) tensors {
		inner := fn.Grad(func(x ...tensor) tensor { return x[0].Sin().Prod() })
		return tensors{fn.Grad(func(x ...tensor) tensor { return inner(x...).Square().Sum() })(t["v"])}
	},
	"grad of what does not depend on it": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(func(x ...tensor) tensor { return x[1].Sum() })(t["v"], t["u"])}
	},
	"grads of two inputs": func(t map[string]tensor) tensors { return fn.Grads(loss, 2, 0)(t["m"], t["x"], t["y"]) },
	"grads of all inputs": func(t map[string]tensor) tensors { return fn.Grads(loss)(t["m"], t["x"], t["y"]) },
	"grad and value": func(t map[string]tensor) tensors {
		gradient, value := fn.GradAndValue(loss)(t["m"], t["x"], t["y"])
		return tensors{gradient, value}
	},
	"vjp": func(t map[string]tensor) tensors {
		outputs, vjp := fn.VJP(chain, t["v"])
		return join(outputs, vjp(t["v"].Cos()))
	},
	"vjp of two inputs": func(t map[string]tensor) tensors {
		outputs, vjp := fn.VJP(pair, t["v"], t["u"])
		return join(outputs, vjp(t["m"].MT()))
	},
	"vjp of two outputs": func(t map[string]tensor) tensors {
		outputs, vjp := fn.VJP(both, t["v"])
		return join(outputs, vjp(t["v"], torch.NewTensor(float32(2))))
	},
	"jvp": func(t map[string]tensor) tensors { return join(fn.JVP(chain, tensors{t["v"]}, tensors{t["v"].Cos()})) },
	"jvp of two inputs": func(t map[string]tensor) tensors {
		return join(fn.JVP(pair, tensors{t["v"], t["u"]}, tensors{t["v"].Cos(), t["u"].Sin()}))
	},
	"jvp of two outputs": func(t map[string]tensor) tensors { return join(fn.JVP(both, tensors{t["v"]}, ones())) },
	"jvp of jvp": func(t map[string]tensor) tensors {
		inner := func(x ...tensor) tensor {
			_, tangents := fn.JVP(chain, x, tensors{x[0].Cos()})
			return tangents[0]
		}
		return join(fn.JVP(inner, tensors{t["v"]}, ones()))
	},
	"jvp of grad": func(t map[string]tensor) tensors {
		return join(fn.JVP(fn.Grad(chainSum), tensors{t["v"]}, ones()))
	},
	"jacrev": func(t map[string]tensor) tensors { return tensors{fn.JacRev(chain)(t["v"])} },
	"jacrev of the second input": func(t map[string]tensor) tensors {
		return tensors{fn.JacRev(pair, fn.JacobianOptions{ArgNum: 1})(t["v"], t["u"])}
	},
	"jacrev in chunks": func(t map[string]tensor) tensors {
		return tensors{fn.JacRev(pair, fn.JacobianOptions{ChunkSize: new(5)})(t["v"], t["u"])}
	},
	"jacfwd": func(t map[string]tensor) tensors { return tensors{fn.JacFwd(chain)(t["v"])} },
	"jacfwd of the second input": func(t map[string]tensor) tensors {
		return tensors{fn.JacFwd(pair, fn.JacobianOptions{ArgNum: 1})(t["v"], t["u"])}
	},
	"jacfwd of jacrev": func(t map[string]tensor) tensors { return tensors{fn.JacFwd(fn.JacRev(chain))(t["v"])} },
	"jacrev of jacfwd": func(t map[string]tensor) tensors { return tensors{fn.JacRev(fn.JacFwd(chain))(t["v"])} },
	"hessian":          func(t map[string]tensor) tensors { return tensors{fn.Hessian(chainSum)(t["v"])} },
	"hessian of the second input": func(t map[string]tensor) tensors {
		return tensors{fn.Hessian(loss, fn.JacobianOptions{ArgNum: 1})(t["m"], t["x"].Narrow(0, 0, 1), t["y"].Narrow(0, 0, 1))}
	},
	"vmap":                func(t map[string]tensor) tensors { return tensors{fn.Vmap(dot)(t["x"], t["x"].Sin())} },
	"vmap of two outputs": func(t map[string]tensor) tensors { return fn.Vmap(both)(t["x"]) },
	"vmap in another dimension": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(dot, fn.VmapOptions{InDims: []int{1, 0}})(t["m"], t["m"].MT())}
	},
	"vmap in the last dimension": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(func(x ...tensor) tensor { return x[0].Sum() }, fn.VmapOptions{InDims: []int{-1}})(t["m"])}
	},
	"vmap with an unbatched input": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(func(x ...tensor) tensor { return x[0].Mv(x[1]) }, fn.VmapOptions{InDims: []int{fn.Unbatched, 0}})(t["m"], t["x"])}
	},
	"vmap to another dimension": func(t map[string]tensor) tensors {
		return fn.Vmap(both, fn.VmapOptions{OutDims: []int{1, 0}})(t["x"])
	},
	"vmap to no dimension": func(t map[string]tensor) tensors {
		two := func(...tensor) tensor { return torch.Ones([]int{2}) }
		return tensors{fn.Vmap(two, fn.VmapOptions{OutDims: []int{fn.Unbatched}})(t["x"])}
	},
	"vmap in chunks": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(chain, fn.VmapOptions{ChunkSize: new(2)})(t["x"])}
	},
	"vmap of vmap": func(t map[string]tensor) tensors { return tensors{fn.Vmap(fn.Vmap(chain))(t["batch"])} },
	"vmap of grad": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(fn.Grad(loss), fn.VmapOptions{InDims: []int{fn.Unbatched, 0, 0}})(t["m"], t["x"], t["y"])}
	},
	"vmap of jacrev":  func(t map[string]tensor) tensors { return tensors{fn.Vmap(fn.JacRev(chain))(t["x"])} },
	"vmap of hessian": func(t map[string]tensor) tensors { return tensors{fn.Vmap(fn.Hessian(chainSum))(t["x"])} },
	"grad of vmap": func(t map[string]tensor) tensors {
		return tensors{fn.Grad(func(x ...tensor) tensor { return fn.Vmap(chain)(x...).Square().Sum() })(t["x"])}
	},
	"vmap, the same random numbers": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(noisy, fn.VmapOptions{Randomness: fn.RandomnessSame})(t["x"])}
	},
	"vmap, different random numbers": func(t map[string]tensor) tensors {
		return tensors{fn.Vmap(noisy, fn.VmapOptions{Randomness: fn.RandomnessDifferent})(t["x"])}
	},
	"vmap, dropout": func(t map[string]tensor) tensors {
		dropout := func(x ...tensor) tensor { return torch.Dropout(x[0], 0.5, true) }
		return tensors{fn.Vmap(dropout, fn.VmapOptions{Randomness: fn.RandomnessDifferent})(t["x"])}
	},
	"jacrev, the same random numbers": func(t map[string]tensor) tensors {
		return tensors{fn.JacRev(func(x ...tensor) tensor { return x[0].Mul(x[0].Sum()).Add(torch.Rand([]int{3})) })(t["v"])}
	},
}

func TestTransformsAreThoseOfPython(t *testing.T) {
	transforms(t)
	var golden struct {
		Inputs map[string]torchtest.Tensor
		Calls  []struct {
			Name    string
			Outputs []torchtest.Tensor
		}
	}
	header := torchtest.Golden(t, "testdata/fn.json", &golden)
	assert.Len(t, golden.Calls, len(calls))
	for _, c := range golden.Calls {
		t.Run(c.Name, func(t *testing.T) {
			require.Contains(t, calls, c.Name)
			inputs := map[string]tensor{}
			for name, x := range golden.Inputs {
				inputs[name] = x.Make(t)
			}
			torch.ManualSeed(3)
			outputs := calls[c.Name](inputs)
			require.Len(t, outputs, len(c.Outputs))
			for i, want := range c.Outputs {
				want.Check(t, outputs[i], header.Exact(), 1e-5, "output", i)
			}
		})
	}
}
