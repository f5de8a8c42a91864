package main

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

func at(img image.Image, x, y int) color.NRGBA {
	return color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
}

func TestContactSheet(t *testing.T) {
	sets := toySets()
	v := verdict{is: []int{0, 1, 2}, read: []int{0, 2, 2}}
	assert.Equal(t, []misread{{1, 1, 2}}, v.wrong(5))
	assert.Empty(t, v.wrong(0))
	sheet := contactSheet(v, sets.test, sets.classes)
	shown := pixels(sets.test.Data.Select(0, 1))
	for _, p := range []image.Point{{0, 0}, {13, 5}, {27, 27}} {
		want := uint8(255 * shown.Index(p.Y, p.X).Item())
		assert.Equal(t, color.NRGBA{want, want, want, 255}, at(sheet, 4+3*p.X+1, 4+3*p.Y+1), p)
	}
	none := contactSheet(verdict{}, sets.test, sets.classes)
	assert.Positive(t, none.Bounds().Dy())
}

func TestColors(t *testing.T) {
	assert.Equal(t, color.NRGBA{255, 255, 255, 255}, signed(0))
	assert.Equal(t, red, signed(1))
	assert.Equal(t, blue, signed(-1))
	img := colored(torch.NewTensor([][]float64{{0, 1}, {-1, 0}}), signed)
	assert.Equal(t, red, at(img, 1, 0))
	assert.Equal(t, blue, at(img, 0, 1))
}

// The diagonal of a confusion matrix is blue, what is wrong red, and nothing white.
func TestPlotConfusion(t *testing.T) {
	img := plotConfusion(metrics.Counts{{9, 1, 0}, {0, 10, 0}, {0, 0, 10}}, []string{"a", "b", "c"})
	size := img.Bounds().Size()
	require.Positive(t, size.X)
	cell := func(row, column int) color.NRGBA { // near a corner, where there is no number
		left, top, width, height := 50, 20, size.X-52, size.Y-72
		return at(img, left+column*width/3+width/30, top+row*height/3+height/30)
	}
	for i := range 3 {
		c := cell(i, i)
		assert.Greater(t, c.B, c.R, "diagonal %d: %v", i, c)
	}
	assert.Greater(t, cell(0, 1).R, cell(0, 1).B)
	assert.Equal(t, color.NRGBA{255, 255, 255, 255}, cell(2, 0))
}

func TestPlotCurves(t *testing.T) {
	img := plotCurves([]epochResult{{1, 0.5, 0.8, 0.6}, {0.5, 0.9, 0.6, 0.8}})
	count := map[color.NRGBA]int{}
	size := img.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			count[at(img, x, y)]++
		}
	}
	assert.Greater(t, count[red], 300, "validation")
	assert.Greater(t, count[blue], 300, "training")
	assert.Len(t, epochTicks(3), 3)
	assert.Len(t, epochTicks(100), 10)
}
