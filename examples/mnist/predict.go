package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // to read them
	_ "image/jpeg"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"github.com/wangkuiyi/gotorch/torch"
)

// predict is the command "mnist predict": it says what image files show.
func predict(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("out", "", "the `folder` that training wrote its checkpoint to")
	explain := flags.String("explain", "", "a PNG `file` to write, of what the network looked at")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(out, "Says what image files show: mnist predict -out FOLDER FILE...\n\nFlags:")
		flags.SetOutput(out)
		flags.PrintDefaults()
		return nil
	}
	if err == nil && (*dir == "" || flags.NArg() == 0) {
		err = errors.New("want -out FOLDER and files of images")
	}
	if err != nil {
		return fmt.Errorf("predict: %w (mnist predict -h lists the flags)", err)
	}
	net, classes, err := trained(*dir)
	if err != nil {
		return err
	}
	var images []*torch.Tensor
	for _, path := range flags.Args() {
		x, err := readImage(path)
		if err != nil {
			return err
		}
		images = append(images, x)
	}
	batch := torch.Cat(images, 0)
	for i, line := range describe(net, batch, classes) {
		fmt.Fprintf(out, "%s: %s\n", flags.Arg(i), line)
	}
	if *explain == "" {
		return nil
	}
	return writePNG(filepath.Dir(*explain), filepath.Base(*explain), explanation(net, batch, 6))
}

// trained returns the network of a checkpoint, and its classes.
func trained(dir string) (network, []string, error) {
	c, err := torch.LoadAs[checkpoint](options{out: dir}.path(), torch.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, nil, err
	}
	model, _ := c.Options["model"].(string)
	if networks[model] == nil {
		return nil, nil, fmt.Errorf("%s: its network is %q, want one of %s", dir, model, names(networks))
	}
	net := networks[model]()
	net.Eval()
	if _, err := net.LoadStateDict(c.Model); err != nil {
		return nil, nil, err
	}
	name, _ := c.Options["data"].(string)
	return net, classesOf(name), nil
}

// describe says what each image shows: the three likeliest classes.
func describe(net network, images *torch.Tensor, classes []string) (lines []string) {
	torch.NoGrad(func() {
		values, indices := net.Forward(images).Softmax(1).TopK(3)
		shares, best := torch.ToSlice[float64](values), torch.ToSlice[int](indices)
		for i := 0; i < len(best); i += 3 {
			line := fmt.Sprintf("%s (%.1f %%)", classes[best[i]], 100*shares[i])
			for j := i + 1; j < i+3; j++ {
				line += fmt.Sprintf(", %s (%.1f %%)", classes[best[j]], 100*shares[j])
			}
			lines = append(lines, line)
		}
	})
	return lines
}

// readImage reads an image file as what the networks take, 1 × 1 × 28 × 28. The
// sets have bright figures on black, so an image with a bright edge is inverted.
func readImage(path string) (*torch.Tensor, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	small := image.NewGray(image.Rect(0, 0, 28, 28))
	draw.Draw(small, small.Rect, image.White, image.Point{}, draw.Src) // below what is transparent
	draw.CatmullRom.Scale(small, small.Rect, img, img.Bounds(), draw.Over, nil)
	if edge(small) > 127 {
		for i := range small.Pix {
			small.Pix[i] = 255 - small.Pix[i]
		}
	}
	x := torch.FromSlice(small.Pix, 1, 1, 28, 28).To(torch.Float32)
	return x.Div(255).Sub(mean).Div(deviation), nil
}

// edge returns the mean brightness of the outermost pixels.
func edge(img *image.Gray) int {
	sum, n := 0, 0
	for i := range 28 {
		for _, at := range []image.Point{{i, 0}, {i, 27}, {0, i}, {27, i}} {
			sum += int(img.At(at.X, at.Y).(color.Gray).Y)
			n++
		}
	}
	return sum / n
}
