package utils_test

import (
	"image"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
	"github.com/wangkuiyi/gotorch/torch/vision/utils"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestMakeGrid(t *testing.T) {
	var g struct {
		X, Gray torchtest.Tensor
		Grids   map[string]torchtest.Tensor
	}
	h := torchtest.Golden(t, "testdata/utils.json", &g)
	x, gray := g.X.Make(t), g.Gray.Make(t)
	type options = utils.MakeGridOptions
	grids := map[string]*torch.Tensor{
		"defaults":    utils.MakeGrid(x),
		"rows":        utils.MakeGrid(x, options{NRow: new(2), Padding: new(1), PadValue: 0.5}),
		"normalize":   utils.MakeGrid(x, options{Normalize: true, Padding: new(0)}),
		"range":       utils.MakeGrid(x, options{Normalize: true, ValueRange: &[2]float64{-1, 1}}),
		"each":        utils.MakeGrid(x, options{Normalize: true, ScaleEach: true, NRow: new(3)}),
		"gray":        utils.MakeGrid(gray),
		"one":         utils.MakeGrid(x.Narrow(0, 0, 1)),
		"no batch":    utils.MakeGrid(x.Select(0, 0)),
		"one channel": utils.MakeGrid(gray.Select(0, 0)),
		"two dims":    utils.MakeGrid(gray.Select(0, 0).Select(0, 0)),
	}
	require.Len(t, g.Grids, len(grids))
	for name, want := range g.Grids {
		want.Check(t, grids[name], h.Exact(), 1e-6, name)
	}
	refused := func(words string, x *torch.Tensor, o options) torchtest.Refused {
		return torchtest.Refused{Call: func() { utils.MakeGrid(x, o) }, Kind: torch.ValueError, Words: words}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"one dim":   refused("got the shape [2]", torch.Ones([]int{2}), options{}),
		"no image":  refused("got the shape [0 3 2 2]", torch.Ones([]int{0, 3, 2, 2}), options{}),
		"range":     refused("are for Normalize", x, options{ValueRange: new([2]float64)}),
		"row of 0":  refused("want 1 image or more in a row", x, options{NRow: new(0)}),
		"negative":  refused("no negative padding", x, options{Padding: new(-1)}),
		"each, not": refused("are for Normalize", x, options{ScaleEach: true}),
	})
}

func TestSaveImage(t *testing.T) {
	dir := t.TempDir()
	x := torch.Rand([]int{3, 3, 4, 5})
	x.Select(0, 0).FillInplace(2)
	x.Select(0, 1).FillInplace(-1)
	want := functional.FromImage(functional.ToImage(utils.MakeGrid(x).Mul(255).Add(0.5).Clamp(0, 255).To(torch.Uint8)))
	read := func(path string) *torch.Tensor {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		picture, _, err := image.Decode(f)
		require.NoError(t, err)
		return functional.FromImage(picture)
	}
	path := filepath.Join(dir, "grid.png")
	require.NoError(t, utils.SaveImage(path, x))
	assert.True(t, want.Equal(read(path)))
	for name, format := range map[string]utils.ImageFormat{"grid.JPG": "", "grid": utils.JPEG} {
		path := filepath.Join(dir, name)
		require.NoError(t, utils.SaveImage(path, x, utils.SaveImageOptions{Format: format}))
		assert.Equal(t, want.Shape(), read(path).Shape(), name)
	}
	assert.ErrorContains(t, utils.SaveImage(filepath.Join(dir, "grid.webp"), x), `the image format "webp" is not known`)
	assert.NoFileExists(t, filepath.Join(dir, "grid.webp"))
	assert.ErrorContains(t, utils.SaveImage(path, torch.Ones([]int{2})), "got the shape [2]")
	assert.ErrorContains(t, utils.SaveImage(path, nil), "the tensor is nil")
	assert.ErrorContains(t, utils.SaveImage(filepath.Join(dir, "nowhere", "a.png"), x), "no such file")
}
