package tensorboard_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestAddTensor(t *testing.T) {
	x := torch.NewTensor([][]float64{{-1.5, 0, 2.25}, {0.1, 7, 100}})
	z := torch.Complex(x, x.Flip(0))
	adds := map[string]func(w *tensorboard.SummaryWriter){}
	for name, x := range map[string]*torch.Tensor{
		"float16":    x.To(torch.Float16),
		"bfloat16":   x.To(torch.BFloat16),
		"float32":    x.To(torch.Float32),
		"float64":    x,
		"int8":       x.To(torch.Int8),
		"uint8":      x.Abs().To(torch.Uint8),
		"int16":      x.To(torch.Int16),
		"int32":      x.To(torch.Int32),
		"int64":      x.To(torch.Int64),
		"bool":       x.To(torch.Bool),
		"complex64":  z.Conj().To(torch.Complex64).Conj(),
		"complex128": z,
		"scalar":     x.Select(0, 0).Select(0, 2),
		"empty":      x.Narrow(0, 0, 0),
	} {
		adds[name] = func(w *tensorboard.SummaryWriter) {
			w.AddTensor("t", x, 4, tensorboard.EventOptions{WallTime: when})
		}
	}
	checkRecords(t, readGolden(t).Records["tensors"], adds)
}

func TestAddTensorRefuses(t *testing.T) {
	w := newWriter(t)
	x := torch.Zeros([]int{1})
	checkRefuses(t, w, map[string]func(){
		"half has unsupported tensor dtype torch.complex32": func() { w.AddTensor("half", x.To(torch.Complex32), 0) },
		"hard limit of 2GB": func() { w.AddTensor("large", x.Expand(1<<29), 0) },
	})
}
