package torch

import "github.com/wangkuiyi/gotorch/internal/option"

// WindowOptions are the options of window functions.
type WindowOptions struct {
	Periodic *bool // for spectra; false is a symmetric window, for filters; default: true
	TensorOptions
}

// HammingOptions are the options of [HammingWindow].
type HammingOptions struct {
	Periodic    *bool    // for spectra; false is a symmetric window, for filters; default: true
	Alpha, Beta *float64 // default: 0.54 and 0.46
	TensorOptions
}

// KaiserOptions are the options of [KaiserWindow].
type KaiserOptions struct {
	Periodic *bool    // for spectra; false is a symmetric window, for filters; default: true
	Beta     *float64 // the larger, the narrower the window; default: 12
	TensorOptions
}

// window calls op with the length, whether it is periodic, and factors.
func window(op *Operator, length int, o WindowOptions, factors ...float64) *Tensor {
	var c Call
	c.Int(length)
	c.Bool(option.Or(o.Periodic, true))
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
	return window(opBartlettWindowPeriodic, length, option.First(options))
}

// BlackmanWindow returns the Blackman window, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.blackman_window.html
func BlackmanWindow(length int, options ...WindowOptions) *Tensor {
	return window(opBlackmanWindowPeriodic, length, option.First(options))
}

// HannWindow returns the Hann window, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.hann_window.html
func HannWindow(length int, options ...WindowOptions) *Tensor {
	return window(opHannWindowPeriodic, length, option.First(options))
}

// HammingWindow returns Alpha − Beta × cos(2πn ÷ N), the Hamming window, in one
// dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.hamming_window.html
func HammingWindow(length int, options ...HammingOptions) *Tensor {
	o := option.First(options)
	return window(opHammingWindowPeriodicAlphaBeta, length, WindowOptions{o.Periodic, o.TensorOptions}, option.Or(o.Alpha, 0.54), option.Or(o.Beta, 0.46))
}

// KaiserWindow returns the Kaiser window, in one dimension.
//
// https://docs.pytorch.org/docs/stable/generated/torch.kaiser_window.html
func KaiserWindow(length int, options ...KaiserOptions) *Tensor {
	o := option.First(options)
	return window(opKaiserWindowBeta, length, WindowOptions{o.Periodic, o.TensorOptions}, option.Or(o.Beta, 12))
}
