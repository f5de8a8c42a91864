package backends_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/backends"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// turn asserts that a setting is at first what PyTorch has, takes the other values, and is
// what it was after With. Older libtorchs say that they have it not.
func turn[T any](t *testing.T, name string, s backends.Setting[T], first T, others ...T) {
	t.Helper()
	if err := torch.Try(func() { s.Get() }); err != nil {
		assert.NotEqual(t, "2.15.0", torch.Version(), name)
		assert.ErrorContains(t, err, "has no setting", name)
		assert.ErrorContains(t, torch.Try(func() { s.Set(first) }), "has no setting", name)
		return
	}
	if !assert.Equal(t, first, s.Get(), name) {
		return
	}
	for _, other := range others {
		assert.Panics(t, func() {
			s.With(other, func() {
				assert.Equal(t, other, s.Get(), name)
				panic("no")
			})
		})
		assert.Equal(t, first, s.Get(), name)
		s.Set(other)
		assert.Equal(t, other, s.Get(), name)
		s.Set(first)
	}
}

func TestFlags(t *testing.T) {
	for name, f := range map[string]struct {
		flag  backends.Flag
		first bool
	}{
		"cuda.matmul.allow_fp16_accumulation": {backends.CUDA.Matmul.AllowFP16Accumulation, false},
		"cuda.matmul.allow_tf32":              {backends.CUDA.Matmul.AllowTF32, false},
		"cuda.flash_sdp_enabled":              {backends.CUDA.FlashSDP, true},
		"cuda.mem_efficient_sdp_enabled":      {backends.CUDA.MemEfficientSDP, true},
		"cuda.math_sdp_enabled":               {backends.CUDA.MathSDP, true},
		"cuda.cudnn_sdp_enabled":              {backends.CUDA.CuDNNSDP, true},
		"cuda.fp16_bf16_reduction_math_sdp":   {backends.CUDA.AllowFP16BF16ReductionMathSDP, false},
		"cudnn.enabled":                       {backends.CuDNN.Enabled, true},
		"cudnn.benchmark":                     {backends.CuDNN.Benchmark, false},
		"cudnn.deterministic":                 {backends.CuDNN.Deterministic, false},
		"cudnn.allow_tf32":                    {backends.CuDNN.AllowTF32, true},
		"mkldnn.enabled":                      {backends.MKLDNN.Enabled, true},
		"mkldnn.deterministic":                {backends.MKLDNN.Deterministic, false},
		"nnpack":                              {backends.NNPACK, true},
		"mha.get_fastpath_enabled":            {backends.MHAFastpath, true},
	} {
		turn(t, name, f.flag, f.first, !f.first)
	}
}

func TestChoices(t *testing.T) {
	turn(t, "cudnn.benchmark_limit", backends.CuDNN.BenchmarkLimit, 10, 0, 5)
	for name, s := range map[string]backends.Setting[backends.Reduction]{
		"allow_fp16_reduced_precision_reduction": backends.CUDA.Matmul.AllowFP16ReducedPrecisionReduction,
		"allow_bf16_reduced_precision_reduction": backends.CUDA.Matmul.AllowBF16ReducedPrecisionReduction,
	} {
		others := []backends.Reduction{backends.ReductionFull, backends.ReductionUnsplit}
		if torch.Version() != "2.15.0" {
			others = others[:1]
		}
		turn(t, name, s, backends.ReductionReduced, others...)
	}
	turn(t, "preferred_linalg_library", backends.CUDA.PreferredLinalgLibrary, backends.LinalgDefault)
	turn(t, "preferred_blas_library", backends.CUDA.PreferredBLASLibrary, backends.BLASCuBLAS) // the default there is
	assert.ErrorContains(t, torch.Try(func() { backends.CUDA.PreferredBLASLibrary.Set("mkl") }), `Unknown value: "mkl"`)
}

