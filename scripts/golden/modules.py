"""Golden cases of modules, which the files of golden cases for torch.nn share.

torch/nn/module_golden_test.go reads them.

  repr        what printing the module gives
  state       its state dict when it is new, made after manual_seed(0)
  inputs      what it is called with
  outputs     what that gives, after manual_seed(1); outputs within tuples flat
  ups         what the outputs' gradients are, for those that have some
  input_grads the gradients of the inputs that have some, else null
  grads       the gradients of the parameters by name, else null
  after       those of the state dict that the call changed
"""

import torch

from .tensors import encode


def flat(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if value is None:
        return []
    return [x for v in value for x in flat(v)]


def case(name, make, *inputs, train=True, call=None, backward=True):
    """The golden case of the module that make() gives, called with inputs.

    Floating-point inputs get gradients. call(module, *inputs) replaces the call of
    the module.
    """
    torch.manual_seed(0)
    module = make()
    module.train(train)
    state = {n: x.clone() for n, x in module.state_dict().items()}
    xs = [x.clone().requires_grad_(backward and (x.is_floating_point() or x.is_complex())) for x in inputs]
    torch.manual_seed(1)
    outputs = flat(call(module, *xs) if call else module(*xs))
    ups = []
    if backward:
        generator = torch.Generator().manual_seed(2)
        kept = [y for y in outputs if y.requires_grad]
        ups = [torch.randn(y.shape, generator=generator, dtype=y.dtype) for y in kept]
        if kept:
            torch.autograd.backward(kept, ups)
    after = {n: x for n, x in module.state_dict().items() if not torch.equal(x, state[n])}
    return {
        "name": name,
        "train": train,
        "repr": repr(module),
        "state": [{"name": n, "tensor": encode(x)} for n, x in state.items()],
        "inputs": [encode(x) for x in inputs],
        "outputs": [encode(y) for y in outputs],
        "ups": [encode(u) for u in ups],
        "input_grads": [None if x.grad is None else encode(x.grad) for x in xs] if backward else [],
        "grads": {n: None if p.grad is None else encode(p.grad) for n, p in module.named_parameters()} if backward else {},
        "after": {n: encode(x) for n, x in after.items()},
    }
