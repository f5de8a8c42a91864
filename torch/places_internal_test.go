package torch

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// linesHere returns what the lines of this file made.
func linesHere() (list []LiveTensors) {
	for _, l := range LiveTensorLines() {
		if filepath.Base(l.File) == "places_internal_test.go" {
			list = append(list, l)
		}
	}
	return list
}

func TestLiveTensorLines(t *testing.T) {
	assert.Nil(t, LiveTensorLines())
	assert.Contains(t, LiveTensorReport(), "set GOTORCH_TRACE=tensors")
	tracing, places.makers = true, map[uintptr]place{}
	defer func() { tracing, places.makers = false, nil }()

	var kept []*Tensor
	for range 3 {
		kept = append(kept, Zeros([]int{1000}))
	}
	views := []*Tensor{kept[0].View(10, 100), kept[0].View(100, 10)}
	Zeros([]int{500}).Close()
	Scope(func() { kept[1].Add(1) })
	Ones([]int{77}) // for the garbage collector
	lines := linesHere()
	require.Len(t, lines, 2)
	assert.Equal(t, [2]int{3, 12000}, [2]int{lines[0].Tensors, lines[0].Bytes})
	assert.Equal(t, [2]int{2, 0}, [2]int{lines[1].Tensors, lines[1].Bytes}, "of the first one's memory")
	assert.Equal(t, lines[0].Line+2, lines[1].Line)

	stderr := os.Stderr
	defer func() { os.Stderr = stderr }()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	os.Stderr = w
	reportAtSignal()
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	in := bufio.NewReader(r)
	var text strings.Builder
	for !strings.Contains(text.String(), "in all") {
		line, err := in.ReadString('\n')
		require.NoError(t, err)
		text.WriteString(line)
	}
	assert.Regexp(t, `tensors +bytes  made at\n +3 +12000  .*places_internal_test.go:\d+\n +2 +0  .*:\d+\n +5 +12000  in all`, text.String())

	for _, x := range append(kept, views...) {
		x.Close()
	}
	assert.Empty(t, linesHere())
}
