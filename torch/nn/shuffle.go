package nn

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
)

// PixelShuffle makes (… × c × h·r × w·r) of (… × c·r² × h × w), r being
// UpscaleFactor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
type PixelShuffle struct {
	Module
	UpscaleFactor int
}

// NewPixelShuffle returns the layer.
func NewPixelShuffle(upscaleFactor int) *PixelShuffle {
	return Init(&PixelShuffle{UpscaleFactor: upscaleFactor})
}

// Forward returns x, … × c·r² × h × w, as … × c × h·r × w·r. It panics where the
// channels do not divide.
func (p *PixelShuffle) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *PixelShuffle) forward(x *torch.Tensor) *torch.Tensor {
	return functional.PixelShuffle(x, p.UpscaleFactor)
}

// ExtraRepr returns the options as Python prints them.
func (p *PixelShuffle) ExtraRepr() string { return fmt.Sprintf("upscale_factor=%d", p.UpscaleFactor) }

// PixelUnshuffle is the inverse of [PixelShuffle]: it makes (… × c·r² × h × w) of
// (… × c × h·r × w·r), r being DownscaleFactor.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
type PixelUnshuffle struct {
	Module
	DownscaleFactor int
}

// NewPixelUnshuffle returns the layer.
func NewPixelUnshuffle(downscaleFactor int) *PixelUnshuffle {
	return Init(&PixelUnshuffle{DownscaleFactor: downscaleFactor})
}

// Forward returns x, … × c × h·r × w·r, as … × c·r² × h × w. It panics where
// height and width do not divide.
func (p *PixelUnshuffle) Forward(x *torch.Tensor) *torch.Tensor { return p.Run(x, p.forward) }

func (p *PixelUnshuffle) forward(x *torch.Tensor) *torch.Tensor {
	return functional.PixelUnshuffle(x, p.DownscaleFactor)
}

// ExtraRepr returns the options as Python prints them.
func (p *PixelUnshuffle) ExtraRepr() string {
	return fmt.Sprintf("downscale_factor=%d", p.DownscaleFactor)
}

// ChannelShuffle deals the channels of (batch × channels × …) out to groups in turn,
// and puts the groups one after the other.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
type ChannelShuffle struct {
	Module
	Groups int
}

// NewChannelShuffle returns the layer.
func NewChannelShuffle(groups int) *ChannelShuffle { return Init(&ChannelShuffle{Groups: groups}) }

// Forward returns x, batch × channels × …, with its channels dealt out to groups.
// It panics where they do not divide.
func (c *ChannelShuffle) Forward(x *torch.Tensor) *torch.Tensor { return c.Run(x, c.forward) }

func (c *ChannelShuffle) forward(x *torch.Tensor) *torch.Tensor {
	return functional.ChannelShuffle(x, c.Groups)
}

// ExtraRepr returns the options as Python prints them.
func (c *ChannelShuffle) ExtraRepr() string { return fmt.Sprintf("groups=%d", c.Groups) }
