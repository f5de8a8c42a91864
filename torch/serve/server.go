package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// ServerOptions are the options of [NewServer].
type ServerOptions struct {
	MaxBody        *int                 // how many bytes the body of a request may have; default: 64 MiB
	MaxMemory      *int                 // how many bytes requests may hold together; default: 1 GiB
	MaxConnections *int                 // how many connections are open at a time, others wait; default: 10,000
	ReadTimeout    *time.Duration       // how long a client may take to send the header, and then the body; default: 10 s
	Timeout        *time.Duration       // how long a request may wait and run, and its answer be on the way; default: 30 s
	Grace          *time.Duration       // how long Serve still takes requests after its context has ended, while it says that it is not ready; default: 500 ms
	DrainTimeout   *time.Duration       // how long Serve then waits for what was taken; default: 30 s
	Poll           *time.Duration       // how often Watch looks at its file; default: 1 s
	Registry       *prometheus.Registry // where the metrics go; default: a new one, with those of the process
	Logger         *slog.Logger         // default: slog.Default()
	Handler        http.Handler         // what answers requests of other paths than the server's; default: nothing is there
}

// Server has models and answers requests to them. It is an [http.Handler] that speaks the
// Open Inference Protocol:
//
//	GET  /v2                                              what server it is
//	GET  /v2/health/live, /v2/health/ready                 whether it runs, and takes requests
//	GET  /v2/models/NAME[/versions/VERSION][/ready]        what a model takes and gives
//	POST /v2/models/NAME[/versions/VERSION]/infer          a request, JSON or with binary tensors
//	GET  /metrics                                         Prometheus' metrics
//
// https://github.com/kserve/open-inference-protocol,
// https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
type Server struct {
	options ServerOptions
	mux     *http.ServeMux
	log     *slog.Logger
	metrics *metrics
	memory  budget

	mutex    sync.Mutex
	models   map[string]*versions
	closed   bool
	leaving  atomic.Bool // not ready any more
	watching sync.WaitGroup
	stop     chan struct{} // closed to end the watching
}

// versions are those of a model.
type versions struct {
	name   string
	slots  map[string]*slot
	latest *slot // that was added
}

// slot is where a version of a model is. What is there may be replaced.
type slot struct {
	name, version string
	current       atomic.Pointer[deployment]
}

// NewServer returns a server without models. It panics with a *[torch.Error] on options that
// no server can have.
func NewServer(options ...ServerOptions) *Server {
	o := option.First(options)
	s := &Server{options: o, models: map[string]*versions{}, stop: make(chan struct{}), log: o.Logger}
	if s.log == nil {
		s.log = slog.Default()
	}
	s.memory.most = option.Or(o.MaxMemory, 1<<30)
	if s.options.Registry == nil {
		s.options.Registry = newRegistry()
	}
	var err error
	if s.metrics, err = newMetrics(s.options.Registry, &s.memory); err != nil {
		panic(torch.Errorf("serve.NewServer", torch.ValueError, "the registry: %s", err.Error()))
	}
	s.mux = s.routes()
	return s
}

// mustBeMade panics on a server that NewServer has not made.
func (s *Server) mustBeMade(method string) {
	if s == nil || s.mux == nil {
		panic(torch.Errorf("serve.Server."+method, torch.TypeError, "the server is nil or zero: NewServer makes one"))
	}
}

// Add serves a model under a name. It runs it once before, with zeros or the WarmUp, and
// fails, and closes the model, if that does, if a name or version is not fit for a path, or
// if the version is there already. Requests that name no version get what was added last.
func (s *Server) Add(name string, m Model, options ...ModelOptions) error {
	s.mustBeMade("Add")
	if argument.IsNil(m) {
		return fmt.Errorf("serve: the model %s must not be nil", brief.Text(name))
	}
	_, err := s.add(name, m, options)
	if err != nil {
		m.Close()
		return fmt.Errorf("serve: the model %s: %w", brief.Text(name), err)
	}
	return nil
}

