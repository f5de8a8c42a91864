package profiler

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
)

// depth is how many calls of a stack are kept.
const depth = 128

// stacks numbers the stacks that operators were called in, from 1 on. A nil one has none.
type stacks struct {
	mutex    sync.Mutex
	numbers  map[[depth]uintptr]int
	counters [][]uintptr
	text     map[int][]string
}

// here returns the number of the calling goroutine's stack.
func (s *stacks) here() int {
	var key [depth]uintptr
	n := runtime.Callers(2, key[:])
	s.mutex.Lock()
	defer s.mutex.Unlock()
	number, seen := s.numbers[key]
	if !seen {
		if s.numbers == nil {
			s.numbers = map[[depth]uintptr]int{}
		}
		s.counters = append(s.counters, append([]uintptr(nil), key[:n]...))
		number = len(s.counters)
		s.numbers[key] = number
	}
	return number
}

// lines returns a stack as texts, the innermost call first; nil for none.
func (s *stacks) lines(number int) []string {
	if s == nil || number == 0 {
		return nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if lines, known := s.text[number]; known {
		return lines
	}
	lines := []string{}
	for _, frame := range internals.Frames(s.counters[number-1]) {
		if strings.Contains(frame.Function, "/torch/profiler.") {
			continue // this package is not the program
		}
		name := frame.Function[strings.LastIndexByte(frame.Function, '/')+1:]
		lines = append(lines, fmt.Sprintf("%s(%d): %s", frame.File, frame.Line, name))
	}
	if s.text == nil {
		s.text = map[int][]string{}
	}
	s.text[number] = lines
	return lines
}

// ExportStacks writes a line for each event with a stack: its calls, the outermost one first
// and with semicolons between, and how many microseconds it took without its children. That
// is what FlameGraph's flamegraph.pl and https://www.speedscope.app read. It fails without
// WithStack, or before there is a trace.
//
// https://docs.pytorch.org/docs/stable/profiler.html#torch.profiler._KinetoProfile.export_stacks
func (p *Profile) ExportStacks(path string) error {
	if !p.options.WithStack {
		return errors.New("ExportStacks needs Options.WithStack")
	}
	if p.trace == nil {
		return errNoTrace
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for _, e := range p.events {
			if us := e.SelfCPUTimeTotal().Microseconds(); us > 0 && len(e.Stack) > 0 {
				lines := make([]string, len(e.Stack))
				for i, line := range e.Stack {
					lines[len(lines)-1-i] = clean.Replace(line)
				}
				fmt.Fprintf(out, "%s %d\n", strings.Join(lines, ";"), us)
			}
		}
		return out.Flush()
	})
}

// errNoTrace says that there is nothing to export.
var errNoTrace = errors.New("nothing has been recorded yet")

// clean replaces what has a meaning in a file of stacks.
var clean = strings.NewReplacer(" ", "_", ";", "_", "\t", "_", "\n", "_")
