package gguf

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/wangkuiyi/gotorch/torch"
)

// kind is a way to store elements: blocks of so many in so many bytes.
type kind struct {
	name       string
	elements   int
	bytes      int
	dtype      torch.DType // of the tensor that is read
	dequantize func(block []byte, y []float32)
}

// isPlain reports whether the bytes are those of a tensor.
func (k kind) isPlain() bool { return k.elements == 1 }

func plain(name string, dtype torch.DType, bytes int) kind {
	return kind{name: name, elements: 1, bytes: bytes, dtype: dtype}
}

func quantized(name string, elements, bytes int, dequantize func(block []byte, y []float32)) kind {
	return kind{name: name, elements: elements, bytes: bytes, dtype: torch.Float32, dequantize: dequantize}
}

// kinds has ggml's types by their numbers. Those without a function are known for their
// size alone.
var kinds = map[uint32]kind{
	0: plain("F32", torch.Float32, 4), 1: plain("F16", torch.Float16, 2), 30: plain("BF16", torch.BFloat16, 2), 28: plain("F64", torch.Float64, 8),
	24: plain("I8", torch.Int8, 1), 25: plain("I16", torch.Int16, 2), 26: plain("I32", torch.Int32, 4), 27: plain("I64", torch.Int64, 8),

	2: quantized("Q4_0", 32, 18, dequantizeQ40), 3: quantized("Q4_1", 32, 20, dequantizeQ41),
	6: quantized("Q5_0", 32, 22, dequantizeQ50), 7: quantized("Q5_1", 32, 24, dequantizeQ51),
	8: quantized("Q8_0", 32, 34, dequantizeQ80), 9: quantized("Q8_1", 32, 40, nil),
	10: quantized("Q2_K", 256, 84, dequantizeQ2K), 11: quantized("Q3_K", 256, 110, dequantizeQ3K),
	12: quantized("Q4_K", 256, 144, dequantizeQ4K), 13: quantized("Q5_K", 256, 176, dequantizeQ5K),
	14: quantized("Q6_K", 256, 210, dequantizeQ6K), 15: quantized("Q8_K", 256, 292, nil),
	16: quantized("IQ2_XXS", 256, 66, nil), 17: quantized("IQ2_XS", 256, 74, nil), 18: quantized("IQ3_XXS", 256, 98, nil),
	19: quantized("IQ1_S", 256, 50, nil), 20: quantized("IQ4_NL", 32, 18, nil), 21: quantized("IQ3_S", 256, 110, nil),
	22: quantized("IQ2_S", 256, 82, nil), 23: quantized("IQ4_XS", 256, 136, nil), 29: quantized("IQ1_M", 256, 56, nil),
	34: quantized("TQ1_0", 256, 54, nil), 35: quantized("TQ2_0", 256, 66, nil), 39: quantized("MXFP4", 32, 17, nil),
	40: quantized("NVFP4", 64, 36, nil), 41: quantized("Q1_0", 128, 18, nil),
}

// tensor returns what blocks stand for.
func (k kind) tensor(blocks []byte, shape []int) *torch.Tensor {
	x := torch.Empty(shape, torch.TensorOptions{DType: torch.Float32, Device: torch.CPU})
	memory := torch.Internal.Export(nil).Memory(x)
	y := unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(memory))), len(memory)/4)
	const least = 1 << 12 // blocks that are worth a goroutine
	n := len(blocks) / k.bytes
	each := max(least, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var work sync.WaitGroup
	for from := 0; from < n; from += each {
		work.Go(func() {
			for i := from; i < min(from+each, n); i++ {
				k.dequantize(blocks[i*k.bytes:(i+1)*k.bytes], y[i*k.elements:(i+1)*k.elements])
			}
		})
	}
	work.Wait()
	runtime.KeepAlive(x)
	return x
}
