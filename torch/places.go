package torch

import (
	"cmp"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"weak"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// tracing is whether GOTORCH_TRACE has "tensors" in it: then it is noted where each tensor
// was made.
var tracing = slices.Contains(strings.Split(os.Getenv("GOTORCH_TRACE"), ","), "tensors")

// maker is a line that makes tensors.
type maker struct {
	file string
	line int
}

// places has where each tensor was made that Go holds, as LiveTensors counts them.
var places struct {
	sync.Mutex
	makers map[uintptr]place // by Tensor.self
	last   uint64
}

// place is where a tensor was made.
type place struct {
	maker
	tensor weak.Pointer[Tensor]
	order  uint64 // of making
}

func init() {
	if tracing {
		places.makers = map[uintptr]place{}
		reportAtSignal()
	}
}

// reportAtSignal writes a report to standard error whenever the process gets SIGUSR1.
func reportAtSignal() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for range asked {
			fmt.Fprint(os.Stderr, LiveTensorReport())
		}
	}()
}

// notePlace notes where a new tensor is made.
func notePlace(x *Tensor) {
	file, line := caller()
	places.Lock()
	defer places.Unlock()
	places.last++
	places.makers[x.self] = place{maker{file, line}, weak.Make(x), places.last}
}

// forgetPlace forgets a tensor that was closed or freed.
func forgetPlace(x *Tensor) {
	places.Lock()
	defer places.Unlock()
	delete(places.makers, x.self)
}

// LiveTensors is what one line of a program made of the tensors that are alive.
type LiveTensors struct {
	File    string // "" for what no line of the program called
	Line    int
	Tensors int
	// Bytes is the memory of their storages. A storage of several tensors counts for the
	// line that made the first of them.
	Bytes int
}

// LiveTensorLines returns where the tensors were made that Go holds, those that were neither
// closed nor found by the garbage collector, the most bytes first. It is for finding who
// keeps memory, and knows only what was made while the environment variable GOTORCH_TRACE
// is "tensors" from the start of the process: otherwise it returns nil, and tensors cost
// nothing more.
//
// There is no counterpart in PyTorch; see torch/utils/memtracker for what modules take.
func LiveTensorLines() []LiveTensors {
	if !tracing {
		return nil
	}
	cgotorch.Collect()
	places.Lock()
	list := make([]place, 0, len(places.makers))
	for _, p := range places.makers {
		list = append(list, p)
	}
	places.Unlock()
	slices.SortFunc(list, func(a, b place) int { return cmp.Compare(a.order, b.order) })
	lines, seen := map[maker]*LiveTensors{}, map[uint64]bool{}
	for _, p := range list {
		x := p.tensor.Value()
		if x == nil {
			continue
		}
		if lines[p.maker] == nil {
			lines[p.maker] = &LiveTensors{File: p.file, Line: p.line}
		}
		lines[p.maker].Tensors++
		if Try(func() { lines[p.maker].Bytes += newBytes(x, seen) }) != nil {
			lines[p.maker].Tensors-- // closed meanwhile
		}
	}
	var sorted []LiveTensors
	for _, l := range lines {
		if l.Tensors > 0 {
			sorted = append(sorted, *l)
		}
	}
	slices.SortFunc(sorted, func(a, b LiveTensors) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Tensors, a.Tensors), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return sorted
}

// newBytes returns the bytes of a tensor's storage, unless it was seen before.
func newBytes(x *Tensor, seen map[uint64]bool) int {
	if x.Layout() != Strided || x.IsNested() {
		return 0 // made of several, or of none
	}
	e := exports{}
	id := e.StorageID(x)
	if seen[id] || x.IsMeta() {
		return 0
	}
	seen[id] = true
	watch, bytes := e.WatchStorage(x)
	watch.Free()
	return bytes
}

// LiveTensorReport returns [LiveTensorLines] as a text: a line for each, and their sum. Where
// GOTORCH_TRACE is not "tensors" it says so. With it a process writes the report to
// standard error, too, when it gets the signal SIGUSR1. For one at the end of a program:
//
//	defer func() { fmt.Fprint(os.Stderr, torch.LiveTensorReport()) }()
func LiveTensorReport() string {
	if !tracing {
		return "live tensors are not traced: set GOTORCH_TRACE=tensors when the program starts\n"
	}
	var text strings.Builder
	sum := LiveTensors{}
	row := func(tensors, bytes any, where string) { fmt.Fprintf(&text, "%10v %14v  %s\n", tensors, bytes, where) }
	row("tensors", "bytes", "made at")
	for _, l := range LiveTensorLines() {
		sum.Tensors += l.Tensors
		sum.Bytes += l.Bytes
		where := "(outside of the program)"
		if l.File != "" {
			where = fmt.Sprintf("%s:%d", l.File, l.Line)
		}
		row(l.Tensors, l.Bytes, where)
	}
	row(sum.Tensors, sum.Bytes, "in all")
	return text.String()
}
