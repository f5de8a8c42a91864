// Package libm has the functions of C's mathematical library, which Python uses: Go's
// own differ from them in the last bit.
package libm

import "github.com/wangkuiyi/gotorch/cgotorch"

// Pow returns x to the power of y.
func Pow(x, y float64) float64 { return cgotorch.Pow(x, y) }

// Cos returns the cosine of x, in radians.
func Cos(x float64) float64 { return cgotorch.Cos(x) }

// Log returns the natural logarithm of x.
func Log(x float64) float64 { return cgotorch.Log(x) }
