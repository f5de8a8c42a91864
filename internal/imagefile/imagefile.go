// Package imagefile reads image files, of those formats that a program has for
// package image. A small file may claim any number of pixels: they are counted before
// they are read.
package imagefile

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
)

// Limit is how many bytes the pixels of an image may take. It is where PIL stops for
// colours of three bytes, at 179 million pixels.
const Limit = 512 << 20

// Open reads an image file. It fails, and says which file it was, if that is not
// there, no such image, damaged or of more than Limit.
func Open(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, err := Decode(f, Limit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// Decode reads an image whose pixels take no more than so many bytes.
func Decode(r io.ReadSeeker, limit int) (image.Image, error) {
	config, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, err
	}
	size := pixelSize(config.ColorModel)
	if config.Width < 1 || config.Height < 1 {
		return nil, fmt.Errorf("the image has %d × %d pixels", config.Width, config.Height)
	}
	if config.Width > limit/size/config.Height {
		return nil, fmt.Errorf("the image has %d × %d pixels of %d byte(s), more than %d MiB: make it smaller",
			config.Width, config.Height, size, limit>>20)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	img, _, err := image.Decode(r)
	return img, err
}

// pixelSize returns how many bytes a decoder takes for a pixel. Grey ones become
// colours where one of them is transparent.
func pixelSize(model color.Model) int {
	switch model {
	case color.RGBA64Model, color.NRGBA64Model, color.Gray16Model, color.Alpha16Model:
		return 8
	case color.YCbCrModel:
		return 3
	}
	if _, ok := model.(color.Palette); ok {
		return 1
	}
	return 4
}
