// Command vae trains a variational autoencoder on MNIST's digits, and draws digits
// that nobody wrote. It is vae.py, line for line: with the same seed both print the
// same losses.
//
//	go run ./examples/vae [-epochs 5] [-out digits.png]
//	go run ./examples/vae -random    # a few steps on random numbers
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
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// latent is how many numbers stand for an image.
const latent = 20

// VAE is an encoder to means and variances, and a decoder.
type VAE struct {
	nn.Module
	FC1, FC21, FC22, FC3, FC4 *nn.Linear
}

// NewVAE returns a network with random parameters.
func NewVAE() *VAE {
	return nn.Init(&VAE{
		FC1:  nn.NewLinear(784, 400),
		FC21: nn.NewLinear(400, latent),
		FC22: nn.NewLinear(400, latent),
		FC3:  nn.NewLinear(latent, 400),
		FC4:  nn.NewLinear(400, 784),
	})
}

// Encode returns means and logarithms of variances, n × 20, for n × 784 numbers.
func (net *VAE) Encode(x *torch.Tensor) (mean, logVar *torch.Tensor) {
	h := F.ReLU(net.FC1.Forward(x))
	return net.FC21.Forward(h), net.FC22.Forward(h)
}

// Reparameterize draws from the normal distributions, so that gradients flow to
// their parameters.
func (net *VAE) Reparameterize(mean, logVar *torch.Tensor) *torch.Tensor {
	std := torch.Exp(logVar.Mul(0.5))
	eps := torch.RandnLike(std)
	return mean.Add(eps.Mul(std))
}

// Decode returns images, n × 784 numbers from 0 to 1, for n × 20 numbers.
func (net *VAE) Decode(z *torch.Tensor) *torch.Tensor {
	h := F.ReLU(net.FC3.Forward(z))
	return torch.Sigmoid(net.FC4.Forward(h))
}

// Forward returns images like those of x, and what the encoder made of it.
func (net *VAE) Forward(x *torch.Tensor) (reconstruction, mean, logVar *torch.Tensor) {
	mean, logVar = net.Encode(x.View(-1, 784))
	z := net.Reparameterize(mean, logVar)
	return net.Decode(z), mean, logVar
}

// lossFunction is how far the reconstruction is from x, and the distributions are
// from the standard normal one.
func lossFunction(reconstruction, x, mean, logVar *torch.Tensor) *torch.Tensor {
	bce := F.BinaryCrossEntropy(reconstruction, x.View(-1, 784), F.WeightedLossOptions{Reduction: F.ReductionSum})
	kld := logVar.Add(1).Sub(mean.Pow(2)).Sub(logVar.Exp()).Sum().Mul(-0.5)
	return bce.Add(kld)
}

// loader gives batches of images.
type loader = *data.DataLoader[[]*torch.Tensor]

// train goes through the batches once and returns the sum of the losses.
func train(ctx context.Context, net *VAE, loader loader, optimizer optim.Optimizer) (total float64, err error) {
	net.Train()
	for batch, err := range loader.All(ctx) {
		if err != nil {
			return 0, err
		}
		torch.Scope(func() {
			data := batch[0]
			optimizer.ZeroGrad()
			reconstruction, mean, logVar := net.Forward(data)
			loss := lossFunction(reconstruction, data, mean, logVar)
			loss.Backward()
			optimizer.Step()
			total += loss.Item()
		})
	}
	return total, nil
}

// test returns the sum of the losses.
func test(ctx context.Context, net *VAE, loader loader) (total float64, err error) {
	net.Eval()
	for batch, err := range loader.All(ctx) {
		if err != nil {
			return 0, err
		}
		torch.NoGrad(func() {
			torch.Scope(func() {
				data := batch[0]
				reconstruction, mean, logVar := net.Forward(data)
				total += lossFunction(reconstruction, data, mean, logVar).Item()
			})
		})
	}
	return total, nil
}

// run trains a new network and tests it after each epoch.
func run(ctx context.Context, out io.Writer, trainSet, testSet *data.TensorDataset, batch, epochs int) (*VAE, error) {
	net := NewVAE()
	trainLoader := data.NewDataLoader(trainSet, data.DataLoaderOptions{BatchSize: new(batch), Shuffle: true})
	testLoader := data.NewDataLoader(testSet, data.DataLoaderOptions{BatchSize: new(batch)})
	optimizer := optim.NewAdam(net.Parameters(), optim.AdamOptions{LR: 1e-3})
	for epoch := range epochs {
		trainLoss, err := train(ctx, net, trainLoader, optimizer)
		if err != nil {
			return nil, err
		}
		testLoss, err := test(ctx, net, testLoader)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, "Epoch %d, loss %v, test loss %v\n",
			epoch+1, trainLoss/float64(trainSet.Len()), testLoss/float64(testSet.Len()))
	}
	return net, nil
}

// random returns n images of random numbers.
func random(n int) *data.TensorDataset {
	return data.NewTensorDataset(torch.Rand([]int{n, 1, 28, 28}))
}

func command(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("vae", flag.ContinueOnError)
	flags.SetOutput(out)
	onRandom := flags.Bool("random", false, "take a few steps on random numbers instead of MNIST")
	epochs := flags.Int("epochs", 5, "how many times to go through MNIST's training images")
	picture := flags.String("out", "digits.png", "the `file` for the picture of new digits")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	ctx := context.Background()
	torch.ManualSeed(0)
	if *onRandom {
		_, err := run(ctx, out, random(64), random(32), 16, 3)
		return err
	}
	trainSet, testSet, err := mnist(ctx)
	if err != nil {
		return err
	}
	net, err := run(ctx, out, trainSet, testSet, 128, *epochs)
	if err != nil {
		return err
	}
	return draw(net, *picture)
}

func main() {
	if err := command(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vae:", err)
		os.Exit(1)
	}
}
