package torchtest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"os"
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// isa are the variables of the environment that have libtorch take the instructions
// of the golden files, as scripts/golden.py sets them, and says why.
var isa = map[string]string{
	"ATEN_CPU_CAPABILITY":        "avx2",
	"ONEDNN_MAX_CPU_ISA":         "AVX2",
	"MKL_ENABLE_INSTRUCTIONS":    "AVX2",
	"FBGEMM_ENABLE_INSTRUCTIONS": "AVX2",
}

// setISA sets the variables that are not set, in C's environment too. It comes before
// libtorch is loaded, which reads each of them once. A processor without AVX2 takes
// what it has.
func setISA() error {
	for name, value := range isa {
		if os.Getenv(name) == "" {
			if err := os.Setenv(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// kernels is a digest of what MKL makes of a few numbers, as scripts/golden.py has it.
var kernels = sync.OnceValue(func() string {
	digest := sha256.New()
	add[float32](digest, torch.Float32)
	add[float64](digest, torch.Float64)
	return hex.EncodeToString(digest.Sum(nil))[:16]
})

func add[T float32 | float64](digest hash.Hash, dtype torch.DType) {
	x := torch.Arange(1, 1001, 1, torch.TensorOptions{DType: dtype}).Div(1000)
	square := x.View(20, 50)
	for _, y := range []*torch.Tensor{x.Sqrt(), x.Exp(), x.Log(), x.Tan(), x.Asin(), x.Acos(), x.Atan(), square.Matmul(square.MT()),
		linalg.Svdvals(square)} {
		if err := binary.Write(digest, binary.LittleEndian, torch.ToSlice[T](y)); err != nil {
			panic(err)
		}
	}
}
