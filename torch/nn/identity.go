package nn

import "github.com/wangkuiyi/gotorch/torch"

// Identity gives its input: a placeholder.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
type Identity struct{ Module }

// NewIdentity returns the layer. It ignores all arguments, so that it can take the
// place of any other layer.
func NewIdentity(_ ...any) *Identity { return Init(&Identity{}) }

// Forward returns x itself.
func (i *Identity) Forward(x *torch.Tensor) *torch.Tensor { return i.Run(x, i.forward) }

func (i *Identity) forward(x *torch.Tensor) *torch.Tensor { return x }
