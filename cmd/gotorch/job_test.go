package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// runScript runs a job of a shell script and returns what it printed.
func runScript(options []string, script string) (status int, stdout, stderr string) {
	var out, errors bytes.Buffer
	arguments := append(append([]string{"run"}, options...), "--", "sh", "-c", script)
	status = run(arguments, &out, &errors)
	return status, out.String(), errors.String()
}

func TestRunGivesRanksTheirEnvironment(t *testing.T) {
	status, stdout, stderr := runScript([]string{"-nproc", "3", "-master-port", "29999"},
		`echo "$RANK $LOCAL_RANK of $WORLD_SIZE at $MASTER_ADDR:$MASTER_PORT"; printf unended >&2`)
	assert.Zero(t, status)
	for _, line := range []string{"[rank 0] 0 0 of 3 at 127.0.0.1:29999\n", "[rank 1] 1 1 of 3 at", "[rank 2] 2 2 of 3 at"} {
		assert.Contains(t, stdout, line)
	}
	assert.Contains(t, stderr, "[rank 1] unended\n")
}

func TestRunEndsTheOthers(t *testing.T) {
	start := time.Now()
	status, _, stderr := runScript([]string{"-nproc", "2", "-patience", "1s"}, `
		if [ $RANK = 1 ]; then echo noise >&2; echo "panic: the disk is full" >&2; exit 7; fi
		sleep 60 & wait`)
	assert.Equal(t, 7, status)
	assert.Less(t, time.Since(start), 20*time.Second)
	assert.True(t, strings.HasSuffix(stderr, "gotorch run: rank 1 failed first: exit status 7; the last that it wrote to standard error:\n"+
		"  panic: the disk is full\n"), stderr)
	status, _, _ = runScript([]string{"-nproc", "2", "-patience", "100ms"}, `trap "" TERM; if [ $RANK = 1 ]; then kill -9 $$; fi; sleep 60`)
	assert.Equal(t, 128+9, status, "those that do not want to end, too")
}

func TestRunBeginsAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "count")
	script := `echo "$TORCHELASTIC_RESTART_COUNT" >> ` + file + `; [ $TORCHELASTIC_RESTART_COUNT = 2 ]`
	status, _, stderr := runScript([]string{"-max-restarts", "3"}, script)
	assert.Zero(t, status)
	counts, err := os.ReadFile(file)
	assert.NoError(t, err)
	assert.Equal(t, "0\n1\n2\n", string(counts))
	assert.Contains(t, stderr, "beginning again, 2 of 3 times")
	status, _, _ = runScript([]string{"-max-restarts", "1"}, script)
	assert.Equal(t, 1, status)
}

func TestRunEndsOnSignals(t *testing.T) {
	j := &job{processes: 2, nodes: 1, joining: time.Minute, silence: time.Minute, maxRestarts: 5, patience: 5 * time.Second, program: []string{"sleep", "60"}, stdout: new(bytes.Buffer), stderr: new(bytes.Buffer),
		signals: make(chan os.Signal, 1)}
	j.signals <- syscall.SIGTERM
	assert.Equal(t, 130, j.run())
}

func TestRunRefuses(t *testing.T) {
	for _, arguments := range [][]string{{"run"}, {"run", "-nproc", "0", "true"}, {"run", "-max-restarts", "-1", "true"}, {"run", "-nonsense"},
		{"run", "-nnodes", "0", "true"}, {"run", "-node-rank", "1", "true"}, {"run", "-rdzv", "a:1", "true"}, {"run", "-nnodes", "2", "-rdzv", "a:1", "true"},
		{"run", "-nnodes", "2", "-node-rank", "2", "-rdzv", "a:1", "true"}, {"run", "-nnodes", "2", "-node-rank", "0", "-rdzv", "a", "true"},
		{"run", "-nnodes", "2", "-node-rank", "0", "-rdzv", "a:0", "true"}} {
		assert.Equal(t, 2, run(arguments, new(bytes.Buffer), new(bytes.Buffer)), "%q", arguments)
	}
	var stderr bytes.Buffer
	assert.Equal(t, 127, run([]string{"run", "/nowhere/program"}, new(bytes.Buffer), &stderr))
	assert.Contains(t, stderr.String(), "no such file")
	assert.Zero(t, run([]string{"run", "--help"}, new(bytes.Buffer), &stderr))
}
