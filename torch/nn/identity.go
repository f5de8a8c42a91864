package nn

import "github.com/wangkuiyi/gotorch/torch"

// Identity gives its input: a placeholder.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
type Identity struct{ layer }

// NewIdentity returns the layer. It ignores all arguments, so that it can take the
// place of any other layer.
func NewIdentity(_ ...any) *Identity { return Init(&Identity{}) }

func (i *Identity) forward(x *torch.Tensor) *torch.Tensor { return x }
