package main

import (
	"bufio"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// pythonProfiler returns the command that profiles train.py, on one thread.
func pythonProfiler(t *testing.T, what string) *exec.Cmd {
	python := os.Getenv("GOTORCH_PYTHON")
	if python == "" {
		t.Skip("GOTORCH_PYTHON names no Python with torch")
	}
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
