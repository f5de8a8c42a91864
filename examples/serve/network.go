package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/internal/download"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// checkpoint is what is read of a checkpoint of examples/mnist.
type checkpoint struct {
	Options map[string]any
	Model   nn.StateDict
}

// loadNetwork returns the network of a folder's checkpoint, or of the cache's, which it
// trains first if it is not there.
func loadNetwork(ctx context.Context, dir string, log io.Writer) (*digits.CNN, error) {
	net := digits.NewCNN()
	if dir == "" {
		cache, err := download.CacheFolder("-checkpoint", "models", "mnist-cnn")
		if err != nil {
			return nil, err
		}
		dir = cache
		if _, err := os.Stat(filepath.Join(dir, "checkpoint.pt")); os.IsNotExist(err) {
			if err := train(ctx, net, log); err != nil {
				return nil, err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return nil, err
			}
			return net, torch.Save(checkpoint{map[string]any{"model": "cnn", "data": "mnist"}, net.StateDict()}, filepath.Join(dir, "checkpoint.pt"))
		}
	}
	path := filepath.Join(dir, "checkpoint.pt")
	c, err := torch.LoadAs[checkpoint](path, torch.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, err
	}
	if model, set := c.Options["model"], c.Options["data"]; model != "cnn" || set != "mnist" {
		return nil, fmt.Errorf("%s: its network is %.100q, trained on %.100q; want one that examples/mnist trains with -model cnn", path, fmt.Sprint(model), fmt.Sprint(set))
	}
	if _, err := net.LoadStateDict(c.Model); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return net, nil
}

// train trains a network, which then reads 98 of 100 test images right.
func train(ctx context.Context, net *digits.CNN, log io.Writer) error {
	fmt.Fprintln(log, "There is no checkpoint yet: training on MNIST, once")
	images, err := datasets.NewMNIST(ctx, datasets.Options{Download: true, Log: log})
	if err != nil {
		return err
	}
	return learn(ctx, net, data.NewTensorDataset(images.Normalized([]float64{digits.Mean}, []float64{digits.Deviation}), images.Targets))
}

// learn goes through images and labels once.
func learn(ctx context.Context, net *digits.CNN, set *data.TensorDataset) error {
	net.Train()
	optimizer := optim.NewAdam(net.Parameters(), optim.AdamOptions{LR: 0.001})
	loader := data.NewDataLoader(set, data.DataLoaderOptions{BatchSize: new(64), Shuffle: true})
	for batch, err := range loader.All(ctx) {
		if err != nil {
			return err
		}
		torch.Scope(func() {
			optimizer.ZeroGrad()
			functional.CrossEntropy(net.Forward(batch[0]), batch[1]).Backward()
			optimizer.Step()
		})
	}
	return nil
}