func TestFP32Precision(t *testing.T) {
	none, ieee, tf32, bf16 := backends.PrecisionNone, backends.PrecisionIEEE, backends.PrecisionTF32, backends.PrecisionBF16
	turn(t, "fp32_precision", backends.FP32Precision, none, ieee, tf32, bf16)
	if torch.Version() == "2.15.0" {
		backends.CUDA.Matmul.FP32Precision.Set(none) // AllowTF32 has set it, if its test was before
	}
	turn(t, "cuda.matmul", backends.CUDA.Matmul.FP32Precision, none, ieee, tf32)
	turn(t, "mkldnn", backends.MKLDNN.FP32Precision, none, ieee, tf32, bf16)
	turn(t, "mkldnn.matmul", backends.MKLDNN.Matmul.FP32Precision, none, ieee, tf32, bf16)
	turn(t, "mkldnn.conv", backends.MKLDNN.Conv.FP32Precision, none, ieee, tf32, bf16)
	turn(t, "mkldnn.rnn", backends.MKLDNN.RNN.FP32Precision, none, ieee, tf32, bf16)
	turn(t, "cudnn", backends.CuDNN.FP32Precision, none, ieee, tf32)
	if torch.Version() != "2.15.0" {
		return
	}
	assert.Equal(t, tf32, backends.CuDNN.Conv.FP32Precision.Get())
	assert.Equal(t, tf32, backends.CuDNN.RNN.FP32Precision.Get())
	assert.ErrorContains(t, torch.Try(func() { backends.CUDA.Matmul.FP32Precision.Set(bf16) }), "backend 'cuda' does not support precision 'bf16'")
	assert.ErrorContains(t, torch.Try(func() { backends.FP32Precision.Set("exact") }), `Unknown value: "exact"`)
}

func TestFacts(t *testing.T) {
	assert.True(t, backends.IsOpenMPAvailable())
	assert.True(t, backends.MKLDNN.IsAvailable())
	backends.IsMKLAvailable() // where there is MKL
	if !backends.CuDNN.IsAvailable() {
		assert.Zero(t, backends.CuDNN.Version())
	}
}

// Without oneDNN the CPU has other kernels for convolutions, which give the same up to
// rounding.
func TestMKLDNNEnabled(t *testing.T) {
	torch.ManualSeed(0)
	x, w := torch.Randn([]int{1, 3, 8, 8}), torch.Randn([]int{4, 3, 3, 3})
	op := torch.NewOperator("aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, SymInt[2] stride=1, SymInt[2] padding=0, SymInt[2] dilation=1, SymInt groups=1) -> Tensor")
	conv := func() *torch.Tensor {
		var c torch.Call
		c.Tensor(x)
		c.Tensor(w)
		return c.One(op)
	}
	with := conv()
	backends.MKLDNN.Enabled.With(false, func() {
		assert.True(t, torch.AllClose(with, conv(), torch.AllCloseOptions{Rtol: new(1e-4), Atol: new(1e-5)}))
	})
}

// What oneDNN prints goes to the standard output, so that only the levels are tested here.
func TestVerbose(t *testing.T) {
	called := 0
	backends.MKLDNN.WithVerbose(backends.VerboseOff, func() { called++ })
	for name, with := range map[string]func(func()){
		"MKL":    backends.WithMKLVerbose,
		"MKLDNN": func(f func()) { backends.MKLDNN.WithVerbose(backends.VerboseOn, f) },
	} {
		if err := torch.Try(func() { with(func() { called++ }) }); err != nil {
			assert.NotEqual(t, "2.15.0", torch.Version(), name)
			assert.ErrorContains(t, err, name)
		}
	}
	if torch.Version() == "2.15.0" {
		assert.Equal(t, 3, called)
	}
	assert.ErrorContains(t, torch.Try(func() { backends.MKLDNN.WithVerbose(7, func() {}) }), "Failed to set MKLDNN into verbose mode")
	assert.ErrorContains(t, torch.Try(func() { backends.WithMKLVerbose(nil) }), "f must not be nil")
}
