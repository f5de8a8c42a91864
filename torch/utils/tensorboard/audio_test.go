package tensorboard_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestAddAudio(t *testing.T) {
	x := torch.NewTensor([][]float64{{0, 0.25, -0.5, 1, -1, 0.3, -0.7, 1e-4, 1.5, -2}})
	add := func(x *torch.Tensor, o tensorboard.AudioOptions) func(w *tensorboard.SummaryWriter) {
		o.WallTime = when
		return func(w *tensorboard.SummaryWriter) { w.AddAudio("a", x, 6, o) }
	}
	checkRecords(t, readGolden(t).Records["audio"], map[string]func(w *tensorboard.SummaryWriter){
		"loud":     add(x.To(torch.Float32), tensorboard.AudioOptions{}),
		"quiet":    add(x.To(torch.Float32).Narrow(1, 0, 8), tensorboard.AudioOptions{}),
		"double":   add(x, tensorboard.AudioOptions{SampleRate: new(8000)}),
		"integers": add(x.To(torch.Int64), tensorboard.AudioOptions{}),
	})
}

func TestAddAudioRefuses(t *testing.T) {
	w := newWriter(t)
	checkRefuses(t, w, map[string]func(){
		"input tensor should be 1 dimensional.": func() { w.AddAudio("a", torch.Zeros([]int{2, 3}), 0) },
	})
}
