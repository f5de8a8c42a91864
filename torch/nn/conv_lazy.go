package nn

import "github.com/wangkuiyi/gotorch/torch"

// inferChannels takes the number of channels in from x, and makes the parameters
// unless a state dict has.
func (c *ConvNd) inferChannels(x *torch.Tensor) {
	dims := c.dims
	if x.Dim() != dims+1 && x.Dim() != dims+2 {
		panic(torch.Errorf("nn."+typeName(c.self), torch.RuntimeError,
			"Expected %dD (unbatched) or %dD (batched) input to %s, but got input of size: torch.Size(%s)", dims+1, dims+2, typeName(c.self), list(x.Shape())))
	}
	c.InChannels = x.Size(-dims - 1)
	if !IsUninitialized(c.Weight) {
		return
	}
	if c.InChannels%c.Groups != 0 {
		panic(torch.Errorf("nn."+typeName(c.self), torch.ValueError, "in_channels must be divisible by groups"))
	}
	c.initialize()
}

// LazyConv1d is a [Conv1d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html
type LazyConv1d struct{ Conv1d }

// NewLazyConv1d is [NewConv1d] for any number of channels in.
func NewLazyConv1d(out int, kernelSize torch.Sizes, options ...Conv1dOptions) *LazyConv1d {
	return Init(&LazyConv1d{Conv1d{newConvolution("LazyConv1d", 1, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConv1d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.Conv1d
}

// LazyConv2d is a [Conv2d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html
type LazyConv2d struct{ Conv2d }

// NewLazyConv2d is [NewConv2d] for any number of channels in.
func NewLazyConv2d(out int, kernelSize torch.Sizes, options ...Conv2dOptions) *LazyConv2d {
	return Init(&LazyConv2d{Conv2d{newConvolution("LazyConv2d", 2, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConv2d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.Conv2d
}

// LazyConv3d is a [Conv3d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html
type LazyConv3d struct{ Conv3d }

// NewLazyConv3d is [NewConv3d] for any number of channels in.
func NewLazyConv3d(out int, kernelSize torch.Sizes, options ...Conv3dOptions) *LazyConv3d {
	return Init(&LazyConv3d{Conv3d{newConvolution("LazyConv3d", 3, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConv3d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.Conv3d
}

// LazyConvTranspose1d is a [ConvTranspose1d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html
type LazyConvTranspose1d struct{ ConvTranspose1d }

// NewLazyConvTranspose1d is [NewConvTranspose1d] for any number of channels in.
func NewLazyConvTranspose1d(out int, kernelSize torch.Sizes, options ...ConvTranspose1dOptions) *LazyConvTranspose1d {
	return Init(&LazyConvTranspose1d{ConvTranspose1d{newTransposedConvolution("LazyConvTranspose1d", 1, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConvTranspose1d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.ConvTranspose1d
}

// LazyConvTranspose2d is a [ConvTranspose2d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html
type LazyConvTranspose2d struct{ ConvTranspose2d }

// NewLazyConvTranspose2d is [NewConvTranspose2d] for any number of channels in.
func NewLazyConvTranspose2d(out int, kernelSize torch.Sizes, options ...ConvTranspose2dOptions) *LazyConvTranspose2d {
	return Init(&LazyConvTranspose2d{ConvTranspose2d{newTransposedConvolution("LazyConvTranspose2d", 2, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConvTranspose2d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.ConvTranspose2d
}

// LazyConvTranspose3d is a [ConvTranspose3d] that takes the number of channels in from its first
// input.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html
type LazyConvTranspose3d struct{ ConvTranspose3d }

// NewLazyConvTranspose3d is [NewConvTranspose3d] for any number of channels in.
func NewLazyConvTranspose3d(out int, kernelSize torch.Sizes, options ...ConvTranspose3dOptions) *LazyConvTranspose3d {
	return Init(&LazyConvTranspose3d{ConvTranspose3d{newTransposedConvolution("LazyConvTranspose3d", 3, inferred, out, kernelSize, options)}})
}

// InitializeParameters makes the parameters for x, and draws them. It panics if the
// channels of x do not divide into groups.
func (c *LazyConvTranspose3d) InitializeParameters(x *torch.Tensor) AnyModule {
	c.inferChannels(x)
	return &c.ConvTranspose3d
}
