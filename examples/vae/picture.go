package main

import (
	"fmt"
	"image"
	"image/png"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
)

const (
	side = 28 // pixels of an image
	rows = 8  // images in a row and in a column of the picture
)

// draw writes a picture of images that the network decodes from random numbers.
func draw(net *VAE, path string) (err error) {
	picture := image.NewGray(image.Rect(0, 0, rows*side, rows*side))
	torch.NoGrad(func() {
		torch.Scope(func() {
			images := net.Decode(torch.Randn([]int{rows * rows, latent}))
			// Images in a row of the picture lie beside each other, line by line.
			grid := images.Reshape(rows, rows, side, side).Transpose(1, 2).Mul(255).Round().To(torch.Uint8)
			copy(picture.Pix, torch.ToSlice[uint8](grid))
		})
	})
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	if err := png.Encode(file, picture); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
