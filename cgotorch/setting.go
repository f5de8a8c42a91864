package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Setting is a setting of the process, with a number for its value.
type Setting int32

// The settings.
const (
	DefaultDType      Setting = C.CTORCH_SETTING_DTYPE              // libtorch's number of a dtype
	Deterministic     Setting = C.CTORCH_SETTING_DETERMINISTIC      // 0: no, 1: warn, 2: yes
	Precision         Setting = C.CTORCH_SETTING_PRECISION          // 0: highest, 1: high, 2: medium
	FlushDenormal     Setting = C.CTORCH_SETTING_FLUSH_DENORMAL     // 0 or 1; cannot be read
	InteropThreads    Setting = C.CTORCH_SETTING_INTEROP_THREADS    // how many
	WarnAlways        Setting = C.CTORCH_SETTING_WARN_ALWAYS        // 0 or 1
	FillUninitialized Setting = C.CTORCH_SETTING_FILL_UNINITIALIZED // 0 or 1

	CuBLASTF32             Setting = C.CTORCH_SETTING_CUBLAS_TF32              // 0 or 1
	CuBLASFP16Reduction    Setting = C.CTORCH_SETTING_CUBLAS_FP16_REDUCTION    // 0: allowed, 1: not, 2: not, nor split-k
	CuBLASBF16Reduction    Setting = C.CTORCH_SETTING_CUBLAS_BF16_REDUCTION    // the same
	CuBLASFP16Accumulation Setting = C.CTORCH_SETTING_CUBLAS_FP16_ACCUMULATION // 0 or 1
	BLASLibrary            Setting = C.CTORCH_SETTING_BLAS_LIBRARY             // libtorch's number
	LinalgLibrary          Setting = C.CTORCH_SETTING_LINALG_LIBRARY           // libtorch's number

	CuDNN               Setting = C.CTORCH_SETTING_CUDNN                 // 0 or 1
	CuDNNBenchmark      Setting = C.CTORCH_SETTING_CUDNN_BENCHMARK       // 0 or 1
	CuDNNBenchmarkLimit Setting = C.CTORCH_SETTING_CUDNN_BENCHMARK_LIMIT // how many algorithms, 0 for all
	CuDNNDeterministic  Setting = C.CTORCH_SETTING_CUDNN_DETERMINISTIC   // 0 or 1
	CuDNNTF32           Setting = C.CTORCH_SETTING_CUDNN_TF32            // 0 or 1

	MKLDNN              Setting = C.CTORCH_SETTING_MKLDNN               // 0 or 1
	MKLDNNDeterministic Setting = C.CTORCH_SETTING_MKLDNN_DETERMINISTIC // 0 or 1
	MKLDNNTF32          Setting = C.CTORCH_SETTING_MKLDNN_TF32          // 0 or 1
	NNPACK              Setting = C.CTORCH_SETTING_NNPACK               // 0 or 1
	MKLVerbose          Setting = C.CTORCH_SETTING_MKL_VERBOSE          // 0 or 1; cannot be read
	MKLDNNVerbose       Setting = C.CTORCH_SETTING_MKLDNN_VERBOSE       // 0, 1 or 2; cannot be read

	SDPMath         Setting = C.CTORCH_SETTING_SDP_MATH          // 0 or 1
	SDPFlash        Setting = C.CTORCH_SETTING_SDP_FLASH         // 0 or 1
	SDPMemEfficient Setting = C.CTORCH_SETTING_SDP_MEM_EFFICIENT // 0 or 1
	SDPCuDNN        Setting = C.CTORCH_SETTING_SDP_CUDNN         // 0 or 1
	SDPOverrideable Setting = C.CTORCH_SETTING_SDP_OVERRIDEABLE  // 0 or 1
	SDPReducedMath  Setting = C.CTORCH_SETTING_SDP_REDUCED_MATH  // 0 or 1
	SDPOrder        Setting = C.CTORCH_SETTING_SDP_ORDER         // their numbers, 4 bits each, the first in the lowest

	HasCuDNN     Setting = C.CTORCH_SETTING_HAS_CUDNN // these cannot be set
	CuDNNVersion Setting = C.CTORCH_SETTING_CUDNN_VERSION
	HasMKL       Setting = C.CTORCH_SETTING_HAS_MKL
	HasMKLDNN    Setting = C.CTORCH_SETTING_HAS_MKLDNN
	HasOpenMP    Setting = C.CTORCH_SETTING_HAS_OPENMP
	HasLAPACK    Setting = C.CTORCH_SETTING_HAS_LAPACK
	HasMAGMA     Setting = C.CTORCH_SETTING_HAS_MAGMA
)

// Float32 is how exactly float32 is computed with, libtorch's number of a precision. backend
// and operator are libtorch's numbers, below 3 and 4.
func Float32(backend, operator int) Setting {
	return Setting(C.CTORCH_SETTING_FLOAT32 + 4*backend + operator)
}

// Set changes the setting, for all threads.
func (s Setting) Set(value int64) *Error {
	mustLoad()
	return takeError(C.ctorch_setting_set(C.int32_t(s), C.int64_t(value)))
}

// Read returns the setting's value. It fails where this libtorch has no such setting.
func (s Setting) Read() (int64, *Error) {
	mustLoad()
	var value C.int64_t
	err := takeError(C.ctorch_setting_get(C.int32_t(s), &value))
	return int64(value), err
}

// Get is Read that raises the error.
func (s Setting) Get() int64 {
	value, err := s.Read()
	if err != nil {
		Raise(err)
	}
	return value
}

// Change is Set that raises the error.
func (s Setting) Change(value int64) {
	if err := s.Set(value); err != nil {
		Raise(err)
	}
}
