package fft

// Norm says what the forward and the backward transform are divided by.
type Norm string

// The norms of transforms of n elements.
const (
	NormBackward Norm = "backward" // the backward one by n, which is the default
	NormOrtho    Norm = "ortho"    // both by √n
	NormForward  Norm = "forward"  // the forward one by n
)
