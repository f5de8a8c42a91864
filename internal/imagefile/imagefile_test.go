package imagefile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
)

// kinds are images of 40 × 30 pixels, by what a pixel takes.
func kinds() map[int][]image.Image {
	size := image.Rect(0, 0, 40, 30)
	return map[int][]image.Image{
		8: {image.NewNRGBA64(size), image.NewRGBA64(size), image.NewGray16(size)},
		4: {image.NewNRGBA(size), image.NewRGBA(size), image.NewGray(size)},
		1: {image.NewPaletted(size, color.Palette{color.Black, color.White})},
	}
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, img))
	return file.Bytes()
}

// The pixels are counted in bytes.
func TestDecode(t *testing.T) {
	for size, images := range kinds() {
		for _, img := range images {
			file := encode(t, img)
			got, err := Decode(bytes.NewReader(file), 40*30*size)
			require.NoError(t, err)
			assert.Equal(t, img.Bounds(), got.Bounds())
			_, err = Decode(bytes.NewReader(file), 40*30*size-1)
			assert.ErrorContains(t, err, "the image has 40 × 30 pixels of ", "%T", img)
		}
	}
	var file bytes.Buffer
	require.NoError(t, jpeg.Encode(&file, image.NewRGBA(image.Rect(0, 0, 16, 16)), nil))
	_, err := Decode(bytes.NewReader(file.Bytes()), 16*16*3)
	require.NoError(t, err)
	_, err = Decode(bytes.NewReader(file.Bytes()), 16*16*3-1)
	assert.ErrorContains(t, err, "pixels of 3 byte(s)")
	assert.Equal(t, 178956970, Limit/3, "as many as PIL reads")
}

// A file that claims many pixels is refused before any is read.
func TestOpenBomb(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bomb.png")
	for _, size := range []uint32{13_000, 100_000, 1 << 28} {
		data := encode(t, image.NewNRGBA64(image.Rect(0, 0, 40, 30)))
		header := data[12:29] // IHDR and what it holds, up to the checksum
		binary.BigEndian.PutUint32(header[4:], size)
		binary.BigEndian.PutUint32(header[8:], size)
		binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(header))
		require.NoError(t, os.WriteFile(path, data, 0o600))
		hostile.Read(t, len(data), func() {
			_, err := Open(path)
			assert.ErrorContains(t, err, path+": the image has ")
			assert.ErrorContains(t, err, "pixels of 8 byte(s), more than 512 MiB: make it smaller")
		})
	}
	_, err := Open("nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzDecode(f *testing.F) {
	for _, images := range kinds() {
		for _, img := range images {
			f.Add(encode(f, img))
			var file bytes.Buffer
			require.NoError(f, gif.Encode(&file, img, nil))
			f.Add(file.Bytes())
			file.Reset()
			require.NoError(f, jpeg.Encode(&file, img, nil))
			f.Add(file.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, len(data), func() {
			img, err := Decode(bytes.NewReader(data), 4<<20)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000)
				return
			}
			last := img.Bounds().Max.Sub(image.Pt(1, 1))
			_ = img.At(last.X, last.Y)
		})
	})
}