func (s *Server) add(name string, m Model, options []ModelOptions) (*slot, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	place := &slot{name: name, version: option.Or(&o.Version, "")}
	if place.version == "" {
		place.version = "1"
	}
	for _, part := range []string{name, place.version} {
		if part == "" || strings.ContainsAny(part, "/?#%") || part == "." || part == ".." || !utf8.ValidString(part) {
			return nil, fmt.Errorf("%q cannot be a part of a path", part)
		}
	}
	d, err := s.deploy(place, m, o)
	if err != nil {
		return nil, err
	}
	place.current.Store(d)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	model := s.models[name]
	if model == nil {
		model = &versions{name: name, slots: map[string]*slot{}}
	}
	switch {
	case s.closed:
		err = ErrClosed
	case model.slots[place.version] != nil:
		err = fmt.Errorf("version %s is there already", place.version)
	}
	if err == nil {
		err = s.options.Registry.Register(queue(place))
	}
	if err != nil {
		return nil, errors.Join(err, d.batcher.Shutdown(context.Background()))
	}
	model.slots[place.version], model.latest = place, place
	s.models[name] = model
	return place, nil
}

// deploy deploys a model and notes how it went.
func (s *Server) deploy(place *slot, m Model, o ModelOptions) (*deployment, error) {
	start := time.Now()
	d, err := deploy(m, o, s.metrics.of(place.name, place.version))
	s.metrics.load(place.name, place.version, err)
	if err == nil {
		s.log.Info("model is ready", "model", place.name, "version", place.version, "warm_up", time.Since(start),
			"batch", d.maxBatch, "threads", d.threads)
	}
	return d, err
}

// Request is a request to a model.
type Request struct {
	Model   string
	Version string // default: that which was added last
	Inputs  []Array
}

// Infer answers a request from Go. It fails with a [RequestError] on a request that does
// not fit the model, with [ErrBusy] where too many wait, and with ctx's error when ctx ends;
// [Status] says what an error means.
func (s *Server) Infer(ctx context.Context, r Request) ([]Array, error) {
	s.mustBeMade("Infer")
	start := time.Now()
	place, err := s.find(r.Model, r.Version)
	if err != nil {
		return nil, err
	}
	outputs, err := s.infer(ctx, place, r.Inputs)
	s.metrics.answered(place.name, place.version, err, start)
	return outputs, err
}

// infer answers a request. What came to a model just before another took its place goes to
// that one.
func (s *Server) infer(ctx context.Context, place *slot, inputs []Array) ([]Array, error) {
	for {
		d := place.current.Load()
		d.counts.inFlight.Inc()
		outputs, err := d.infer(ctx, inputs)
		d.counts.inFlight.Dec()
		if errors.Is(err, ErrClosed) && place.current.Load() != d {
			continue
		}
		if failure := (*Panic)(nil); errors.As(err, &failure) && Status(err) == http.StatusInternalServerError {
			s.log.Error("the model panicked", "model", place.name, "version", place.version, "error", err, "stack", string(failure.Stack))
		}
		return outputs, err
	}
}

// find returns where a version of a model is.
func (s *Server) find(name, version string) (*slot, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	model := s.models[name]
	if model == nil {
		return nil, &RequestError{http.StatusNotFound, fmt.Errorf("there is no model %s", brief.Text(name))}
	}
	if version == "" {
		return model.latest, nil
	}
	if place := model.slots[version]; place != nil {
		return place, nil
	}
	return nil, &RequestError{http.StatusNotFound, fmt.Errorf("the model %s has no version %s", name, brief.Text(version))}
}

// Shutdown answers what was taken, refuses what comes, and closes the models. If ctx ends
// before, it returns its error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mustBeMade("Shutdown")
	s.leaving.Store(true)
	s.mutex.Lock()
	if !s.closed {
		s.closed = true
		close(s.stop)
	}
	models := slices.Collect(maps.Values(s.models))
	s.mutex.Unlock()
	s.watching.Wait()
	var errs []error
	for _, model := range models {
		for _, place := range model.slots {
			errs = append(errs, place.current.Load().close(ctx))
		}
	}
	return errors.Join(errs...)
}
