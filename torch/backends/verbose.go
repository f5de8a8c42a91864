package backends

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// VerboseLevel says what oneDNN prints.
type VerboseLevel int

// The levels, with PyTorch's numbers.
const (
	VerboseOff        VerboseLevel = iota
	VerboseOn                      // calls, with their time
	VerboseOnCreation              // also what is made for them
)

// WithVerbose calls f while oneDNN prints its calls to the standard output, Python's "with
// torch.backends.mkldnn.verbose(level)". Those of other goroutines are printed, too. It panics
// where oneDNN does not take the level.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.mkldnn.verbose
func (MKLDNNSettings) WithVerbose(level VerboseLevel, f func()) {
	argument.NotNil("backends.MKLDNN.WithVerbose", "f", f)
	if level != VerboseOff {
		cgotorch.MKLDNNVerbose.Change(int64(level))
		defer cgotorch.MKLDNNVerbose.Change(int64(VerboseOff))
	}
	f()
}

// WithMKLVerbose calls f while MKL prints its calls to the standard output, Python's "with
// torch.backends.mkl.verbose(torch.backends.mkl.VERBOSE_ON)". Those of other goroutines are
// printed, too. It panics where libtorch has no MKL.
//
// https://docs.pytorch.org/docs/stable/backends.html#torch.backends.mkl.verbose
func WithMKLVerbose(f func()) {
	argument.NotNil("backends.WithMKLVerbose", "f", f)
	cgotorch.MKLVerbose.Change(int64(VerboseOn))
	defer cgotorch.MKLVerbose.Change(int64(VerboseOff))
	f()
}
