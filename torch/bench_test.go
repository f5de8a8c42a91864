package torch_test

import (
	"bytes"
	"testing"

	"github.com/wangkuiyi/gotorch/torch"
)

// BenchmarkAdd adds small tensors, whose result is freed in each of the ways.
func BenchmarkAdd(b *testing.B) {
	x, y := torch.Ones([]int{4, 4}), torch.Ones([]int{4, 4})
	b.Run("close", func(b *testing.B) {
		for b.Loop() {
			x.Add(y).Close()
		}
	})
	b.Run("scope", func(b *testing.B) {
		const each = 100
		for range b.N / each {
			torch.Scope(func() {
				for range each {
					x.Add(y)
				}
			})
		}
	})
	b.Run("collector", func(b *testing.B) {
		for b.Loop() {
			x.Add(y)
		}
	})
	b.Run("number", func(b *testing.B) {
		for b.Loop() {
			x.Add(2).Close()
		}
	})
}

// BenchmarkMatmul multiplies matrices of 256 × 256.
func BenchmarkMatmul(b *testing.B) {
	x := torch.Ones([]int{256, 256})
	for b.Loop() {
		x.Matmul(x).Close()
	}
}

// BenchmarkBackward runs a graph of three operators back.
func BenchmarkBackward(b *testing.B) {
	w := torch.Ones([]int{16}, torch.TensorOptions{RequiresGrad: true})
	for b.Loop() {
		torch.Scope(func() { w.Mul(w).Add(1).Sum().Backward() })
	}
}

// BenchmarkModes enters modes that do nothing.
func BenchmarkModes(b *testing.B) {
	b.Run("scope", func(b *testing.B) {
		for b.Loop() {
			torch.Scope(func() {})
		}
	})
	b.Run("no grad", func(b *testing.B) {
		for b.Loop() {
			torch.NoGrad(func() {})
		}
	})
	b.Run("try", func(b *testing.B) {
		for b.Loop() {
			_ = torch.Try(func() {}) // there is no error
		}
	})
	b.Run("scoped", func(b *testing.B) {
		x := torch.Ones([]int{4})
		for b.Loop() {
			torch.Scoped(func() *torch.Tensor { return x.Add(1) }).Close()
		}
	})
}

// BenchmarkIndex reads and writes parts of a matrix.
func BenchmarkIndex(b *testing.B) {
	x := torch.Ones([]int{64, 64})
	b.Run("view", func(b *testing.B) {
		for b.Loop() {
			x.Index(3, torch.From(8)).Close()
		}
	})
	b.Run("list", func(b *testing.B) {
		rows := []int{1, 5, 9}
		for b.Loop() {
			x.Index(rows).Close()
		}
	})
	b.Run("set", func(b *testing.B) {
		for b.Loop() {
			x.At(3).Set(1)
		}
	})
}

// BenchmarkSlice copies a million floats in and out.
func BenchmarkSlice(b *testing.B) {
	data := make([]float32, 1_000_000)
	b.Run("from", func(b *testing.B) {
		for b.Loop() {
			torch.FromSlice(data).Close()
		}
	})
	b.Run("to", func(b *testing.B) {
		x := torch.FromSlice(data)
		for b.Loop() {
			torch.ToSlice[float32](x)
		}
	})
	b.Run("item", func(b *testing.B) {
		x := torch.Ones(nil)
		for b.Loop() {
			x.Item()
		}
	})
}

// BenchmarkString prints a matrix, of which the middle is left out.
func BenchmarkString(b *testing.B) {
	x := torch.Ones([]int{100, 100})
	for b.Loop() {
		_ = x.String()
	}
}

// BenchmarkSave writes a file of 4 MB to memory.
func BenchmarkSave(b *testing.B) {
	x := torch.Ones([]int{1000, 1000})
	var file bytes.Buffer
	for b.Loop() {
		file.Reset()
		if err := torch.SaveTo(x, &file); err != nil {
			b.Fatal(err)
		}
	}
}
