package torch

import (
	"slices"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// SetDefaultDType sets the floating-point dtype that operators use where none is
// given, as [Zeros] does; it is Float32 at first. [NewTensor] goes by Go's types
// instead. It panics on a dtype of other numbers.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_default_dtype.html
func SetDefaultDType(dtype DType) {
	const op = "torch.SetDefaultDType"
	if !dtype.IsFloatingPoint() {
		panic(Errorf(op, TypeError, "only floating-point types are supported as the default type"))
	}
	check(op, cgotorch.DefaultDType.Set(int64(dtype.scalarType())))
}

// DefaultDType returns what [SetDefaultDType] sets.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_default_dtype.html
func DefaultDType() DType { return dtypeOf(int32(cgotorch.DefaultDType.Get())) }

// UseDeterministicAlgorithms makes operators give the same values at each run on
// the same input, and panic, or with WarnOnly warn ([SetWarningHandler]), where they
// cannot.
//
// https://docs.pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
func UseDeterministicAlgorithms(on bool, options ...DeterministicOptions) {
	value := int64(0)
	if on {
		value = 2
		if option.First(options).WarnOnly {
			value = 1
		}
	}
	check("torch.UseDeterministicAlgorithms", cgotorch.Deterministic.Set(value))
}

// DeterministicOptions are the options of [UseDeterministicAlgorithms].
type DeterministicOptions struct {
	WarnOnly bool // warn of operators that cannot be deterministic
}

// AreDeterministicAlgorithmsEnabled reports what [UseDeterministicAlgorithms] was
// last called with.
//
// https://docs.pytorch.org/docs/stable/generated/torch.are_deterministic_algorithms_enabled.html
func AreDeterministicAlgorithmsEnabled() bool { return cgotorch.Deterministic.Get() != 0 }

// IsDeterministicAlgorithmsWarnOnlyEnabled reports whether operators that cannot be
// deterministic warn.
//
// https://docs.pytorch.org/docs/stable/generated/torch.is_deterministic_algorithms_warn_only_enabled.html
func IsDeterministicAlgorithmsWarnOnlyEnabled() bool { return cgotorch.Deterministic.Get() == 1 }

// debugModes are the names of the setting's numbers.
var debugModes = []string{"default", "warn", "error"}

// SetDeterministicDebugMode is [UseDeterministicAlgorithms] by a word: "default" is
// off, "warn" warns of operators that cannot be deterministic, and with "error" they
// panic. It panics on another word.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_deterministic_debug_mode.html
func SetDeterministicDebugMode(mode string) {
	const op = "torch.SetDeterministicDebugMode"
	value := slices.Index(debugModes, mode)
	if value < 0 {
		panic(Errorf(op, RuntimeError,
			"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got %s", mode))
	}
	check(op, cgotorch.Deterministic.Set(int64(value)))
}

// DeterministicDebugMode returns the word for what [SetDeterministicDebugMode] or
// [UseDeterministicAlgorithms] set, where Python returns its number.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_deterministic_debug_mode.html
func DeterministicDebugMode() string { return debugModes[cgotorch.Deterministic.Get()] }

// precisions are the names of libtorch's numbers.
var precisions = []string{"highest", "high", "medium"}

// SetFloat32MatmulPrecision sets how exactly matrices of Float32 are multiplied:
// "highest", the default, "high" or "medium", which are faster on some devices. It
// panics on another word.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_float32_matmul_precision.html
func SetFloat32MatmulPrecision(precision string) {
	const op = "torch.SetFloat32MatmulPrecision"
	value := slices.Index(precisions, precision)
	if value < 0 {
		panic(Errorf(op, ValueError, "%s is not one of 'highest', 'high', or 'medium'", precision))
	}
	check(op, cgotorch.Precision.Set(int64(value)))
}

// Float32MatmulPrecision returns what [SetFloat32MatmulPrecision] sets.
//
// https://docs.pytorch.org/docs/stable/generated/torch.get_float32_matmul_precision.html
func Float32MatmulPrecision() string { return precisions[cgotorch.Precision.Get()] }

// SetFlushDenormal says whether the calling thread takes numbers for 0 that are too
// small to be normal, and reports whether the processor can do that. Goroutines
// other than the main one should call runtime.LockOSThread first.
//
// https://docs.pytorch.org/docs/stable/generated/torch.set_flush_denormal.html
func SetFlushDenormal(on bool) bool {
	value := int64(0)
	if on {
		value = 1
	}
	return cgotorch.FlushDenormal.Set(value) == nil
}
