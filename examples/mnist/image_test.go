package main

import (
	"image"
	"image/color"
	"image/draw"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
)

// A black bar on a large white page becomes a bright one in the middle.
func TestReadImageCentersTheFigure(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 300, 200))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(page, image.Rect(210, 20, 250, 100), image.Black, image.Point{}, draw.Src)
	dir := t.TempDir()
	require.NoError(t, writePNG(dir, "bar.png", page))
	x, err := digits.ReadImage(filepath.Join(dir, "bar.png"))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 1, 28, 28}, x.Shape())
	want := torch.Zeros([]int{28, 28})
	want.Narrow(0, 4, 20).Narrow(1, 9, 10).FillInplace(1)
	assert.Equal(t, torch.ToSlice[float64](want.Gt(0.5)), torch.ToSlice[float64](pixels(x).Gt(0.5)))
}

// An image of 28 × 28 pixels is taken as it is, and a transparent one is white.
func TestReadImageAsItIs(t *testing.T) {
	dir := t.TempDir()
	small := image.NewGray(image.Rect(0, 0, 28, 28))
	small.SetGray(3, 1, color.Gray{Y: 51})
	require.NoError(t, writePNG(dir, "small.png", small))
	x, err := digits.ReadImage(filepath.Join(dir, "small.png"))
	require.NoError(t, err)
	assert.InDelta(t, 0.2, pixels(x).Index(1, 3).Item(), 1e-6)
	assert.InDelta(t, 0.2, pixels(x).Sum().Item(), 1e-4)

	require.NoError(t, writePNG(dir, "nothing.png", image.NewNRGBA(image.Rect(0, 0, 50, 60))))
	x, err = digits.ReadImage(filepath.Join(dir, "nothing.png"))
	require.NoError(t, err)
	assert.InDelta(t, 0, pixels(x).Sum().Item(), 1e-4)
}
