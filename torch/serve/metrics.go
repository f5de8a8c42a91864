package serve

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are a server's.
type metrics struct {
	requests          *prometheus.CounterVec
	seconds           *prometheus.HistogramVec
	inFlight          *prometheus.GaugeVec
	waited, ran, rows *prometheus.HistogramVec
	loads             *prometheus.CounterVec
	loaded            *prometheus.GaugeVec
	memory            prometheus.GaugeFunc
}

// modelMetrics are those of a version of a model.
type modelMetrics struct {
	model, version    string
	waited, ran, rows prometheus.Observer
	inFlight          prometheus.Gauge
}

// newMetrics registers metrics.
func newMetrics(r *prometheus.Registry, memory *budget) (*metrics, error) {
	labels := []string{"model", "version"}
	times := prometheus.ExponentialBuckets(0.0005, 2, 16) // half a millisecond to 16 s
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "gotorch", Name: name, Help: help, Buckets: buckets}, labels)
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "gotorch", Name: name, Help: help}, labels)
	}
	counter := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "gotorch", Name: name, Help: help}, append(labels[:2:2], label))
	}
	m := &metrics{
		requests: counter("requests_total", "Requests that were answered, by HTTP's status.", "code"),
		seconds:  histogram("request_seconds", "From the first byte of a request's body to its answer.", times),
		inFlight: gauge("requests_in_flight", "Requests that have no answer yet."),
		waited:   histogram("queue_seconds", "How long requests waited for a runner.", times),
		ran:      histogram("batch_seconds", "How long batches ran.", times),
		rows:     histogram("batch_rows", "How many rows batches had.", prometheus.ExponentialBuckets(1, 2, 10)),
		loads:    counter("model_loads_total", "How often a model was loaded, or could not be.", "result"),
		loaded:   gauge("model_loaded_timestamp_seconds", "When the model was loaded."),
		memory: prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "gotorch", Name: "request_bytes",
			Help: "Memory that requests hold."}, func() float64 { return float64(memory.held()) }),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.inFlight, m.waited, m.ran, m.rows, m.loads, m.loaded, m.memory} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// newRegistry returns a registry with what is known of the process.
func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// of returns the metrics of a version of a model.
func (m *metrics) of(model, version string) *modelMetrics {
	return &modelMetrics{model, version,
		m.waited.WithLabelValues(model, version), m.ran.WithLabelValues(model, version), m.rows.WithLabelValues(model, version),
		m.inFlight.WithLabelValues(model, version)}
}

// queue returns how many requests wait for a model.
func queue(place *slot) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "gotorch", Name: "queue_length", Help: "Requests that wait for a runner.",
		ConstLabels: prometheus.Labels{"model": place.name, "version": place.version},
	}, func() float64 { return float64(place.current.Load().batcher.Waiting()) })
}

// answered notes a request.
func (m *metrics) answered(model, version string, err error, start time.Time) {
	m.requests.WithLabelValues(model, version, strconv.Itoa(Status(err))).Inc()
	m.seconds.WithLabelValues(model, version).Observe(time.Since(start).Seconds())
}

// load notes that a model was loaded, or was not.
func (m *metrics) load(model, version string, err error) {
	result := "error"
	if err == nil {
		result = "ok"
		m.loaded.WithLabelValues(model, version).SetToCurrentTime()
	}
	m.loads.WithLabelValues(model, version, result).Inc()
}
