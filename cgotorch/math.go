package cgotorch

/*
#cgo LDFLAGS: -lm
#include <math.h>
*/
import "C"

// Pow returns x to the power of y as C's library computes it, which Python uses
// too; Go's math.Pow differs in the last bits.
func Pow(x, y float64) float64 { return float64(C.pow(C.double(x), C.double(y))) }

// Cos returns the cosine of x as C's library computes it.
func Cos(x float64) float64 { return float64(C.cos(C.double(x))) }

// Log returns the natural logarithm of x as C's library computes it.
func Log(x float64) float64 { return float64(C.log(C.double(x))) }
