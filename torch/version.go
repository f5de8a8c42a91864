package torch

import (
	"github.com/wangkuiyi/gotorch/cgotorch"
)

// Version returns the version of the libtorch in use, such as "2.15.0".
func Version() string { return cgotorch.Version() }

// CPUCapability returns the vector instructions that libtorch uses on this
// machine, such as "AVX2" or "AVX512". Results may differ in the last bits
// between them.
//
// https://docs.pytorch.org/docs/stable/backends.html
func CPUCapability() string { return cgotorch.CPUCapability() }
