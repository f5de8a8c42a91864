package datasets

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/imagefile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms/functional"
)

// picture is an image of 2 × 1 pixels, red and green.
func picture() image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.Set(0, 0, color.NRGBA{255, 0, 0, 255})
	img.Set(1, 0, color.NRGBA{0, 255, 0, 255})
	return img
}

// encodings writes images in each format that has an encoder.
var encodings = map[string]func(w io.Writer, img image.Image) error{
	".png":  png.Encode,
	".JPG":  func(w io.Writer, img image.Image) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: 100}) },
	".gif":  func(w io.Writer, img image.Image) error { return gif.Encode(w, img, nil) },
	".bmp":  bmp.Encode,
	".tiff": func(w io.Writer, img image.Image) error { return tiff.Encode(w, img, nil) },
}

// encoded returns an image in a format.
func encoded(t testing.TB, format string, img image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, encodings[format](&b, img))
	return b.Bytes()
}

// webp is an image of one black pixel.
func webp(t testing.TB) []byte {
	data, err := base64.StdEncoding.DecodeString("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
	require.NoError(t, err)
	return data
}

// tree writes files into a new folder.
func tree(t *testing.T, files map[string][]byte) string {
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	return root
}

func TestImageFolder(t *testing.T) {
	img := encoded(t, ".png", picture())
	root := tree(t, map[string][]byte{
		"dog/2.png": img, "dog/10.png": img, "dog/a/x.png": img, "dog/a-b/y.PNG": img, "dog/notes.txt": nil, "cat/z.png": img, "README": nil,
	})
	d, err := NewImageFolder(root)
	require.NoError(t, err)
	assert.Equal(t, []string{"cat", "dog"}, d.Classes)
	var names []string
	for _, f := range d.Files {
		name, err := filepath.Rel(root, f.Path)
		require.NoError(t, err)
		names = append(names, filepath.ToSlash(name))
		assert.Equal(t, len(names) > 1, f.Target == 1)
	}
	assert.Equal(t, []string{"cat/z.png", "dog/10.png", "dog/2.png", "dog/a/x.png", "dog/a-b/y.PNG"}, names)
	s, err := d.At(3)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 1, 2}, s.Data.Shape())
	assert.Equal(t, []float32{1, 0, 0, 1, 0, 0}, torch.ToSlice[float32](s.Data))
	assert.Equal(t, 1, s.Target.Int())
	for _, index := range []int{-1, d.Len()} {
		_, err := d.At(index)
		assert.ErrorIs(t, err, &torch.Error{Kind: torch.IndexError})
	}
}

func TestImageFormats(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 2, 1))
	grey.Set(1, 0, color.Gray{100})
	for format := range encodings {
		files := map[string][]byte{"a/1" + format: encoded(t, format, picture()), "b/2" + format: encoded(t, format, grey)}
		d, err := NewImageFolder(tree(t, files), ImageFolderOptions{Transform: func(x *torch.Tensor) *torch.Tensor { return x }})
		require.NoError(t, err)
		require.Equal(t, 2, d.Len())
		// JPEG's pixels share their colours; a GIF takes them from a palette.
		tolerances := map[string][]float64{".JPG": {170, 2}, ".gif": {0, 4}}[format]
		if tolerances == nil {
			tolerances = []float64{0, 0}
		}
		for i, want := range [][]float64{{255, 0, 0, 255, 0, 0}, {0, 100, 0, 100, 0, 100}} {
			s, err := d.At(i)
			require.NoError(t, err)
			assert.Equal(t, torch.Uint8, s.Data.DType())
			assert.InDeltaSlice(t, want, torch.ToSlice[float64](s.Data), tolerances[i], format)
		}
	}
	d, err := NewImageFolder(tree(t, map[string][]byte{"a/1.webp": webp(t)}))
	require.NoError(t, err)
	s, err := d.At(0)
	require.NoError(t, err)
	assert.Equal(t, []int{3, 1, 1}, s.Data.Shape())
}

func TestImageFolderFails(t *testing.T) {
	img := encoded(t, ".png", picture())
	_, err := NewImageFolder("nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
	root := tree(t, map[string][]byte{"x.png": img})
	_, err = NewImageFolder(root)
	assert.EqualError(t, err, "datasets.NewImageFolder: Couldn't find any class folder in "+root)
	root = tree(t, map[string][]byte{"full/x.png": img, "none/x.txt": img, "other/y.PGM": img})
	_, err = NewImageFolder(root)
	assert.EqualError(t, err, "datasets.NewImageFolder: Found no valid file for the classes none, other in "+root+
		". Supported extensions are: .jpg, .jpeg, .png, .bmp, .tif, .tiff, .webp, .gif")
	d, err := NewImageFolder(root, ImageFolderOptions{AllowEmpty: true, Extensions: []string{".pgm", ".png"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"full", "none", "other"}, d.Classes)
	assert.Equal(t, 2, d.Len())
	require.NoError(t, os.Symlink("gone", filepath.Join(root, "full", "link")))
	_, err = NewImageFolder(root)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// A file that is gone or damaged ends a loop with its name and index.
func TestImageFolderInLoader(t *testing.T) {
	img := encoded(t, ".png", picture())
	huge := []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00")
	for want, damage := range map[string]func(path string) error{
		"no such file or directory": os.Remove,
		"unexpected EOF":            func(path string) error { return os.Truncate(path, int64(len(img)/2)) },
		"image: unknown format":     func(path string) error { return os.WriteFile(path, []byte("<html>"), 0o644) },
		"the image has 65535 × 65535 pixels of 1 byte(s), more than 512 MiB: make it smaller": func(path string) error {
			return os.WriteFile(path, huge, 0o644)
		},
	} {
		d, err := NewImageFolder(tree(t, map[string][]byte{"a/1.png": img, "a/2.png": img, "b/3.png": img, "b/4.png": img}))
		require.NoError(t, err)
		require.NoError(t, damage(d.Files[2].Path))
		batches := 0
		var last error
		for _, err := range data.NewDataLoader(d, data.DataLoaderOptions{BatchSize: new(2), NumWorkers: 2}).All(t.Context()) {
			batches++
			last = err
		}
		assert.Equal(t, 2, batches)
		assert.ErrorContains(t, last, "data: sample 2: ")
		assert.ErrorContains(t, last, d.Files[2].Path)
		assert.ErrorContains(t, last, want)
	}
}

func FuzzDecodeImage(f *testing.F) {
	for format := range encodings {
		f.Add(encoded(f, format, picture()))
	}
	f.Add(webp(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, len(data), func() {
			img, err := imagefile.Decode(bytes.NewReader(data), 4<<20)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000)
				return
			}
			torch.Scope(func() { // the first and the last pixel are there
				x := functional.FromImage(img)
				assert.Equal(t, []int{img.Bounds().Dy(), img.Bounds().Dx()}, x.Shape()[1:])
				_ = x.Narrow(1, x.Size(1)-1, 1).Sum().Item()
			})
		})
	})
}
