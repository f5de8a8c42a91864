// Command vad finds where somebody speaks in a WAV file, by silero-vad, a network that its
// authors give away as a TorchScript program:
//
//	vad [flags] FILE.wav
//
// prints a line for each span of speech, such as "1.23s - 4.56s". It is vad.py in this
// folder, frame by frame. The model, 2 MB, is fetched from PyPI by pip at the first run. -h
// lists the flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "vad:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, log io.Writer) error {
	o := DefaultSpans
	flags := flag.NewFlagSet("vad", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprint(log, "usage: vad [flags] FILE.wav\nflags:\n")
		flags.PrintDefaults()
	}
	path := flags.String("model", "", "the `file` of another silero-vad; default: that of 6.2.3, which is fetched")
	plotFile := flags.String("plot", "", "a `file` that gets a picture of the probabilities and spans, such as speech.png")
	frames := flags.Bool("frames", false, "print the probability of each frame, too")
	flags.Float64Var(&o.Threshold, "threshold", o.Threshold, "from which `probability` on a frame has speech")
	flags.Float64Var(&o.MinSpeech, "min-speech", o.MinSpeech, "leave out spans of fewer `seconds`")
	flags.Float64Var(&o.MaxSpeech, "max-speech", o.MaxSpeech, "split spans of more `seconds`")
	flags.Float64Var(&o.MinSilence, "min-silence", o.MinSilence, "how many `seconds` of silence end a span")
	flags.Float64Var(&o.Pad, "pad", o.Pad, "`seconds` to add at both ends of a span")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return flag.ErrHelp
	}
	for name, v := range map[string]float64{"threshold": o.Threshold, "min-speech": o.MinSpeech, "max-speech": o.MaxSpeech,
		"min-silence": o.MinSilence, "pad": o.Pad} {
		if v < 0 || math.IsNaN(v) {
			return fmt.Errorf("-%s is %v, want 0 or more", name, v)
		}
	}
	audio, err := ReadWAV(flags.Arg(0))
	if err != nil {
		return err
	}
	if *path == "" {
		if *path, err = fetch(ctx, log); err != nil {
			return err
		}
	}
	net, err := jit.Load(*path, jit.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return err
	}
	defer net.Close()
	torch.SetNumThreads(1) // the frames are small
	probabilities, err := Probabilities(net, audio)
	if err != nil {
		return err
	}
	if *frames {
		for i, p := range probabilities {
			fmt.Fprintf(out, "%d %.9g\n", i, p)
		}
	}
	spans := Spans(probabilities, audio.Rate, len(audio.Samples), o)
	for _, s := range spans {
		fmt.Fprintf(out, "%.2fs - %.2fs\n", float64(s.Start)/float64(audio.Rate), float64(s.End)/float64(audio.Rate))
	}
	if *plotFile != "" {
		return plotSpans(*plotFile, audio, probabilities, spans, o.Threshold)
	}
	return nil
}
