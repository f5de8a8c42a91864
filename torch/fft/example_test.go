package fft_test

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fft"
)

func ExampleFFT() {
	x := torch.NewTensor([]float64{1, 0, -1, 0})
	spectrum := fft.FFT(x)
	fmt.Println(torch.Real(spectrum))
	fmt.Println(torch.Real(fft.IFFT(spectrum)))
	fmt.Println(fft.FFTFreq(4))
	// Output:
	// tensor([0., 2., 0., 2.], dtype=torch.float64)
	// tensor([ 1.,  0., -1.,  0.], dtype=torch.float64)
	// tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
}

func ExampleFFT_norm() {
	x := torch.Ones([]int{4})
	fmt.Println(torch.Real(fft.FFT(x, fft.FFTOptions{Norm: "ortho"})))
	// Output: tensor([2., 0., 0., 0.])
}
