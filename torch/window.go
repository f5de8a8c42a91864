package torch

// WindowOptions are the options of window functions.
type WindowOptions struct {
	Symmetric bool // the window is symmetric, for filters; default: periodic, for spectra
	TensorOptions
}

// window calls op with the length, whether it is periodic, and factors.
func window(op *Operator, length int, options []WindowOptions, factors ...float64) *Tensor {
	o := First(options)
	var c Call
	c.Int(length)
	c.Bool(!o.Symmetric)
	for _, f := range factors {
		c.Float(f)
	}
	c.Factory(&o.TensorOptions)
	return c.New(op, &o.TensorOptions)
}

// BartlettWindow returns the Bartlett window, a triangle, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.bartlett_window.html
func BartlettWindow(length int, options ...WindowOptions) *Tensor {
	return window(opBartlettWindowPeriodic, length, options)
}

// BlackmanWindow returns the Blackman window, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.blackman_window.html
func BlackmanWindow(length int, options ...WindowOptions) *Tensor {
	return window(opBlackmanWindowPeriodic, length, options)
}

// HannWindow returns the Hann window, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.hann_window.html
func HannWindow(length int, options ...WindowOptions) *Tensor {
	return window(opHannWindowPeriodic, length, options)
}

// HammingWindow returns alpha − beta × cos(2πn ÷ N), the Hamming window, in one
// dimension; PyTorch's alpha and beta are 0.54 and 0.46.
//
// https://docs.pytorch.org/docs/stable/generated/torch.hamming_window.html
func HammingWindow(length int, alpha, beta float64, options ...WindowOptions) *Tensor {
	return window(opHammingWindowPeriodicAlphaBeta, length, options, alpha, beta)
}

// KaiserWindow returns the Kaiser window, in one dimension; PyTorch's beta is 12.
//
// https://docs.pytorch.org/docs/stable/generated/torch.kaiser_window.html
func KaiserWindow(length int, beta float64, options ...WindowOptions) *Tensor {
	return window(opKaiserWindowBeta, length, options, beta)
}
