package profiler

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// chromeEvent is an event of Chrome's format, as Kineto fills it in.
type chromeEvent struct {
	Phase    string         `json:"ph"` // X: complete, i: at one time, M: metadata, s and f: the ends of an arrow
	Category string         `json:"cat,omitempty"`
	Scope    string         `json:"s,omitempty"`
	Name     string         `json:"name"`
	ID       int            `json:"id,omitempty"`
	Bind     string         `json:"bp,omitempty"`
	PID      any            `json:"pid"`
	TID      any            `json:"tid"`
	Start    microsecond    `json:"ts"`
	Duration *microsecond   `json:"dur,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// microsecond is a time in nanoseconds that is written in microseconds.
type microsecond int

// MarshalJSON writes three digits behind the point.
func (m microsecond) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%d.%03d", int(m)/1000, int(m)%1000), nil
}

// ExportChromeTrace writes the latest trace to a file, for https://ui.perfetto.dev,
// chrome://tracing and TensorBoard; compressed if the name ends in ".gz". It fails before
// there is a trace.
//
// Operators, regions and memory are as PyTorch writes them; arrows lead from an operator to
// its node of the backward pass. With stacks an operator has its "Call stack".
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler._KinetoProfile.export_chrome_trace
func (p *Profile) ExportChromeTrace(path string) error {
	if p.trace == nil {
		return errNoTrace
	}
	return writeZipped(path, func(w io.Writer) error { return p.writeChrome(w, path) })
}

// chromeWriter writes events, and keeps the first error: the Writer those of writing.
type chromeWriter struct {
	*bufio.Writer
	pid, base, index int
	err              error
}

func (c *chromeWriter) event(e chromeEvent) {
	text, err := json.Marshal(e)
	if err != nil && c.err == nil {
		c.err = err
	}
	if c.index > 0 {
		fmt.Fprint(c, ",")
	}
	c.index++
	fmt.Fprint(c, "\n    ")
	fmt.Fprintf(c, "%s", text)
}

// at returns a time of the trace.
func (c *chromeWriter) at(ns int) microsecond { return microsecond(ns - c.base) }

func (c *chromeWriter) meta(name string, pid, tid any, key string, value any) {
	c.event(chromeEvent{Phase: "M", Name: name, PID: pid, TID: tid, Args: map[string]any{key: value}})
}

func (p *Profile) writeChrome(w io.Writer, path string) error {
	t := p.trace
	// Kineto counts from a moment some months ago, so that float64 has all digits.
	base := t.start - t.start%int(time.Hour)
	c := &chromeWriter{Writer: bufio.NewWriter(w), pid: os.Getpid(), base: base}
	c.head(p, base)
	program := filepath.Base(os.Args[0])
	c.meta("process_name", c.pid, 0, "name", program)
	c.meta("process_labels", c.pid, 0, "labels", "CPU")
	c.meta("process_sort_index", c.pid, 0, "sort_index", c.pid)
	for _, thread := range slices.Sorted(maps.Keys(t.threads)) {
		tid := t.threads[thread]
		c.meta("thread_name", c.pid, tid, "name", fmt.Sprintf("thread %d (%s)", tid, program))
		c.meta("thread_sort_index", c.pid, tid, "sort_index", tid)
	}
	for i := range t.calls {
		c.call(t, i)
	}
	for i, a := range t.allocations {
		c.event(chromeEvent{Phase: "i", Category: "cpu_instant_event", Scope: "t", Name: memoryEvent, PID: c.pid, TID: t.threads[a.thread],
			Start: c.at(a.time), Args: map[string]any{"Total Allocated": a.total, "Total Reserved": 0, "Bytes": a.bytes,
				"Addr": a.address, "Device Type": 0, "Device Id": -1, "Ev Idx": len(t.calls) + i}})
	}
	c.arrows(t)
	whole := microsecond(t.end - t.start)
	c.event(chromeEvent{Phase: "X", Category: "Trace", Name: "PyTorch Profiler (0)", PID: "Spans", TID: "PyTorch Profiler",
		Start: c.at(t.start), Duration: &whole, Args: map[string]any{"Op count": 0}})
	c.event(chromeEvent{Phase: "i", Scope: "g", Name: "Iteration Start: PyTorch Profiler", PID: "Traces", TID: "Trace PyTorch Profiler",
		Start: c.at(t.start)})
	c.event(chromeEvent{Phase: "i", Scope: "g", Name: "Record Window End", PID: "", TID: "", Start: c.at(t.end)})
	name, err := json.Marshal(path)
	if c.err == nil {
		c.err = err
	}
	fmt.Fprintf(c, "\n  ],\n  \"traceName\": %s\n}\n", name)
	if c.err != nil {
		return c.err
	}
	return c.Flush()
}

// head writes what is before the events.
func (c *chromeWriter) head(p *Profile, base int) {
	fmt.Fprint(c, "{\n  \"schemaVersion\": 1,\n  \"deviceProperties\": [],\n")
	for _, option := range []struct {
		name string
		on   bool
	}{
		{"profile_memory", p.options.ProfileMemory}, {"with_stack", p.options.WithStack},
		{"record_shapes", p.options.RecordShapes}, {"with_flops", p.options.WithFLOPs},
	} {
		if option.on {
			fmt.Fprintf(c, "  %q: 1,\n", option.name)
		}
	}
	fmt.Fprintf(c, "  \"displayTimeUnit\": \"ms\",\n  \"baseTimeNanoseconds\": %d,\n  \"traceEvents\": [", base)
}

// call writes the i-th call.
func (c *chromeWriter) call(t *trace, i int) {
	e := &t.calls[i]
	category := "cpu_op"
	if e.scope == ScopeUser {
		category = "user_annotation"
	}
	args := map[string]any{"External id": e.id, "Record function id": 0, "Ev Idx": i}
	if e.sequence >= 0 {
		args["Sequence number"], args["Fwd thread id"] = e.sequence, e.forwardThread
	}
	if len(e.shapes) > 0 {
		shapes := make([][]int, len(e.shapes))
		for i, shape := range e.shapes {
			shapes[i] = append([]int{}, shape...) // [], not null
		}
		args["Input Dims"], args["Input type"] = shapes, e.types
	}
	if e.flops > 0 {
		args["FLOPs"] = e.flops
	}
	if len(e.stack) > 0 {
		args["Call stack"] = strings.Join(e.stack, ";")
	}
	duration := microsecond(e.end - e.start)
	c.event(chromeEvent{Phase: "X", Category: category, Name: e.name, PID: c.pid, TID: t.threads[e.thread],
		Start: c.at(e.start), Duration: &duration, Args: args})
}

// arrows writes an arrow from each operator to its node of the backward pass.
func (c *chromeWriter) arrows(t *trace) {
	type place struct{ thread, sequence int }
	forward := map[place]*call{} // the latest of a number is the innermost
	id := 0
	for i := range t.calls {
		e := &t.calls[i]
		if e.sequence < 0 {
			continue
		}
		if e.forwardThread == 0 {
			forward[place{e.thread, e.sequence}] = e
			continue
		}
		at := place{e.forwardThread, e.sequence}
		from := forward[at]
		if from == nil {
			continue
		}
		delete(forward, at)
		id++
		c.event(chromeEvent{Phase: "s", ID: id, PID: c.pid, TID: t.threads[from.thread], Start: c.at(from.start),
			Category: "fwdbwd", Name: "fwdbwd"})
		c.event(chromeEvent{Phase: "f", Bind: "e", ID: id, PID: c.pid, TID: t.threads[e.thread], Start: c.at(e.start),
			Category: "fwdbwd", Name: "fwdbwd"})
	}
}

// TensorBoardOptions are the options of [TensorBoardTraceHandler].
type TensorBoardOptions struct {
	WorkerName string // what files' names begin with; default: the host's name and the process's number
	UseGzip    bool
}

// TensorBoardTraceHandler returns a function for [Options] that writes each trace to a file
// in a folder, which it makes, under a name that TensorBoard's plugin for PyTorch's profiler
// looks for: WORKER.NANOSECONDS.pt.trace.json.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler.tensorboard_trace_handler
func TensorBoardTraceHandler(dir string, options ...TensorBoardOptions) func(p *Profile) error {
	o := option.First(options)
	return func(p *Profile) error {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		worker := o.WorkerName
		if worker == "" {
			host, err := os.Hostname()
			if err != nil {
				return err
			}
			worker = fmt.Sprintf("%s_%d", host, os.Getpid())
		}
		name := fmt.Sprintf("%s.%d.pt.trace.json", worker, time.Now().UnixNano())
		if o.UseGzip {
			name += ".gz"
		}
		return p.ExportChromeTrace(filepath.Join(dir, name))
	}
}
