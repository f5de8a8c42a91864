package main

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // to read them
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/internal/imagefile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/transforms"
)

const predictUsage = `Usage: gotorch predict --model NAME --weights FILE [--labels FILE] IMAGE...

Says which classes images belong to, by a network of torchvision and its trained
weights, a file of torch.save. Images are brought to 224 × 224 pixels as those of
ImageNet are.
`

// runPredict says what images show.
func runPredict(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("predict", flag.ContinueOnError)
	model := flags.String("model", "", "the network: "+strings.Join(architectureNames(), ", "))
	weights := flags.String("weights", "", "the `file` with its state dict")
	labels := flags.String("labels", "", "a `file` with the name of a class in each line; without it classes are numbers")
	top := flags.Int("top", 5, "how many classes to name for an image")
	images, status, done := commandline.Line{Usage: predictUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, func(images []string) error {
		if architectures[*model] == nil || *weights == "" || *top < 1 || len(images) == 0 {
			return errors.New("want --model NAME, --weights FILE and files of images")
		}
		return nil
	})
	if done {
		return status
	}
	var err error
	failed := torch.Try(func() { err = predict(stdout, *model, *weights, *labels, *top, images) })
	if err = errors.Join(failed, err); err != nil {
		fmt.Fprintf(stderr, "gotorch predict: %v\n", err)
		return 1
	}
	return 0
}

// predict prints a line for each image.
func predict(w io.Writer, model, weights, labels string, top int, images []string) error {
	net, classes, err := trained(model, weights)
	if err != nil {
		return err
	}
	names, err := readNames(labels, classes)
	if err != nil {
		return err
	}
	prepare := transforms.NewCompose(
		transforms.NewResize(256), transforms.NewCenterCrop(224), transforms.NewToTensor(),
		transforms.NewNormalize([]float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}))
	for _, path := range images {
		img, err := readImage(path)
		if err != nil {
			return err
		}
		var line []string
		torch.Scope(func() {
			torch.NoGrad(func() {
				shares := nn.Call(net, prepare.Image(img).Unsqueeze(0)).Softmax(1)
				values, indices := shares.TopK(min(top, classes))
				best := torch.ToSlice[int](indices)
				for i, share := range torch.ToSlice[float64](values) {
					line = append(line, fmt.Sprintf("%s (%.1f %%)", names[best[i]], 100*share))
				}
			})
		})
		fmt.Fprintf(w, "%s: %s\n", path, strings.Join(line, ", "))
	}
	return nil
}

// trained returns a network with its weights, and how many classes it knows: as
// many as its last parameter, a bias, has elements. The network takes the tensors of
// the file and makes none of its own, so that a small file cannot ask for a large
// network.
func trained(model, path string) (network, int, error) {
	dict, err := torch.LoadAs[nn.StateDict](path, torch.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, 0, err
	}
	if len(dict) == 0 || dict[len(dict)-1].Tensor.Dim() != 1 {
		return nil, 0, fmt.Errorf("%s has no weights of %s", path, model)
	}
	for _, n := range dict {
		if !n.Tensor.IsContiguous() && n.Tensor.Dim() < 4 { // larger ones may be channels last
			return nil, 0, fmt.Errorf("%s: %s is a view of other elements: save a Clone of it", path, brief.Text(n.Name))
		}
	}
	classes := dict[len(dict)-1].Tensor.Size(0)
	var net network
	torch.WithDevice(torch.Meta, func() { net = architectures[model](classes) })
	if _, err := net.LoadStateDict(dict, nn.LoadOptions{Assign: true}); err != nil {
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	net.To(torch.Float32)
	net.Eval()
	return net, classes, nil
}

// readNames returns the names of classes, from a file or, without one, their
// numbers.
func readNames(path string, classes int) (names []string, err error) {
	if path == "" {
		for class := range classes {
			names = append(names, fmt.Sprint(class))
		}
		return names, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	names = strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(names) != classes {
		return nil, fmt.Errorf("%s names %d classes, and the network knows %d", path, len(names), classes)
	}
	return names, nil
}

// longest is how many times as long as wide an image may be: it is made 256 pixels
// wide whole before its middle is taken.
const longest = 100

// readImage reads an image file; what is transparent is white.
func readImage(path string) (image.Image, error) {
	img, err := imagefile.Open(path)
	if err != nil {
		return nil, err
	}
	size := img.Bounds().Size()
	if size.X > longest*size.Y || size.Y > longest*size.X {
		return nil, fmt.Errorf("%s: an image of %d × %d pixels is more than %d times as long as wide: cut a part out", path, size.X, size.Y, longest)
	}
	opaque := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(opaque, opaque.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(opaque, opaque.Rect, img, img.Bounds().Min, draw.Over)
	return opaque, nil
}
