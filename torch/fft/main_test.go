package fft_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/fft"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestFrequenciesOnTheDefaultDevice(t *testing.T) {
	torch.WithDevice(torch.Meta, func() {
		assert.Equal(t, torch.Meta, fft.FFTFreq(4).Device())
		assert.Equal(t, torch.Meta, fft.RFFTFreq(4).Device())
	})
}
