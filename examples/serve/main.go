// Command serve is a web page that reads digits as they are drawn, and finds sentences by
// what they mean.
//
//	go run ./examples/serve    # and open http://localhost:8080
//
// The digits are read by examples/mnist's convolutional network, from a checkpoint of its
// -model cnn or else trained here in a minute; the sentences by examples/embed's MiniLM. The
// same server answers requests of the Open Inference Protocol, at /v2/models/digits. -h lists
// the flags.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/wangkuiyi/gotorch/examples/embed/minilm"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

//go:embed static
var static embed.FS

// options are the command's flags.
type options struct {
	address, checkpoint, embedder string
	noSearch                      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, log io.Writer) error {
	var o options
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.StringVar(&o.address, "addr", "localhost:8080", "the `address` to listen on")
	flags.StringVar(&o.checkpoint, "checkpoint", "", "the `folder` that examples/mnist wrote with -model cnn; default: one in the cache,\nwhich is trained if it is not there")
	flags.StringVar(&o.embedder, "embedder", "", "the `folder` of a BERT in Hugging Face's layout; default: MiniLM, which is fetched")
	flags.BoolVar(&o.noSearch, "no-search", false, "leave out the search, which fetches 84 MB")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a, err := newApp(ctx, o, log)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.address)
	if err != nil {
		return errors.Join(err, a.close())
	}
	fmt.Fprintf(log, "Open http://%s\n", l.Addr())
	return errors.Join(a.server.Serve(ctx, l), a.close())
}

// app is what the pages ask.
type app struct {
	server *serve.Server
	reader *reader
	finder *finder // nil without a search
}

// newApp loads the models.
func newApp(ctx context.Context, o options, log io.Writer) (*app, error) {
	net, err := loadNetwork(ctx, o.checkpoint, log)
	if err != nil {
		return nil, err
	}
	a := &app{reader: newReader(net)}
	if !o.noSearch {
		dir := o.embedder
		if dir == "" {
			if dir, err = minilm.Fetch(ctx, log); err != nil {
				return nil, errors.Join(err, a.close())
			}
		}
		if a.finder, err = newFinder(dir); err != nil {
			return nil, errors.Join(err, a.close())
		}
	}
	a.server = serve.NewServer(serve.ServerOptions{Handler: a.routes()})
	return a, errors.Join(a.server.Add("digits", a.reader.model()))
}

// routes returns what answers the pages.
func (a *app) routes() *http.ServeMux {
	m := http.NewServeMux()
	pages, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // it is embedded
	}
	m.Handle("GET /", http.FileServerFS(pages))
	m.HandleFunc("POST /api/digit", a.reader.handle)
	m.HandleFunc("GET /api/search", a.finder.handle)
	return m
}

// close ends what runs.
func (a *app) close() error {
	err := a.reader.batcher.Shutdown(context.Background())
	if a.finder != nil {
		err = errors.Join(err, a.finder.batcher.Shutdown(context.Background()))
	}
	return err
}
