// Command mnist trains a network to tell handwritten digits apart, or clothes.
//
// By default it trains two linear layers on MNIST, which it fetches once. With
// -data random it is PyTorch's sample to the letter, sample.py in this folder: with
// the same seed it prints the same losses. -h lists the flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
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
		for _, set := range []data.Sample{{Data: trainData, Target: trainLabels}, {Data: testData, Target: testLabels}} {
			outputs := net.Forward(set.Data)
			_, predicted := torch.MaxDim(outputs, 1)
			total += set.Target.Size(0)
			correct += predicted.Eq(set.Target).Sum().Int()
			fmt.Fprintf(out, "%d of %d right\n", correct, total)
		}
	})

	fmt.Fprintf(out, "Accuracy of the network on the 10000 test images: %d %%\n", 100*correct/total)
}

// train is the sample on real images, in minibatches, with a validation after each
// epoch and a checkpoint.
func train(ctx context.Context, o options, sets sets, out, log io.Writer) error {
	torch.ManualSeed(o.seed)
	s := newSession(o)
	if err := s.open(log); err != nil {
		return err
	}
	part, err := s.unite()
	if err != nil {
		return err
	}
	defer part()
	report, err := newReport(s, sets)
	if err != nil {
		return err
	}
	defer report.close()
	for s.Epoch < o.epochs {
		start := time.Now()
		stopped, err := s.epoch(ctx, sets.train, log)
		if err != nil {
			return err
		}
		if stopped {
			return s.interrupted(sets.train.Target.Size(0))
		}
		result := s.endEpoch(sets)
		fmt.Fprintf(out, "Epoch %d, loss %.4f, accuracy %.2f %%, %.1f s\n",
			s.Epoch, result.TrainLoss, 100*result.Accuracy, time.Since(start).Seconds())
		report.epoch(s, result)
		if err := s.save(); err != nil {
			return err
		}
	}
	if !s.Leads() {
		return nil
	}
	v := s.evaluate(sets.test, len(sets.classes))
	fmt.Fprintf(out, "Accuracy of the network on the %d test images: %.2f %%\n", v.counts.Total(), 100*v.counts.Accuracy())
	return report.end(s, sets, v)
}

// epoch goes through the images once, or through those that are left of an epoch
// that was interrupted. It stops between two minibatches when ctx of any process ends.
func (s *session) epoch(ctx context.Context, set data.Sample, log io.Writer) (stopped bool, err error) {
	images := set.Target.Size(0)
	dataset := data.NewTensorDataset(set.Data, set.Target)
	order, err := s.newOrder(dataset)
	if err != nil {
		return false, err
	}
	loader := data.NewDataLoader(dataset, data.DataLoaderOptions{
		BatchSize: new(s.batch / s.Size()), Sampler: order, Generator: torch.NewGenerator()})
	bar := newProgress(log, fmt.Sprintf("Epoch %d/%d", s.Epoch+1, s.epochs), s.Images, images)
	defer bar.end()
	for batch, err := range loader.All(context.WithoutCancel(ctx)) {
		if err != nil {
			return false, err
		}
		before := s.Images
		torch.Scope(func() { stopped, err = s.step(ctx, batch[0], batch[1]) })
		if stopped || err != nil {
			return stopped, err
		}
		loss, accuracy := s.average()
		bar.advance(s.Images-before, loss, accuracy)
	}
	return false, nil
}

// step learns from a minibatch, counts, and tells whether to stop.
func (s *session) step(ctx context.Context, images, labels *torch.Tensor) (stopped bool, err error) {
	results := s.learning.run(images, labels)
	n, stops := float64(labels.Size(0)), 0.0
	if ctx.Err() != nil {
		stops = 1
	}
	sums, err := s.Sum(results[0].Item()*n, results[1].Item(), n, stops)
	if err != nil {
		return false, err
	}
	s.Loss += sums[0]
	s.Correct += int(sums[1])
	s.Images += int(sums[2])
	return sums[3] > 0, nil
}

// learn changes the network by images and their labels, and returns the loss and how
// many were read right.
func (s *session) learn(in []*torch.Tensor) []*torch.Tensor {
	var outputs, loss *torch.Tensor
	s.optimizer.ZeroGrad()
	amp.Autocast(s.device, func() {
		outputs = s.forward(in[0])
		loss = s.criterion.Forward(outputs, in[1])
	}, amp.AutocastOptions{Enabled: &s.amp})
	s.scaler.Scale(loss).Backward()
	s.scaler.Step(s.optimizer)
	s.scaler.Update()

	_, predicted := torch.MaxDim(outputs, 1)
	return []*torch.Tensor{loss, predicted.Eq(in[1]).Sum()}
}

// run is the command: results go to out, what it does on the way to log.
func run(ctx context.Context, args []string, out, log io.Writer) (err error) {
	if len(args) > 0 && args[0] == "predict" {
		return predict(args[1:], out)
	}
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (-h lists the flags)", err)
	}
	if o.distributed {
		if o.Team, err = team.Join(o.timeout); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.Leave()) }()
		out, log = o.Voice(out), o.Voice(log)
	}
	failed := torch.Try(func() {
		if o.data == "random" {
			sample(o, out)
			return
		}
		var s sets
		if s, err = loadSets(ctx, o, log); err == nil {
			err = train(ctx, o, s, out, log)
		}
	})
	return errors.Join(failed, err)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it at once
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mnist:", err)
		os.Exit(1)
	}
}
