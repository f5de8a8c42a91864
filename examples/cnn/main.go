// Command cnn trains a convolutional network on MNIST. It is cnn.py, line for line:
// with the same seed both print the same losses.
//
//	go run ./examples/cnn [-epochs 3]
//	go run ./examples/cnn -random    # a few steps on random numbers
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// Net is two convolutions and two linear layers.
type Net struct {
	nn.Module
	Conv1, Conv2       *nn.Conv2d
	Dropout1, Dropout2 *nn.Dropout
	FC1, FC2           *nn.Linear
}

// NewNet returns a network with random parameters.
func NewNet() *Net {
	return nn.Init(&Net{
		Conv1:    nn.NewConv2d(1, 32, 3),
		Conv2:    nn.NewConv2d(32, 64, 3),
		Dropout1: nn.NewDropout(nn.DropoutOptions{P: new(0.25)}),
		Dropout2: nn.NewDropout(nn.DropoutOptions{P: new(0.5)}),
		FC1:      nn.NewLinear(9216, 128),
		FC2:      nn.NewLinear(128, 10),
	})
}

// Forward returns the logarithms of the probabilities of the ten digits, n × 10, of
// n × 1 × 28 × 28 images.
func (net *Net) Forward(x *torch.Tensor) *torch.Tensor {
	x = F.ReLU(net.Conv1.Forward(x))
	x = F.ReLU(net.Conv2.Forward(x))
	x = F.MaxPool2d(x, 2)
	x = net.Dropout1.Forward(x)
	x = torch.Flatten(x, 1)
	x = F.ReLU(net.FC1.Forward(x))
	x = net.Dropout2.Forward(x)
	x = net.FC2.Forward(x)
	return F.LogSoftmax(x, 1)
}

// loader gives batches of images and labels.
type loader = *data.DataLoader[[]*torch.Tensor]

// train goes through the batches once and returns the mean loss.
func train(ctx context.Context, net *Net, loader loader, optimizer optim.Optimizer) (float64, error) {
	net.Train()
	total := 0.0
	for batch, err := range loader.All(ctx) {
		if err != nil {
			return 0, err
		}
		torch.Scope(func() {
			data, target := batch[0], batch[1]
			optimizer.ZeroGrad()
			output := net.Forward(data)
			loss := F.NLLLoss(output, target)
			loss.Backward()
			optimizer.Step()
			total += loss.Item()
		})
	}
	return total / float64(loader.Len()), nil
}

// test returns the sum of the losses and how many images were told right.
func test(ctx context.Context, net *Net, loader loader) (loss float64, correct int, err error) {
	net.Eval()
	for batch, err := range loader.All(ctx) {
		if err != nil {
			return 0, 0, err
		}
		torch.NoGrad(func() {
			torch.Scope(func() {
				data, target := batch[0], batch[1]
				output := net.Forward(data)
				loss += F.NLLLoss(output, target, F.NLLLossOptions{Reduction: F.ReductionSum}).Item()
				correct += output.Argmax(1).Eq(target).Sum().Int()
			})
		})
	}
	return loss, correct, nil
}

// run trains a new network and tests it after each epoch.
func run(ctx context.Context, out io.Writer, trainSet, testSet *data.TensorDataset, batch, epochs int) error {
	net := NewNet()
	trainLoader := data.NewDataLoader(trainSet, data.DataLoaderOptions{BatchSize: new(batch), Shuffle: true})
	testLoader := data.NewDataLoader(testSet, data.DataLoaderOptions{BatchSize: new(1000)})
	optimizer := optim.NewAdadelta(net.Parameters(), optim.AdadeltaOptions{LR: 1})
	scheduler := lrscheduler.NewStepLR(optimizer, 1, lrscheduler.StepOptions{Gamma: new(0.7)})
	for epoch := range epochs {
		trainLoss, err := train(ctx, net, trainLoader, optimizer)
		if err != nil {
			return err
		}
		testLoss, correct, err := test(ctx, net, testLoader)
		if err != nil {
			return err
		}
		scheduler.Step()
		fmt.Fprintf(out, "Epoch %d, loss %v, test loss %v, %d of %d right\n",
			epoch+1, trainLoss, testLoss/float64(testSet.Len()), correct, testSet.Len())
	}
	return nil
}

// random returns n images and labels of random numbers.
func random(n int) *data.TensorDataset {
	return data.NewTensorDataset(torch.Randn([]int{n, 1, 28, 28}), torch.Randint(0, 10, []int{n}))
}

func command(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("cnn", flag.ContinueOnError)
	flags.SetOutput(out)
	onRandom := flags.Bool("random", false, "take a few steps on random numbers instead of MNIST")
	epochs := flags.Int("epochs", 3, "how many times to go through MNIST's training images")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	ctx := context.Background()
	torch.ManualSeed(0)
	if *onRandom {
		return run(ctx, out, random(64), random(32), 16, 2)
	}
	trainSet, testSet, err := mnist(ctx)
	if err != nil {
		return err
	}
	return run(ctx, out, trainSet, testSet, 64, *epochs)
}

func main() {
	if err := command(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cnn:", err)
		os.Exit(1)
	}
}
