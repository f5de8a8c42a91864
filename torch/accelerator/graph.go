package accelerator

import (
	"slices"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// Graph is what a stream was told to do, such as a step of a training, to be done again by one
// call. It reads and writes the memory that it was captured with: copy new inputs into the
// tensors that were used, with [torch.Tensor.CopyInplace], and read the results where they
// were. Package graph's Capture with its option CUDAGraph does that by itself, for most
// programs.
//
// The graph holds memory until Reset, or until the garbage collector frees it.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.Graph.html
type Graph struct {
	object *torch.Object
	mutex  sync.Mutex
}

// GraphOptions are the options of [NewGraph].
type GraphOptions struct {
	KeepGraph bool // do not make it ready to run before Instantiate or Replay
}

// Pool is the memory of a graph, which other graphs may share that never run at the same time.
type Pool [2]int

// CaptureErrorMode says what other calls may do while a graph is captured.
type CaptureErrorMode string

// The modes of capturing.
const (
	CaptureDefault     CaptureErrorMode = "default"      // as the device has it
	CaptureGlobal      CaptureErrorMode = "global"       // nothing that is not captured, in no thread
	CaptureThreadLocal CaptureErrorMode = "thread_local" // nothing in the thread that captures
	CaptureRelaxed     CaptureErrorMode = "relaxed"      // whatever does not conflict
)

var captureModes = []CaptureErrorMode{CaptureDefault, CaptureGlobal, CaptureThreadLocal, CaptureRelaxed}

// CaptureOptions are the options of [Graph.Capture].
type CaptureOptions struct {
	Pool             Pool             // memory of another graph; default: its own
	Stream           Stream           // where to capture; default: a new one
	CaptureErrorMode CaptureErrorMode // default: CaptureThreadLocal, as other threads of a Go program free memory
}

// NewGraph returns a graph to be captured. It panics where there is no accelerator, and on a
// libtorch before 2.15.
//
// https://docs.pytorch.org/docs/stable/generated/torch.accelerator.Graph.html
func NewGraph(options ...GraphOptions) *Graph {
	const op = "accelerator.NewGraph"
	mustBe(op)
	g := new(Graph)
	internals.Accelerator(op, "graph.new", func(c *torch.Call) { c.Bool(option.First(options).KeepGraph) },
		func(r *torch.Results) { g.object = r.Object() })
	return g
}

// Capture calls f, and what f asks of the current device is not done but captured. f runs in
// a stream of its own, as Python's with torch.cuda.graph(g) does, and must not wait for the
// device, read values, or ask for memory of the CPU that is page-locked. Run what f does a few
// times before, in a stream other than the default one, so that libraries have what they
// need. Where f panics the graph is empty again.
//
// https://docs.pytorch.org/docs/stable/generated/torch.cuda.graph.html
func (g *Graph) Capture(f func(), options ...CaptureOptions) {
	const op = "accelerator.Graph.Capture"
	argument.NotNil(op, "f", f)
	o := option.First(options)
	mode := slices.Index(captureModes, o.CaptureErrorMode)
	if o.CaptureErrorMode == "" {
		mode = slices.Index(captureModes, CaptureThreadLocal)
	}
	if mode < 0 {
		panic(torch.Errorf(op, torch.ValueError, `Unknown capture error mode. Expected "default", "global", "thread_local" or "relaxed", got %q`, o.CaptureErrorMode))
	}
	if o.Stream == (Stream{}) {
		o.Stream = NewStream()
	}
	if err := Synchronize(o.Stream.Device()); err != nil {
		panic(err)
	}
	WithStream(o.Stream, func() {
		g.call(op, "graph.begin", func(c *torch.Call) {
			c.Int(o.Pool[0])
			c.Int(o.Pool[1])
			c.Int(mode)
		}, nil)
		done := false
		defer func() {
			if !done { // what happened first is what counts
				_ = torch.Try(func() { g.call(op, "graph.end", nil, nil) })
				_ = torch.Try(g.Reset)
			}
		}()
		f()
		done = true
		g.call(op, "graph.end", nil, nil)
	})
}

// call calls a method of the graph.
func (g *Graph) call(op, method string, more func(c *torch.Call), take func(r *torch.Results)) {
	if g == nil || g.object == nil {
		panic(torch.Errorf(op, torch.TypeError, "the graph is nil, or one that NewGraph did not make"))
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	internals.Accelerator(op, method, func(c *torch.Call) {
		c.Object(g.object)
		if more != nil {
			more(c)
		}
	}, take)
}

// Instantiate makes a graph that was captured with KeepGraph ready to run.
func (g *Graph) Instantiate() { g.call("accelerator.Graph.Instantiate", "graph.instantiate", nil, nil) }

// Replay lets the current stream do what was captured. It returns at once.
func (g *Graph) Replay() { g.call("accelerator.Graph.Replay", "graph.replay", nil, nil) }

// Reset drops what was captured and its memory; the graph can be captured again.
func (g *Graph) Reset() { g.call("accelerator.Graph.Reset", "graph.reset", nil, nil) }

// Pool returns the graph's memory, for CaptureOptions of another one.
func (g *Graph) Pool() (pool Pool) {
	g.call("accelerator.Graph.Pool", "graph.pool", nil, func(r *torch.Results) {
		pool[0] = r.Int()
		pool[1] = r.Int()
	})
	return pool
}

// EnableDebugMode keeps what [Graph.DebugDump] writes. Call it before Capture.
func (g *Graph) EnableDebugMode() {
	g.call("accelerator.Graph.EnableDebugMode", "graph.debug_mode", nil, nil)
}

// DebugDump writes the graph to a file, CUDA's in Graphviz's language.
func (g *Graph) DebugDump(path string) error {
	return torch.Try(func() {
		g.call("accelerator.Graph.DebugDump", "graph.debug_dump", func(c *torch.Call) { c.String(path) }, nil)
	})
}
