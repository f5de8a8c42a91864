// Command mnist trains a network of two linear layers to tell handwritten digits
// apart.
//
// By default it trains on MNIST, which it fetches once. With -data random it is
// PyTorch's sample to the letter, sample.py in this folder: with the same seed it
// prints the same losses. -h lists the flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// Net is two linear layers with ReLU between them.
type Net struct {
	nn.Module
	FC1, FC2 *nn.Linear
}

// NewNet returns a network with random parameters.
func NewNet() *Net {
	return nn.Init(&Net{FC1: nn.NewLinear(28*28, 128), FC2: nn.NewLinear(128, 10)})
}

// Forward returns the scores of the ten digits, n × 10, of n images.
func (net *Net) Forward(x *torch.Tensor) *torch.Tensor {
	x = torch.Flatten(x, 1)
	x = torch.ReLU(net.FC1.Forward(x))
	return net.FC2.Forward(x)
}

// sample is sample.py, line for line.
func sample(o options, out io.Writer) {
	torch.ManualSeed(o.seed)
	trainData := torch.Randn([]int{60000, 1, 28, 28}).To(o.device)
	trainLabels := torch.Randint(0, 10, []int{60000}).To(o.device)
	testData := torch.Randn([]int{10000, 1, 28, 28}).To(o.device)
	testLabels := torch.Randint(0, 10, []int{10000}).To(o.device)

	net := NewNet()
	net.To(o.device)
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: o.lr})

	for epoch := range o.epochs {
		optimizer.ZeroGrad()
		outputs := net.Forward(trainData)
		loss := criterion.Forward(outputs, trainLabels)
		loss.Backward()
		optimizer.Step()
		fmt.Fprintf(out, "Epoch %d, loss %v\n", epoch+1, loss.Item())
	}

	correct := 0
	total := 0
	torch.NoGrad(func() {
		for _, set := range []Dataset{{trainData, trainLabels}, {testData, testLabels}} {
			outputs := net.Forward(set.Images)
			_, predicted := torch.MaxDim(outputs, 1)
			total += set.Labels.Size(0)
			correct += predicted.Eq(set.Labels).Sum().Int()
			fmt.Fprintf(out, "%d of %d right\n", correct, total)
		}
	})

	fmt.Fprintf(out, "Accuracy of the network on the 10000 test images: %d %%\n", 100*correct/total)
}

// train is the sample on MNIST, in minibatches.
func train(o options, out, log io.Writer) error {
	torch.ManualSeed(o.seed)
	trainSet, testSet, err := LoadMNIST(context.Background(), o.root, o.device, log)
	if err != nil {
		return err
	}

	net := NewNet()
	net.To(o.device)
	criterion := nn.NewCrossEntropyLoss()
	optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: o.lr, Momentum: 0.9})

	for epoch := range o.epochs {
		start := time.Now()
		sum, batches := 0.0, 0
		for images, labels := range trainSet.Batches(o.batch) {
			optimizer.ZeroGrad()
			outputs := net.Forward(images)
			loss := criterion.Forward(outputs, labels)
			loss.Backward()
			optimizer.Step()
			sum += loss.Item()
			batches++
		}
		correct, total := evaluate(net, testSet)
		fmt.Fprintf(out, "Epoch %d, loss %.4f, accuracy %.2f %%, %.1f s\n",
			epoch+1, sum/float64(batches), percent(correct, total), time.Since(start).Seconds())
	}

	correct, total := evaluate(net, trainSet)
	fmt.Fprintf(out, "Accuracy of the network on the %d training images: %.2f %%\n", total, percent(correct, total))
	correct, total = evaluate(net, testSet)
	fmt.Fprintf(out, "Accuracy of the network on the %d test images: %.2f %%\n", total, percent(correct, total))
	return nil
}

// evaluate counts how many images of a set the network tells right.
func evaluate(net *Net, set Dataset) (correct, total int) {
	torch.NoGrad(func() {
		torch.Scope(func() {
			outputs := net.Forward(set.Images)
			_, predicted := torch.MaxDim(outputs, 1)
			total = set.Labels.Size(0)
			correct = predicted.Eq(set.Labels).Sum().Int()
		})
	})
	return correct, total
}

func percent(correct, total int) float64 { return 100 * float64(correct) / float64(total) }

// options are the command's flags.
type options struct {
	data, root    string
	device        torch.Device
	epochs, batch int
	lr            float64
	seed          int64
}

// parse reads the flags. It fails with flag.ErrHelp after it wrote the help that
// was asked for to help.
func parse(args []string, help io.Writer) (options, error) {
	o := options{device: torch.CPU}
	flags := flag.NewFlagSet("mnist", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.data, "data", "mnist", "the `set` to train on: mnist, or random, which is the PyTorch sample")
	flags.StringVar(&o.root, "root", "", "the `folder` that holds MNIST's files, packed or not; without it they are\n"+
		"in the user's cache, and are fetched if they are not there")
	flags.Func("device", "the `device` to compute on: cpu, cuda or cuda:N (default cpu)", func(name string) (err error) {
		o.device, err = torch.ParseDevice(name)
		return err
	})
	flags.IntVar(&o.epochs, "epochs", 5, "how many times to go through the training data; 10 with -data random")
	flags.IntVar(&o.batch, "batch", 64, "images in a minibatch; -data random takes all at once")
	flags.Float64Var(&o.lr, "lr", 0.01, "the learning rate")
	flags.Int64Var(&o.seed, "seed", 0, "the seed of the random numbers: the same one gives the same run (default 0)")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(help, "Trains a small network on MNIST.\n\nFlags:")
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	if err != nil {
		return options{}, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	random := o.data == "random"
	if random && !given["epochs"] {
		o.epochs = 10
	}
	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	case !random && o.data != "mnist":
		err = fmt.Errorf("-data is %q, want mnist or random", o.data)
	case random && given["batch"]:
		err = errors.New("-batch goes with -data mnist: the sample takes all images at once")
	case random && given["root"]:
		err = errors.New("-root goes with -data mnist: the sample's images are random numbers")
	case o.epochs < 1:
		err = fmt.Errorf("-epochs is %d, want 1 or more", o.epochs)
	case o.batch < 1:
		err = fmt.Errorf("-batch is %d, want 1 or more", o.batch)
	case !(o.lr > 0):
		err = fmt.Errorf("-lr is %v, want more than 0", o.lr)
	}
	return o, err
}

// run is the command: results go to out, what it does on the way to log.
func run(args []string, out, log io.Writer) (err error) {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (-h lists the flags)", err)
	}
	failed := torch.Try(func() {
		if o.data == "random" {
			sample(o, out)
		} else {
			err = train(o, out, log)
		}
	})
	return errors.Join(failed, err)
}

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mnist:", err)
		os.Exit(1)
	}
}
