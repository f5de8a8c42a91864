package main

// signal are the short-time Fourier transforms; package fft has the others.
var signal = []entry{
	{op: "stft.center", doc: "returns the short-time Fourier transform of x (… × samples): … × frequencies × frames, complex if ReturnComplex is set."},
	{op: "istft", doc: "returns the signal whose short-time Fourier transform x is."},
}

// fourier are the operators of package fft.
var fourier = []entry{
	{op: "fft_fft", name: "FFT", doc: "returns the discrete Fourier transform along Dim."},
	{op: "fft_ifft", name: "IFFT", doc: "returns the inverse discrete Fourier transform along Dim."},
	{op: "fft_rfft", name: "RFFT", doc: "returns the half of the Fourier transform of a real x along Dim that determines the rest."},
	{op: "fft_irfft", name: "IRFFT", doc: "returns the real inverse of RFFT along Dim; N is the size of the result, which RFFT's does not tell."},
	{op: "fft_hfft", name: "HFFT", doc: "returns the real Fourier transform of a Hermitian signal, of which x is one half, along Dim."},
	{op: "fft_ihfft", name: "IHFFT", doc: "returns the inverse of HFFT along Dim."},
	{op: "fft_fft2", name: "FFT2", doc: "returns the Fourier transform along two dimensions, the last ones unless Dim is set."},
	{op: "fft_ifft2", name: "IFFT2", doc: "returns the inverse Fourier transform along two dimensions, the last ones unless Dim is set."},
	{op: "fft_rfft2", name: "RFFT2", doc: "is RFFT along two dimensions, the last ones unless Dim is set."},
	{op: "fft_irfft2", name: "IRFFT2", doc: "is IRFFT along two dimensions, the last ones unless Dim is set."},
	{op: "fft_hfft2", name: "HFFT2", doc: "is HFFT along two dimensions, the last ones unless Dim is set."},
	{op: "fft_ihfft2", name: "IHFFT2", doc: "is IHFFT along two dimensions, the last ones unless Dim is set."},
	{op: "fft_fftn", name: "FFTN", doc: "returns the Fourier transform along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_ifftn", name: "IFFTN", doc: "returns the inverse Fourier transform along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_rfftn", name: "RFFTN", doc: "is RFFT along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_irfftn", name: "IRFFTN", doc: "is IRFFT along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_hfftn", name: "HFFTN", doc: "is HFFT along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_ihfftn", name: "IHFFTN", doc: "is IHFFT along all dimensions, or those of Dim; S are their sizes."},
	{op: "fft_fftfreq", name: "FFTFreq", doc: "returns the frequencies of the n elements of FFT's result, for samples D apart."},
	{op: "fft_rfftfreq", name: "RFFTFreq", doc: "returns the frequencies of the elements of RFFT's result for n samples, D apart."},
	{op: "fft_fftshift", name: "FFTShift", doc: "returns x with the frequency 0 moved to the middle of Dim, or of all dimensions."},
	{op: "fft_ifftshift", name: "IFFTShift", doc: "returns x with the frequency 0 moved back from the middle of Dim, or of all dimensions."},
}
