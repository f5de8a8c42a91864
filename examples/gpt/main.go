// Command gpt trains a small GPT on the text of Go's specification, then writes in
// its style.
//
// It is train.py in this folder: with the same seed both print the same losses and,
// on the same libtorch and processor, the same text. -h lists the flags.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/wangkuiyi/gotorch/examples/internal/team"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// rows is how many places of the text are in a batch.
const rows = 16

// batch returns random places in data, rows × length, and what follows each letter.
func batch(data *torch.Tensor) (x, y *torch.Tensor) {
	starts := torch.Randint(0, data.Size(0)-length, []int{rows, 1})
	places := data.Index(starts.Add(torch.Arange(0, length+1, 1)))
	return places.Index(torch.Colon, torch.To(-1)), places.Index(torch.Colon, torch.From(1))
}

// captured returns f as a graph that is captured in its first call.
func captured(f func(in []*torch.Tensor) []*torch.Tensor) func(in []*torch.Tensor) []*torch.Tensor {
	var g *graph.Captured
	return func(in []*torch.Tensor) []*torch.Tensor {
		if g != nil {
			return g.Run(in...)
		}
		var err error
		if g, err = graph.Capture(f, in); err != nil {
			panic(err)
		}
		return g.First
	}
}

// train trains a network, alone or with the other processes of the team, calls stepped after
// each step, and lets the network write.
func train(text string, o options, out io.Writer, stepped func()) error {
	letters := NewLetters(text)
	data := letters.Encode(text)

	torch.ManualSeed(o.seed)
	model := NewGPT(len(letters))
	model.checkpointed = o.checkpoint
	optimizer := optim.NewAdamW(model.Parameters(), optim.AdamWOptions{LR: 2e-3, Fused: new(true), Capturable: o.capture})
	place := place{options: o, model: model, optimizer: optimizer}
	if err := place.load(); err != nil {
		return err
	}
	forward, part, err := team.Forward(o.Team, model)
	if err != nil {
		return err
	}
	defer part()
	learn := func(in []*torch.Tensor) []*torch.Tensor {
		return torch.Scoped(func() []*torch.Tensor {
			loss := torch.Scoped(func() *torch.Tensor { // frees what no gradient needs
				scores := forward(in[0])
				return functional.CrossEntropy(scores.Flatten(0, 1), in[1].Flatten(0, -1))
			})
			optimizer.ZeroGrad()
			loss.Backward()
			optimizer.Step()
			return []*torch.Tensor{loss}
		})
	}
	parameters := 0
	for _, p := range model.Parameters() {
		parameters += p.Numel()
	}
	fmt.Fprintf(out, "%d letters, %d different ones, %d parameters\n", data.Size(0), len(letters), parameters)
	first := place.step + 1
	for place.step < o.steps {
		place.step++
		x, y := batch(data)
		results := learn([]*torch.Tensor{o.Share(x), o.Share(y)})
		if o.capture && place.step == first { // which made the optimizer's state
			learn = captured(learn)
		}
		stepped()
		if place.step%o.every != 0 {
			continue
		}
		loss, err := o.Mean(results[0].Item())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "step %d, loss %v\n", place.step, loss)
		if err := place.save(); err != nil {
			return err
		}
	}
	if !o.Leads() {
		return nil
	}

	prompt := letters.Encode("The ").Unsqueeze(0)
	tokens := model.Write(prompt, o.sample)
	fmt.Fprintln(out, letters.Decode(tokens.Index(0)))
	return nil
}

// options are the command's flags.
type options struct {
	steps, every, sample int
	seed                 int64
	capture, distributed bool
	checkpoint           bool
	snapshot, profile    string
	timeout              time.Duration
	team.Team            // that -distributed joins
}

// parse reads the flags. It fails with flag.ErrHelp after it wrote the help that
// was asked for to help.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("gpt", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.IntVar(&o.steps, "steps", 1000, "how many batches to train on")
	flags.IntVar(&o.every, "every", 50, "print the loss of each so manieth step")
	flags.IntVar(&o.sample, "sample", 400, "how many letters to write in the end")
	flags.Int64Var(&o.seed, "seed", 0, "the seed of the random numbers: the same one gives the same run (default 0)")
	flags.BoolVar(&o.capture, "capture", false, "capture a step and run it again as one graph, which prints the same numbers sooner")
	flags.BoolVar(&o.checkpoint, "checkpoint", false, "keep the input of each block only and run the block again in the backward pass, for less memory")
	flags.StringVar(&o.snapshot, "snapshot", "", "the `file` to save the training in each -every steps, and to go on from where it is there")
	flags.StringVar(&o.profile, "profile", "", "profile the third to fifth step: print the operators that took most, and write a Chrome trace to this `file`")
	flags.BoolVar(&o.distributed, "distributed", false, "train in several processes, which gotorch run, torchrun or srun has started;\n"+
		"each takes its part of a batch, and the first one prints and saves")
	flags.DurationVar(&o.timeout, "timeout", 0, "with -distributed, the `duration` that processes wait for one that hangs (default 30m)")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(help, "Trains a small GPT on Go's specification.\n\nFlags:")
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	case o.steps < 0 || o.sample < 0:
		err = errors.New("-steps and -sample cannot be negative")
	case o.every < 1:
		err = fmt.Errorf("-every is %d, want 1 or more", o.every)
	case o.timeout < 0:
		err = fmt.Errorf("-timeout is %v, want 0 or more", o.timeout)
	case o.capture && o.distributed:
		err = errors.New("-capture does not go with -distributed, whose gradients move within a step")
	}
	return o, err
}

// run is the command.
func run(args []string, out io.Writer) (err error) {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (-h lists the flags)", err)
	}
	text, err := specification()
	if err != nil {
		return err
	}
	if o.distributed {
		if o.Team, err = team.Join(o.timeout); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.Leave()) }()
		if rows%o.Size() != 0 {
			return fmt.Errorf("%d processes cannot share batches of %d evenly", o.Size(), rows)
		}
	}
	if !o.Leads() {
		o.profile = ""
	}
	return profiled(o.profile, out, func(stepped func()) error {
		var err error
		failed := torch.Try(func() { err = train(text, o, o.Voice(out), stepped) })
		return errors.Join(failed, err)
	})
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gpt:", err)
		os.Exit(1)
	}
}
