package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// headerLength is the header with the length of the JSON before binary data.
const headerLength = "Inference-Header-Content-Length"

// routes returns what answers the server's paths.
func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /v2", s.describe)
	m.HandleFunc("GET /v2/health/live", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, struct{}{}) })
	m.HandleFunc("GET /v2/health/ready", s.ready)
	for _, path := range []string{"/v2/models/{model}", "/v2/models/{model}/versions/{version}"} {
		m.HandleFunc("GET "+path, s.model(s.describeModel))
		m.HandleFunc("GET "+path+"/ready", s.model(func(w http.ResponseWriter, r *http.Request, _ *slot) { s.ready(w, r) }))
		m.HandleFunc("POST "+path+"/infer", s.model(s.serveInference))
	}
	m.Handle("GET /metrics", promhttp.HandlerFor(s.options.Registry, promhttp.HandlerOpts{}))
	if s.options.Handler != nil {
		m.Handle("/", s.options.Handler)
	}
	return m
}

// ServeHTTP answers a request. While the server leaves it also asks clients to close their
// connections.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mustBeMade("ServeHTTP")
	argument.NotNil("serve.Server.ServeHTTP", "w", w)
	argument.NotNil("serve.Server.ServeHTTP", "r", r)
	if s.leaving.Load() {
		w.Header().Set("Connection", "close")
	}
	s.mux.ServeHTTP(w, r)
}

// model finds the model that a path names.
func (s *Server) model(handle func(w http.ResponseWriter, r *http.Request, place *slot)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		place, err := s.find(r.PathValue("model"), r.PathValue("version"))
		if err != nil {
			fail(w, err)
			return
		}
		handle(w, r, place)
	}
}

// describe says what server it is.
func (s *Server) describe(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"name": "gotorch", "version": torch.Version(), "extensions": []string{"binary_tensor_data"}})
}

// ready says whether the server takes requests.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.leaving.Load() {
		fail(w, ErrClosed)
		return
	}
	reply(w, http.StatusOK, struct{}{})
}

// specJSON is what the protocol says of a tensor.
type specJSON struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`
}

// describeModel says what a model takes and gives.
func (s *Server) describeModel(w http.ResponseWriter, _ *http.Request, place *slot) {
	signature := &place.current.Load().signature
	list := func(specs []Spec) []specJSON {
		list := []specJSON{}
		for _, spec := range specs {
			j := specJSON{spec.Name, datatypes[spec.DType], append([]int{}, spec.Shape...)}
			if signature.Batch && len(j.Shape) > 0 {
				j.Shape[0] = -1
			}
			list = append(list, j)
		}
		return list
	}
	reply(w, http.StatusOK, map[string]any{
		"name": place.name, "versions": []string{place.version}, "platform": signature.Platform,
		"inputs": list(signature.Inputs), "outputs": list(signature.Outputs),
	})
}

// serveInference answers a request to a model.
func (s *Server) serveInference(w http.ResponseWriter, r *http.Request, place *slot) {
	start := time.Now()
	hold := &claim{budget: &s.memory}
	defer hold.release()
	answer, err := s.answer(w, r, place, hold)
	s.metrics.answered(place.name, place.version, err, start)
	if err != nil {
		fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if answer.length > 0 {
		h.Set("Content-Type", "application/octet-stream")
		h.Set(headerLength, strconv.Itoa(answer.length))
	}
	h.Set("Content-Length", strconv.Itoa(len(answer.body)))
	// A client that does not read its answer does not hold it for ever.
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Now().Add(option.Or(s.options.Timeout, 30*time.Second)))
	_, _ = w.Write(answer.body)
	_ = c.Flush()
	_ = c.SetWriteDeadline(time.Time{})
}

// answer returns the answer to a request.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, place *slot, hold *claim) (e encoded, err error) {
	length := -1
	if text := r.Header.Get(headerLength); text != "" {
		if length, err = strconv.Atoi(text); err != nil || length < 0 {
			return e, refuse("%s is no length", headerLength)
		}
	}
	body, err := s.read(w, r, hold)
	if err != nil {
		return e, err
	}
	request, err := decode(body, length, hold.reserve)
	if err != nil {
		return e, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), option.Or(s.options.Timeout, 30*time.Second))
	defer cancel()
	outputs, err := s.infer(ctx, place, request.inputs)
	if err != nil {
		return e, err
	}
	return encode(place.name, place.version, request, outputs)
}

// firstRead is how much memory a body gets before any of it is there.
const firstRead = 16 << 10

// read reads the body, in memory that grows as it comes in.
func (s *Server) read(w http.ResponseWriter, r *http.Request, hold *claim) ([]byte, error) {
	most := option.Or(s.options.MaxBody, 64<<20)
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return nil, &RequestError{http.StatusUnsupportedMediaType, fmt.Errorf("the Content-Encoding %.20q is not supported", coding)}
	}
	tooLarge := &RequestError{http.StatusRequestEntityTooLarge, fmt.Errorf("the body has more than %d bytes", most)}
	if r.ContentLength > int64(most) {
		w.Header().Set("Connection", "close")
		return nil, tooLarge
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(option.Or(s.options.ReadTimeout, 10*time.Second)))
	size := firstRead
	if r.ContentLength >= 0 {
		size = min(size, int(r.ContentLength)+1) // one more to see the end
	}
	if err := hold.reserve(size); err != nil {
		return nil, err
	}
	body := make([]byte, 0, size)
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > most:
			w.Header().Set("Connection", "close")
			return nil, tooLarge
		case errors.Is(err, io.EOF):
			_ = c.SetReadDeadline(time.Time{})
			return body, nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.Header().Set("Connection", "close")
			return nil, &RequestError{http.StatusRequestTimeout, errors.New("the body did not come in time")}
		case err != nil:
			return nil, refuse("the body is cut off after %d bytes", len(body))
		}
		if len(body) == cap(body) {
			next := min(2*cap(body), most+1)
			if r.ContentLength >= 0 {
				next = min(next, int(r.ContentLength)+1)
			}
			if err := hold.reserve(next - cap(body)); err != nil {
				return nil, err
			}
			grown := make([]byte, len(body), next)
			copy(grown, body)
			body = grown
		}
	}
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	status := Status(err)
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	reply(w, status, map[string]string{"error": err.Error()})
}

// reply answers with JSON.
func reply(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
