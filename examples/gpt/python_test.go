package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// pythonProfiler returns the command that profiles train.py.
func pythonProfiler(t *testing.T, what string) *exec.Cmd {
	python := os.Getenv("GOTORCH_PYTHON")
	if python == "" {
		t.Skip("GOTORCH_PYTHON names no Python with torch")
	}
	before := torch.NumThreads()
	t.Cleanup(func() { torch.SetNumThreads(before) })
	torch.SetNumThreads(1) // as there
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
	require.NoError(t, p.Run(func() { train(text, options{steps: 6, every: 10}, io.Discard, p.Step) }))
	sum := 0
	for _, e := range p.Events() {
		got[e.Name]++
		sum++
	}
	assert.Equal(t, want, got)
	t.Logf("%d calls of %d names", sum, len(got))
}

// The profiler takes at most 1.2 times what Python's takes, of the shortest steps of rounds
// in turn.
func TestPythonOverhead(t *testing.T) {
	command := pythonProfiler(t, "time")
	in, err := command.StdinPipe()
	require.NoError(t, err)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(stdout)
	text, err := specification()
	require.NoError(t, err)

	python, golang := [2]float64{1e9, 1e9}, [2]float64{1e9, 1e9}
	for range 5 {
		_, err := io.WriteString(in, "\n")
		require.NoError(t, err)
		require.True(t, lines.Scan())
		var round [2]float64
		require.NoError(t, json.NewDecoder(strings.NewReader(lines.Text())).Decode(&round))
		for i := range round {
			python[i] = min(python[i], round[i])
			golang[i] = min(golang[i], shortestStep(t, text, i == 0))
		}
	}
	require.NoError(t, in.Close())
	require.NoError(t, command.Wait())
	overhead := (golang[0] - golang[1]) / (python[0] - python[1])
	t.Logf("a step with and without the profiler: Go %.2f and %.2f ms, Python %.2f and %.2f ms; overhead %.2f of Python's",
		golang[0], golang[1], python[0], python[1], overhead)
	assert.LessOrEqual(t, overhead, 1.2)
}

// shortestStep returns what a step takes in milliseconds.
func shortestStep(t *testing.T, text string, profiled bool) float64 {
	p := profiler.New()
	if profiled {
		require.NoError(t, p.Start())
		defer func() { require.NoError(t, p.Stop()) }()
	}
	var took []time.Duration
	at := time.Now()
	train(text, options{steps: 8, every: 10}, io.Discard, func() {
		took = append(took, time.Since(at))
		at = time.Now()
	})
	least := took[2]
	for _, d := range took[2:] {
		least = min(least, d)
	}
	return float64(least.Microseconds()) / 1000
}
