// Command gotorch-serve is gotorch serve: it answers requests over HTTP with a model file. It
// is a command of its own since it imports other modules, which gotorch does not, so that a
// module can run that before it has their checksums.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

const serveUsage = `Usage: gotorch serve [options] MODEL

Answers requests with a model file by the Open Inference Protocol: JSON or binary tensors to /v2/models/NAME/infer;
/v2/models/NAME says what it takes, /metrics is for Prometheus. MODEL is a program of torch.export (.pt2), whose requests
are run together if its batch is dynamic, or of TorchScript or AOTInductor, whose requests are with -batched; AOTInductor's
is code, which runs. A file that takes the place of MODEL is served as soon as it is there. SIGTERM and Ctrl-C end it,
after what was taken is answered.
`

// servable are the files that can be served.
var servable = map[filekind.Kind]func(path string, batch bool) (serve.Model, error){
	filekind.PT2:         loadProgram,
	filekind.TorchScript: serve.LoadScript,
	filekind.AOTInductor: serve.LoadCompiled,
}

// loadProgram reads a program of torch.export, which says itself whether it has a batch.
func loadProgram(path string, batch bool) (serve.Model, error) {
	m, err := serve.LoadProgram(path)
	if err == nil && batch && !m.Signature().Batch {
		m.Close()
		return nil, errors.New("the program has no batch: torch.export.export(net, (x,), dynamic_shapes={\"x\": {0: torch.export.Dim(\"batch\")}}) gives it one")
	}
	return m, err
}

// serving is what the command is told.
type serving struct {
	address, name string
	batched       bool
	model         serve.ModelOptions
	server        serve.ServerOptions
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	status := serveUntil(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// serveUntil serves a model until ctx ends.
func serveUntil(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	o := serving{}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.address, "addr", "127.0.0.1:8080", "the `address` to listen on; :8080 is port 8080 of all networks, 127.0.0.1:0 any free port")
	flags.StringVar(&o.name, "name", "", "the model's `name` (default the file's, without its ending)")
	flags.StringVar(&o.model.Version, "version", "1", "the model's `version`")
	flags.BoolVar(&o.batched, "batched", false, "requests are run together: the first size of all inputs and outputs counts rows that do not depend on each other")
	batch := flags.Int("max-batch", 32, "how many `rows` are run together at most")
	flags.DurationVar(&o.model.MaxWait, "max-wait", 0, "how `long` a request waits for others; 0 runs what is there")
	runners := flags.Int("runners", 1, "how many batches are run at a time")
	flags.IntVar(&o.model.Threads, "threads", 0, "with how many threads each is run (default all processors, shared by the runners)")
	queue := flags.Int("queue", 1024, "how many requests may wait; others get status 429")
	body := flags.Int("max-body", 64<<20, "how many `bytes` a request may have")
	timeout := flags.Duration("timeout", 30*time.Second, "how `long` a request may take")
	drain := flags.Duration("drain", 30*time.Second, "how `long` to wait at the end for what was taken")
	others, status, done := commandline.Line{Usage: serveUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, func(others []string) error {
		switch {
		case len(others) != 1:
			return errors.New("want one MODEL")
		case *batch < 1 || *runners < 1 || *queue < 1 || *body < 1 || o.model.Threads < 0 || o.model.MaxWait < 0 || *timeout <= 0 || *drain <= 0:
			return errors.New("numbers and times are to be above 0")
		}
		return nil
	})
	if done {
		return status
	}
	var err error
	o.model.MaxBatch, o.model.Runners, o.model.Queue = batch, runners, queue
	o.server = serve.ServerOptions{MaxBody: body, Timeout: timeout, DrainTimeout: drain, Logger: slog.New(slog.NewTextHandler(stderr, nil))}
	failed := torch.Try(func() { err = o.serve(ctx, others[0]) })
	if err = errors.Join(failed, err); err != nil {
		fmt.Fprintf(stderr, "gotorch serve: %v\n", err)
		return 1
	}
	return 0
}

// serve serves a file.
func (o *serving) serve(ctx context.Context, path string) error {
	kind, err := filekind.DetectFile(path)
	if err != nil {
		return err
	}
	load := servable[kind]
	if load == nil {
		return fmt.Errorf("%s is %s, want %s, %s or %s", path, cmp.Or(kind.Describe(), kind.String()), filekind.PT2, filekind.TorchScript, filekind.AOTInductor)
	}
	if o.name == "" {
		o.name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	s := serve.NewServer(o.server)
	loadBatched := func(path string) (serve.Model, error) { return load(path, o.batched) }
	if err = s.Watch(o.name, path, loadBatched, o.model); err == nil {
		err = s.ListenAndServe(ctx, o.address)
	}
	return errors.Join(err, s.Shutdown(context.WithoutCancel(ctx)))
}
