package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
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
		x, err := digits.ReadImage(path)
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
	c, err := torch.LoadAs[struct {
		Options map[string]any
		Model   nn.StateDict
	}](options{out: dir}.path(), torch.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, nil, err
	}
	model, _ := c.Options["model"].(string)
	if networks[model] == nil {
		return nil, nil, fmt.Errorf("%s: its network is %.100q, want one of %s", dir, model, names(networks))
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
func describe(net network, images *torch.Tensor, classes []string) []string {
	return torch.NoGradValue(func() (lines []string) {
		values, indices := net.Forward(images).Softmax(1).TopK(3)
		shares, best := torch.ToSlice[float64](values), torch.ToSlice[int](indices)
		for i := 0; i < len(best); i += 3 {
			line := fmt.Sprintf("%s (%.1f %%)", classes[best[i]], 100*shares[i])
			for j := i + 1; j < i+3; j++ {
				line += fmt.Sprintf(", %s (%.1f %%)", classes[best[j]], 100*shares[j])
			}
			lines = append(lines, line)
		}
		return lines
	})
}
