package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/torch"
)

// options are the command's flags.
type options struct {
	data, root       string
	model, optimizer string
	device           torch.Device
	epochs, batch    int
	lr               float64
	amp, capture     bool
	seed             int64
	out              string
	resume           bool
	distributed      bool
	timeout          time.Duration
	team.Team        // that -distributed joins
}

// parse reads the flags. It fails with flag.ErrHelp after it wrote the help that
// was asked for to help.
func parse(args []string, help io.Writer) (options, error) {
	o := options{device: torch.CPU}
	flags := flag.NewFlagSet("mnist", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.data, "data", "mnist", "the `set` to train on: mnist, fashion, or random, which is the PyTorch sample")
	flags.StringVar(&o.root, "root", "", "the `folder` that holds the set's files, packed or not; without it they are\n"+
		"in the user's cache, and are fetched if they are not there")
	flags.StringVar(&o.model, "model", "mlp", "the `network`: mlp, the sample's two linear layers, or cnn, with convolutions")
	flags.StringVar(&o.optimizer, "optimizer", "sgd", "the `optimizer`: sgd, with momentum, adam, adamw, or adam-fused, whose\n"+
		"step is one operator")
	flags.Func("device", "the `device` to compute on: cpu, cuda or cuda:N (default cpu)", func(name string) (err error) {
		o.device, err = torch.ParseDevice(name)
		return err
	})
	flags.IntVar(&o.epochs, "epochs", 5, "how many times to go through the training data; 10 with -data random")
	flags.IntVar(&o.batch, "batch", 64, "images in a minibatch; -data random takes all at once")
	flags.Float64Var(&o.lr, "lr", 0, "the learning `rate` (default 0.01; with adam, adamw and adam-fused 0.001)")
	flags.BoolVar(&o.amp, "amp", false, "compute in mixed precision")
	flags.BoolVar(&o.capture, "capture", false, "capture a step and run it again as one graph, which prints the same numbers\n"+
		"sooner; with sgd and adam-fused")
	flags.Int64Var(&o.seed, "seed", 0, "the seed of the random numbers: the same one gives the same run (default 0)")
	flags.StringVar(&o.out, "out", "", "the `folder` for checkpoints, TensorBoard's event files and pictures; without it\n"+
		"none are written")
	flags.BoolVar(&o.resume, "resume", false, "go on from the checkpoint in the folder of -out, if there is one")
	flags.BoolVar(&o.distributed, "distributed", false, "train in several processes, which gotorch run, torchrun or srun has started;\n"+
		"each takes its part of a minibatch, and the first one prints and saves")
	flags.DurationVar(&o.timeout, "timeout", 0, "with -distributed, the `duration` that processes wait for one that hangs (default 30m)")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(help, "Trains a small network on MNIST. \"mnist predict -h\" says how to use it then.\n\nFlags:")
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	if err != nil {
		return options{}, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if flags.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", flags.Arg(0))
	}
	return o, o.complete(given)
}

// complete fills in defaults that depend on other flags, and checks the flags that
// were given.
func (o *options) complete(given map[string]bool) error {
	if o.data == "random" {
		for _, name := range []string{"root", "model", "optimizer", "batch", "amp", "capture", "out", "resume", "distributed"} {
			if given[name] {
				return fmt.Errorf("-%s does not go with -data random, which is PyTorch's sample as it is", name)
			}
		}
		if !given["epochs"] {
			o.epochs = 10
		}
	}
	optimizer, known := optimizers[o.optimizer]
	if !given["lr"] {
		o.lr = optimizer.lr
	}
	switch {
	case !slices.Contains([]string{"mnist", "fashion", "random"}, o.data):
		return fmt.Errorf("-data is %q, want mnist, fashion or random", o.data)
	case networks[o.model] == nil:
		return fmt.Errorf("-model is %q, want one of %s", o.model, names(networks))
	case !known:
		return fmt.Errorf("-optimizer is %q, want one of %s", o.optimizer, names(optimizers))
	case o.epochs < 1:
		return fmt.Errorf("-epochs is %d, want 1 or more", o.epochs)
	case o.batch < 1:
		return fmt.Errorf("-batch is %d, want 1 or more", o.batch)
	case !(o.lr > 0) || math.IsInf(o.lr, 0):
		return fmt.Errorf("-lr is %v, want more than 0", o.lr)
	case o.capture && (o.optimizer == "adam" || o.optimizer == "adamw"):
		return fmt.Errorf("-capture does not go with -optimizer %s, which counts its steps outside of tensors: adam-fused and sgd do not", o.optimizer)
	case o.capture && o.amp && o.device.IsCUDA():
		return errors.New("-capture does not go with -amp on CUDA, where each step looks whether the gradients are finite")
	case o.capture && o.distributed:
		return errors.New("-capture does not go with -distributed, whose gradients move within a step")
	case o.distributed && !o.device.IsCPU():
		return fmt.Errorf("-distributed does not go with -device %v yet: the processes' gradients move by gloo, which is for the CPU", o.device)
	case o.timeout < 0:
		return fmt.Errorf("-timeout is %v, want 0 or more", o.timeout)
	case o.resume && o.out == "":
		return errors.New("-resume needs -out, the folder with the checkpoint")
	}
	return nil
}

func names[V any](m map[string]V) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}
