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
	layer
	UpscaleFactor int
}

// NewPixelShuffle returns the layer.
func NewPixelShuffle(upscaleFactor int) *PixelShuffle {
	return Init(&PixelShuffle{UpscaleFactor: upscaleFactor})
}

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
	layer
	DownscaleFactor int
}

// NewPixelUnshuffle returns the layer.
func NewPixelUnshuffle(downscaleFactor int) *PixelUnshuffle {
	return Init(&PixelUnshuffle{DownscaleFactor: downscaleFactor})
}

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
	layer
	Groups int
}

// NewChannelShuffle returns the layer.
func NewChannelShuffle(groups int) *ChannelShuffle { return Init(&ChannelShuffle{Groups: groups}) }

func (c *ChannelShuffle) forward(x *torch.Tensor) *torch.Tensor {
	return functional.ChannelShuffle(x, c.Groups)
}

// ExtraRepr returns the options as Python prints them.
func (c *ChannelShuffle) ExtraRepr() string { return fmt.Sprintf("groups=%d", c.Groups) }
