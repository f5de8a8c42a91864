"""Golden cases for torch/fn, from torch.func: torch/fn/testdata/fn.json.

torch/fn/golden_test.go has the same calls in Go, by name. Each is given the inputs;
it returns a tensor, or tensors in tuples and lists.
"""

import torch
from torch.func import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp, vmap

from .modules import flat
from .tensors import encode


def inputs():
    g = torch.Generator().manual_seed(23)

    def f(*size, dtype=torch.float32):
        return torch.randn(size, generator=g, dtype=dtype)

    return {"v": f(3), "u": f(4), "m": f(4, 3), "x": f(5, 3), "y": f(5, 4), "d": f(3, dtype=torch.float64), "c": f(3, dtype=torch.complex64),
            "batch": f(2, 5, 3)}


def loss(m, x, y):
    return torch.tanh(x @ m.mT).sub(y).square().mean()


def both(x):
    return x.sin(), (x * x).sum()


def pair(x, y):
    return torch.outer(x.exp(), y.cos())


def chain(x):
    return x.sigmoid().cumsum(0) * x.norm()


CASES = {
    "grad": lambda t: grad(lambda x: (x.sin() * x).sum())(t["v"]),
    "grad float64": lambda t: grad(lambda x: (x.sin() * x).sum())(t["d"]),
    "grad of a complex input": lambda t: grad(lambda x: x.abs().square().sum())(t["c"]),
    "grad of the second input": lambda t: grad(loss, argnums=1)(t["m"], t["x"], t["y"]),
    "grad of the last input": lambda t: grad(loss, argnums=-1)(t["m"], t["x"], t["y"]),
    "grad of grad": lambda t: grad(lambda x: grad(lambda z: z.sin().prod())(x).square().sum())(t["v"]),
    "grad of what does not depend on it": lambda t: grad(lambda x, y: y.sum())(t["v"], t["u"]),
    "grads of two inputs": lambda t: grad(loss, argnums=(2, 0))(t["m"], t["x"], t["y"]),
    "grads of all inputs": lambda t: grad(loss, argnums=(0, 1, 2))(t["m"], t["x"], t["y"]),
    "grad and value": lambda t: grad_and_value(loss)(t["m"], t["x"], t["y"]),
    "vjp": lambda t: (r := vjp(chain, t["v"]))[0:1] + r[1](t["v"].cos()),
    "vjp of two inputs": lambda t: (r := vjp(pair, t["v"], t["u"]))[0:1] + r[1](t["m"].mT),
    "vjp of two outputs": lambda t: (r := vjp(both, t["v"]))[0] + r[1]((t["v"], torch.tensor(2.0))),
    "jvp": lambda t: jvp(chain, (t["v"],), (t["v"].cos(),)),
    "jvp of two inputs": lambda t: jvp(pair, (t["v"], t["u"]), (t["v"].cos(), t["u"].sin())),
    "jvp of two outputs": lambda t: jvp(both, (t["v"],), (torch.ones(3),)),
    "jvp of jvp": lambda t: jvp(lambda x: jvp(chain, (x,), (x.cos(),))[1], (t["v"],), (torch.ones(3),)),
    "jvp of grad": lambda t: jvp(grad(lambda x: chain(x).sum()), (t["v"],), (torch.ones(3),)),
    "jacrev": lambda t: jacrev(chain)(t["v"]),
    "jacrev of the second input": lambda t: jacrev(pair, argnums=1)(t["v"], t["u"]),
    "jacrev in chunks": lambda t: jacrev(pair, chunk_size=5)(t["v"], t["u"]),
    "jacfwd": lambda t: jacfwd(chain)(t["v"]),
    "jacfwd of the second input": lambda t: jacfwd(pair, argnums=1)(t["v"], t["u"]),
    "jacfwd of jacrev": lambda t: jacfwd(jacrev(chain))(t["v"]),
    "jacrev of jacfwd": lambda t: jacrev(jacfwd(chain))(t["v"]),
    "hessian": lambda t: hessian(lambda x: chain(x).sum())(t["v"]),
    "hessian of the second input": lambda t: hessian(loss, argnums=1)(t["m"], t["x"][:1], t["y"][:1]),
    "vmap": lambda t: vmap(torch.dot)(t["x"], t["x"].sin()),
    "vmap of two outputs": lambda t: vmap(both)(t["x"]),
    "vmap in another dimension": lambda t: vmap(torch.dot, in_dims=(1, 0))(t["m"], t["m"].mT),
    "vmap in the last dimension": lambda t: vmap(torch.sum, in_dims=-1)(t["m"]),
    "vmap with an unbatched input": lambda t: vmap(torch.mv, in_dims=(None, 0))(t["m"], t["x"]),
    "vmap to another dimension": lambda t: vmap(both, out_dims=(1, 0))(t["x"]),
    "vmap to no dimension": lambda t: vmap(lambda x: torch.ones(2), out_dims=None)(t["x"]),
    "vmap in chunks": lambda t: vmap(chain, chunk_size=2)(t["x"]),
    "vmap of vmap": lambda t: vmap(vmap(chain))(t["batch"]),
    "vmap of grad": lambda t: vmap(grad(loss), in_dims=(None, 0, 0))(t["m"], t["x"], t["y"]),
    "vmap of jacrev": lambda t: vmap(jacrev(chain))(t["x"]),
    "vmap of hessian": lambda t: vmap(hessian(lambda x: chain(x).sum()))(t["x"]),
    "grad of vmap": lambda t: grad(lambda x: vmap(chain)(x).square().sum())(t["x"]),
    "vmap, the same random numbers": lambda t: vmap(lambda x: x + torch.randn(3), randomness="same")(t["x"]),
    "vmap, different random numbers": lambda t: vmap(lambda x: x + torch.randn(3), randomness="different")(t["x"]),
    "vmap, dropout": lambda t: vmap(lambda x: torch.dropout(x, 0.5, True), randomness="different")(t["x"]),
    "jacrev, the same random numbers": lambda t: jacrev(lambda x: x * x.sum() + torch.rand(3))(t["v"]),
}


def cases():
    known = inputs()
    results = []
    for name, call in CASES.items():
        torch.manual_seed(3)
        results.append({"name": name, "outputs": [encode(y) for y in flat(call(known))]})
    return {"inputs": {n: encode(x) for n, x in known.items()}, "calls": results}
