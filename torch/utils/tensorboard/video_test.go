package tensorboard_test

import (
	"image/gif"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

// addVideo adds a video, and returns its sizes and what the GIF holds.
func addVideo(t *testing.T, x *torch.Tensor, options ...tensorboard.VideoOptions) (sizes []any, video *gif.GIF) {
	w := newWriter(t)
	w.AddVideo("v", x, 1, options...)
	require.NoError(t, w.Close())
	_, events := records(t, w.LogDir())
	require.Len(t, events, 1)
	value := events[0].message(t, 5, 1)
	assert.Equal(t, "v", value.text(1))
	img := value.message(t, 4)
	video, err := gif.DecodeAll(strings.NewReader(img.text(4)))
	require.NoError(t, err)
	for i := range 3 {
		sizes = append(sizes, img.fields[i+1]...)
	}
	return sizes, video
}

// frames returns a video as frames × height × width × channels.
func frames(video *gif.GIF, channels int) *torch.Tensor {
	var all []*torch.Tensor
	for _, frame := range video.Image {
		all = append(all, pixels(frame, channels))
	}
	return torch.Stack(all, 0)
}

func TestAddVideo(t *testing.T) {
	gray := torch.Arange(0, 24, 1).Sub(4).Div(16).Reshape(1, 2, 1, 3, 4)
	rgb := torch.Arange(0, 180, 1).Mul(7).Remainder(256).To(torch.Uint8).Reshape(5, 2, 3, 2, 3)
	for name, x := range map[string]*torch.Tensor{
		"gray": gray, "color": rgb, "three": rgb.Narrow(0, 0, 3), "eight": gray.Expand(8, 2, 1, 3, 4),
	} {
		want := readGolden(t).Videos[name]
		sizes, video := addVideo(t, x)
		assert.Equal(t, []any{uint64(want.Shape[1]), uint64(want.Shape[2]), uint64(want.Shape[3])}, sizes, name)
		assert.Equal(t, []int{25, 25}, video.Delay)
		assert.Zero(t, video.LoopCount, "for ever")
		want.Check(t, frames(video, want.Shape[3]), true, 0, name)
	}
}

// A GIF has 256 colors; these are more.
func TestAddVideoOfManyColors(t *testing.T) {
	ramp := torch.Linspace(0, 1, 64)
	x := torch.Stack(torch.Meshgrid([]*torch.Tensor{ramp, ramp}), 0)
	x = torch.Cat([]*torch.Tensor{x, x.Narrow(0, 0, 1).Mul(-1).Add(1)}, 0)
	_, video := addVideo(t, x.Reshape(1, 1, 3, 64, 64), tensorboard.VideoOptions{FPS: new(30.0)})
	assert.Equal(t, []int{3}, video.Delay)
	difference := frames(video, 3).Select(0, 0).Permute(2, 0, 1).To(torch.Float32).Div(255).Sub(x)
	assert.Less(t, difference.Mean(1, 2).Abs().Max().Item(), 0.01)
	assert.Less(t, difference.Abs().Mean().Item(), 0.08)
}

func TestAddVideoRefuses(t *testing.T) {
	w := newWriter(t)
	checkRefuses(t, w, map[string]func(){
		"(N, T, C, H, W) is [3 2 2]":     func() { w.AddVideo("v", torch.Zeros([]int{3, 2, 2}), 0) },
		"(N, T, C, H, W) is [1 1 2 2 2]": func() { w.AddVideo("v", torch.Zeros([]int{1, 1, 2, 2, 2}), 0) },
		"(N, T, C, H, W) is [1 0 3 2 2]": func() { w.AddVideo("v", torch.Zeros([]int{1, 0, 3, 2, 2}), 0) },
		"too large to encode": func() {
			w.AddVideo("v", torch.Zeros([]int{1, 1, 1, 1, 1 << 16}), 0)
		},
	})
}
