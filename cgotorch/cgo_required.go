//go:build !cgo

package cgotorch

// Go leaves out every file of this package that uses cgo where there is no C
// compiler or CGO_ENABLED is 0. Then this is the first error of the build.
var _ = gotorch_needs_cgo__install_a_C_compiler_and_unset_CGO_ENABLED
