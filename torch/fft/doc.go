// Package fft is PyTorch's torch.fft: discrete Fourier transforms. N and S are
// sizes that the input is cut or padded with zeros to first; Norm is "backward",
// which scales the inverse transforms by 1 ÷ n and is the default, "ortho", which
// scales both by 1 ÷ √n, or "forward".
//
// https://docs.pytorch.org/docs/stable/fft.html
package fft
