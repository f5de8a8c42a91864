package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// pythonProfiler returns the command that profiles train.py, on one thread.
func pythonProfiler(t *testing.T, what string) *exec.Cmd {
	python := torchtest.Python(t)
	return exec.Command(python, "../../scripts/profiler_check.py", what)
}

// Three steps make the calls that they make in Python, as often. "make profiler-check" runs
// this.
func TestPythonCounts(t *testing.T) {
	out, err := pythonProfiler(t, "counts").Output()
	require.NoError(t, err)
	want := map[string]int{}
	require.NoError(t, json.Unmarshal(out, &want))
	text, err := specification()
	require.NoError(t, err)

	got := map[string]int{}
	p := profiler.New(profiler.Options{RecordShapes: true, Schedule: profiler.NewSchedule(1, 1, 3, profiler.ScheduleOptions{Repeat: 1})})
	torch.WithNumThreads(1, func() {
		require.NoError(t, p.Run(func() { require.NoError(t, train(text, options{steps: 6, every: 10}, io.Discard, p.Step)) }))
	})
	sum := 0
	for _, e := range p.Events() {
		if !countsSteps(e) {
			got[e.Name]++
			sum++
		}
	}
	assert.Equal(t, want, got)
	t.Logf("%d calls of %d names", sum, len(got))
}

// countsSteps reports whether an event is what the optimizer counts its steps by: a number
// here, a tensor for each parameter in Python.
func countsSteps(e *profiler.Event) bool {
	for e.Parent != nil && !strings.HasPrefix(e.Parent.Name, "Optimizer.step") {
		e = e.Parent
	}
	return e.Parent != nil && e.Name != "aten::_fused_adamw_"
}

// Blocks that run again in the backward pass give Python's losses, bit for bit, and take the
// memory that they take there.
func TestPythonCheckpoint(t *testing.T) {
	out, err := pythonProfiler(t, "checkpointed").Output()
	require.NoError(t, err)
	var python struct {
		Losses []float64
		Peaks  [2]int // without and with checkpoints
	}
	require.NoError(t, json.Unmarshal(out, &python))
	text, err := specification()
	require.NoError(t, err)
	var peaks [2]int
	torch.WithNumThreads(1, func() {
		var printed bytes.Buffer
		require.NoError(t, train(text, options{steps: 10, every: 1, checkpoint: true}, &printed, func() {}))
		assert.Equal(t, python.Losses, losses(t, printed.String()))
		for i, checkpoint := range []bool{false, true} {
			peaks[i] = peak(t, text, options{steps: 6, every: 10, checkpoint: checkpoint})
		}
	})
	t.Logf("bytes of tensors beyond those before, without and with checkpoints: Go %d and %d, Python %d and %d; %.3f and %.3f of Python's",
		peaks[0], peaks[1], python.Peaks[0], python.Peaks[1], float64(peaks[0])/float64(python.Peaks[0]), float64(peaks[1])/float64(python.Peaks[1]))
	assert.LessOrEqual(t, float64(peaks[1]), 1.05*float64(python.Peaks[1]))
	assert.Less(t, float64(peaks[1]), 0.6*float64(peaks[0]))
}

// peak returns the most bytes of tensors that three steps have beyond what was there before.
func peak(t *testing.T, text string, o options) int {
	file := filepath.Join(t.TempDir(), "timeline.json")
	p := profiler.New(profiler.Options{ProfileMemory: true, Schedule: profiler.NewSchedule(1, 1, 3, profiler.ScheduleOptions{Repeat: 1}),
		OnTraceReady: func(p *profiler.Profile) error { return p.ExportChromeTrace(file) }})
	require.NoError(t, p.Run(func() { require.NoError(t, train(text, o, io.Discard, p.Step)) }))
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var trace struct {
		TraceEvents []struct {
			Name string
			Args struct {
				Total int `json:"Total Allocated"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &trace))
	most := 0
	for _, e := range trace.TraceEvents {
		most = max(most, e.Args.Total)
	}
	return most
}

// The profiler takes at most 1.2 times what Python's takes of the processor for a small
// operator, where its share is largest: the least of rounds in turn, since a busy machine
// makes some longer.
func TestPythonOverhead(t *testing.T) {
	command := pythonProfiler(t, "time")
	in, err := command.StdinPipe()
	require.NoError(t, err)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(stdout)
	inf := math.Inf(1)
	python, golang := [2]float64{inf, inf}, [2]float64{inf, inf}
	for range 30 {
		_, err := io.WriteString(in, "\n")
		require.NoError(t, err)
		require.True(t, lines.Scan())
		var round [2]float64
		require.NoError(t, json.Unmarshal(lines.Bytes(), &round))
		for i := range round {
			python[i] = min(python[i], round[i])
			golang[i] = min(golang[i], sums(t, i == 0))
		}
	}
	require.NoError(t, in.Close())
	require.NoError(t, command.Wait())
	overhead := (golang[0] - golang[1]) / (python[0] - python[1])
	t.Logf("a sum with and without the profiler: Go %.2f and %.2f µs, Python %.2f and %.2f µs; overhead %.2f of Python's",
		golang[0], golang[1], python[0], python[1], overhead)
	assert.LessOrEqual(t, overhead, 1.2)
}

// sums returns what a sum of small tensors takes of the processor, in microseconds.
func sums(t *testing.T, profiled bool) float64 {
	const calls = 5000
	x := torch.Ones([]int{4, 4})
	if p := profiler.New(); profiled {
		require.NoError(t, p.Start())
		defer func() { require.NoError(t, p.Stop()) }()
	}
	at := processorTime(t)
	for range calls {
		x.Add(x).Close()
	}
	return float64((processorTime(t) - at).Nanoseconds()) / 1000 / calls
}

// processorTime returns how long the process has had a processor.
func processorTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
