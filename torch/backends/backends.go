// Package backends is PyTorch's torch.backends: how the libraries that libtorch is built on
// compute, as settings of the process.
//
//	backends.CuDNN.Benchmark.Set(true)              // torch.backends.cudnn.benchmark = True
//	backends.CUDA.Matmul.AllowTF32.Set(true)        // torch.backends.cuda.matmul.allow_tf32 = True
//	backends.MKLDNN.Enabled.With(false, func() {…}) // with torch.backends.mkldnn.flags(enabled=False):
//
// Those of CUDA can be read and set without a GPU, where they have no effect. None has been
// seen to have its effect on a GPU yet.
//
// https://docs.pytorch.org/docs/stable/backends.html
package backends

import (
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Precision says how exactly matrices of Float32 are computed with.
type Precision string

// The precisions. Which of them there are says the backend: CUDA has no PrecisionBF16.
const (
	PrecisionNone Precision = "none" // as the setting above it says, FP32Precision in the end
	PrecisionIEEE Precision = "ieee" // as Float32 is
	PrecisionTF32 Precision = "tf32" // factors with 10 bits behind the point
	PrecisionBF16 Precision = "bf16" // factors with 7 bits behind the point
)

// libtorch's numbers of backends and of kinds of operators.
const (
	ofGeneric, ofCUDA, ofMKLDNN    = 0, 1, 2
	ofAll, ofConv, ofRNN, ofMatmul = 0, 1, 2, 3
)

func precision(backend, operator int) Setting[Precision] {
	return choice("backends.FP32Precision", cgotorch.Float32(backend, operator), PrecisionNone, PrecisionIEEE, PrecisionTF32, PrecisionBF16)
}

// FP32Precision is how exactly Float32 is computed with wherever no more special setting says
// it.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.fp32_precision
var FP32Precision = precision(ofGeneric, ofAll)

// Reduction says how products of matrices of Float16 or BFloat16 on CUDA are added up.
type Reduction string

// The reductions: Python's True, False, and (False, False).
const (
	ReductionReduced Reduction = "reduced" // in the precision of the elements, where that is faster
	ReductionFull    Reduction = "full"    // in Float32
	ReductionUnsplit Reduction = "unsplit" // in Float32, and not in parts that are added up afterwards
)

// LinalgLibrary is a library for package linalg on CUDA.
type LinalgLibrary string

// The libraries for package linalg.
const (
	LinalgDefault  LinalgLibrary = "default" // the one that is faster
	LinalgCuSOLVER LinalgLibrary = "cusolver"
	LinalgMAGMA    LinalgLibrary = "magma"
)

// BLASLibrary is a library for products of matrices on CUDA.
type BLASLibrary string

// The libraries for products of matrices.
const (
	BLASDefault  BLASLibrary = "default" // the one that is faster
	BLASCuBLAS   BLASLibrary = "cublas"
	BLASCuBLASLt BLASLibrary = "cublaslt"
	BLASCK       BLASLibrary = "ck" // AMD's
)

// CUDASettings are the settings of torch.backends.cuda.
type CUDASettings struct {
	Matmul CUDAMatmulSettings

	PreferredLinalgLibrary Setting[LinalgLibrary]
	PreferredBLASLibrary   Setting[BLASLibrary]

	// The kernels that functional.ScaledDotProductAttention may take, on the CPU, too.
	// [attention.SDPAKernel] sets all at once.
	FlashSDP        Flag
	MemEfficientSDP Flag
	MathSDP         Flag
	CuDNNSDP        Flag

	// Let MathSDP add up products of Float16 and BFloat16 in these.
	AllowFP16BF16ReductionMathSDP Flag
}

// CUDAMatmulSettings are the settings of torch.backends.cuda.matmul.
type CUDAMatmulSettings struct {
	AllowTF32                          Flag // Float32 with 10 bits behind the point
	FP32Precision                      Setting[Precision]
	AllowFP16ReducedPrecisionReduction Setting[Reduction]
	AllowBF16ReducedPrecisionReduction Setting[Reduction]
	AllowFP16Accumulation              Flag // add up products of Float16 in Float16
}

// CUDA is torch.backends.cuda.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.cuda
var CUDA = CUDASettings{
	Matmul: CUDAMatmulSettings{
		AllowTF32:     flag(cgotorch.CuBLASTF32),
		FP32Precision: precision(ofCUDA, ofMatmul),
		AllowFP16ReducedPrecisionReduction: choice("backends.CUDA.Matmul.AllowFP16ReducedPrecisionReduction",
			cgotorch.CuBLASFP16Reduction, ReductionReduced, ReductionFull, ReductionUnsplit),
		AllowBF16ReducedPrecisionReduction: choice("backends.CUDA.Matmul.AllowBF16ReducedPrecisionReduction",
			cgotorch.CuBLASBF16Reduction, ReductionReduced, ReductionFull, ReductionUnsplit),
		AllowFP16Accumulation: flag(cgotorch.CuBLASFP16Accumulation),
	},
	PreferredLinalgLibrary: choice("backends.CUDA.PreferredLinalgLibrary", cgotorch.LinalgLibrary,
		LinalgDefault, LinalgCuSOLVER, LinalgMAGMA),
	PreferredBLASLibrary: choice("backends.CUDA.PreferredBLASLibrary", cgotorch.BLASLibrary,
		BLASDefault, BLASCuBLAS, BLASCuBLASLt, BLASCK),
	FlashSDP:                      flag(cgotorch.SDPFlash),
	MemEfficientSDP:               flag(cgotorch.SDPMemEfficient),
	MathSDP:                       flag(cgotorch.SDPMath),
	CuDNNSDP:                      flag(cgotorch.SDPCuDNN),
	AllowFP16BF16ReductionMathSDP: flag(cgotorch.SDPReducedMath),
}

// OperatorSettings are the settings of one kind of operators of a library.
type OperatorSettings struct {
	FP32Precision Setting[Precision]
}

// CuDNNSettings are the settings of torch.backends.cudnn.
type CuDNNSettings struct {
	Enabled        Flag
	Benchmark      Flag         // try algorithms of convolutions and take the fastest
	BenchmarkLimit Setting[int] // how many it tries, 0 for all
	Deterministic  Flag         // only algorithms that give the same values at each run
	AllowTF32      Flag         // convolutions of Float32 with 10 bits behind the point
	FP32Precision  Setting[Precision]
	Conv, RNN      OperatorSettings
}

// CuDNN is torch.backends.cudnn.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.cudnn
var CuDNN = CuDNNSettings{
	Enabled:        flag(cgotorch.CuDNN),
	Benchmark:      flag(cgotorch.CuDNNBenchmark),
	BenchmarkLimit: number(cgotorch.CuDNNBenchmarkLimit),
	Deterministic:  flag(cgotorch.CuDNNDeterministic),
	AllowTF32:      flag(cgotorch.CuDNNTF32),
	FP32Precision:  precision(ofCUDA, ofAll),
	Conv:           OperatorSettings{precision(ofCUDA, ofConv)},
	RNN:            OperatorSettings{precision(ofCUDA, ofRNN)},
}

// IsAvailable reports whether libtorch has cuDNN and a CUDA device can be used.
func (CuDNNSettings) IsAvailable() bool { return cgotorch.HasCuDNN.Get() != 0 }

// Version returns cuDNN's version, such as 90100, or 0 where there is none.
func (s CuDNNSettings) Version() int {
	if !s.IsAvailable() {
		return 0
	}
	return int(cgotorch.CuDNNVersion.Get())
}

// MKLDNNSettings are the settings of torch.backends.mkldnn.
type MKLDNNSettings struct {
	Enabled           Flag
	Deterministic     Flag // only algorithms that give the same values at each run
	AllowTF32         Flag // Float32 with 10 bits behind the point, on devices that can
	FP32Precision     Setting[Precision]
	Matmul, Conv, RNN OperatorSettings
}

// MKLDNN is torch.backends.mkldnn: oneDNN, which computes convolutions, recurrent layers and
// products of matrices on the CPU.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.mkldnn
var MKLDNN = MKLDNNSettings{
	Enabled:       flag(cgotorch.MKLDNN),
	Deterministic: flag(cgotorch.MKLDNNDeterministic),
	AllowTF32:     flag(cgotorch.MKLDNNTF32),
	FP32Precision: precision(ofMKLDNN, ofAll),
	Matmul:        OperatorSettings{precision(ofMKLDNN, ofMatmul)},
	Conv:          OperatorSettings{precision(ofMKLDNN, ofConv)},
	RNN:           OperatorSettings{precision(ofMKLDNN, ofRNN)},
}

// IsAvailable reports whether libtorch was built with oneDNN.
func (MKLDNNSettings) IsAvailable() bool { return cgotorch.HasMKLDNN.Get() != 0 }

// NNPACK is torch.backends.nnpack.flags: whether NNPACK may compute convolutions on the CPU.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.nnpack
var NNPACK = flag(cgotorch.NNPACK)

// noFastpath says that MHAFastpath is off.
var noFastpath atomic.Bool

// MHAFastpath is torch.backends.mha: whether nn.MultiheadAttention and the layers of
// transformers may be computed by one operator where no gradients are needed. It is on at
// first.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.mha
var MHAFastpath = Flag{get: func() bool { return !noFastpath.Load() }, set: func(on bool) { noFastpath.Store(!on) }}

// IsMKLAvailable reports whether libtorch was built with MKL, torch.backends.mkl.is_available.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.mkl
func IsMKLAvailable() bool { return cgotorch.HasMKL.Get() != 0 }

// IsOpenMPAvailable reports whether libtorch was built with OpenMP,
// torch.backends.openmp.is_available.
//
// https://docs.pytorch.org/docs/stable/backends.html#module-torch.backends.openmp
func IsOpenMPAvailable() bool { return cgotorch.HasOpenMP.Get() != 0 }
