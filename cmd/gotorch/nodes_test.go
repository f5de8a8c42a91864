package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

// launched is what a launcher printed, and its exit status.
type launched struct {
	status         int
	stdout, stderr string
}

// launchNodes runs a script on so many machines, which are one, with options for each and
// for all.
func launchNodes(t *testing.T, options []string, own [][]string, script string) []launched {
	t.Helper()
	meeting := fmt.Sprint("127.0.0.1:", torchtest.FreePort(t))
	results := make([]launched, len(own))
	var group sync.WaitGroup
	for node, more := range own {
		group.Go(func() {
			all := append([]string{"-nnodes", strconv.Itoa(len(own)), "-rdzv", meeting, "-node-rank", strconv.Itoa(node), "-rdzv-timeout", "20s", "-patience", "2s"}, options...)
			status, stdout, stderr := runScript(append(all, more...), script)
			results[node] = launched{status, stdout, stderr}
		})
	}
	group.Wait()
	return results
}

func TestRunOnSeveralMachines(t *testing.T) {
	results := launchNodes(t, []string{"-master-port", "29998"}, [][]string{{"-nproc", "2"}, {}, {"-nproc", "2"}},
		`echo "$RANK $LOCAL_RANK of $WORLD_SIZE, $LOCAL_WORLD_SIZE on $GROUP_RANK of $GROUP_WORLD_SIZE, at $MASTER_ADDR:$MASTER_PORT"`)
	for node, lines := range [][]string{
		{"[rank 0] 0 0 of 5, 2 on 0 of 3, at 127.0.0.1:29998\n", "[rank 1] 1 1 of 5, 2 on 0 of 3, at"},
		{"[rank 2] 2 0 of 5, 1 on 1 of 3, at 127.0.0.1:29998\n"},
		{"[rank 3] 3 0 of 5, 2 on 2 of 3, at 127.0.0.1:29998\n", "[rank 4] 4 1 of 5, 2 on 2 of 3, at"},
	} {
		assert.Zero(t, results[node].status)
		assert.Empty(t, results[node].stderr)
		for _, line := range lines {
			assert.Contains(t, results[node].stdout, line)
		}
	}
}

// The launcher of each machine says what failed on one of them.
func TestRunEndsOtherMachines(t *testing.T) {
	begin := time.Now()
	results := launchNodes(t, nil, [][]string{{}, {}}, `
		if [ $RANK = 1 ]; then echo "panic: the disk is full" >&2; exit 7; fi
		sleep 60 & wait`)
	assert.Less(t, time.Since(begin), 20*time.Second)
	for _, r := range results {
		assert.Equal(t, 7, r.status)
		assert.Contains(t, r.stderr, "gotorch run: rank 1 failed first: exit status 7; the last that it wrote to standard error:\n  panic: the disk is full\n")
	}
}

func TestRunBeginsAgainOnAllMachines(t *testing.T) {
	folder := t.TempDir()
	results := launchNodes(t, []string{"-max-restarts", "3"}, [][]string{{}, {}}, `
		echo "$TORCHELASTIC_RESTART_COUNT of $TORCHELASTIC_MAX_RESTARTS" >> `+folder+`/$RANK
		if [ $TORCHELASTIC_RESTART_COUNT = 2 ]; then exit; fi
		if [ $RANK = 0 ]; then sleep 60 & wait; fi
		until grep -q "^$TORCHELASTIC_RESTART_COUNT" `+folder+`/0; do sleep 0.01; done 2>/dev/null
		kill -9 $$`)
	for rank, r := range results {
		assert.Zero(t, r.status, r.stderr)
		assert.Contains(t, r.stderr, "rank 1 failed first: signal: killed")
		assert.Contains(t, r.stderr, "beginning again, 2 of 3 times")
		counts, err := os.ReadFile(filepath.Join(folder, fmt.Sprint(rank)))
		require.NoError(t, err)
		assert.Equal(t, "0 of 3\n1 of 3\n2 of 3\n", string(counts))
	}
}

func TestRunRefusesOtherMachines(t *testing.T) {
	for want, other := range map[string][]string{
		`the -rdzv-id of node 1 is "b", but that of node 0 is "": this is another job`: {"-rdzv-id", "b"},
		"the -nnodes of node 1 is 3, but that of node 0 is 2":                          {"-nnodes", "3"},
		"there is a node 0 already, on host ":                                          {"-node-rank", "0"},
	} {
		if other[0] == "-node-rank" {
			continue // its port is in use: a launcher on another machine gets this, which TestRefusals has
		}
		results := launchNodes(t, []string{"-rdzv-timeout", "500ms"}, [][]string{{}, other}, "exit 3")
		assert.Equal(t, 2, results[1].status)
		assert.Contains(t, results[1].stderr, "gotorch run: "+want)
		assert.Equal(t, 1, results[0].status)
		assert.Contains(t, results[0].stderr, want)
		assert.Contains(t, results[0].stderr, "gotorch run: 1 of 2 nodes have joined within 500ms; missing is node 1\n")
	}
}

func TestRunFindsNobody(t *testing.T) {
	listener, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	defer listener.Close()
	used := fmt.Sprint("127.0.0.1:", listener.Addr().(*net.TCPAddr).Port)
	free := fmt.Sprint("127.0.0.1:", torchtest.FreePort(t))
	for want, options := range map[string][]string{
		"the launcher with -node-rank 0 does not answer at " + free + " for 300ms: ": {"-node-rank", "1", "-rdzv", free},
		"waiting for the other machines: listen tcp":                                 {"-node-rank", "0", "-rdzv", used},
		"what answers at " + used + " is none: it says nothing: read tcp":            {"-node-rank", "1", "-rdzv", used},
	} {
		status, _, stderr := runScript(append(options, "-nnodes", "2", "-rdzv-timeout", "300ms"), "exit 3")
		assert.Equal(t, 1, status)
		assert.Contains(t, stderr, want)
	}
}

// smallJob is a job of two machines for tests that play one of them.
func smallJob(node int, script string) (j *job, stderr *bytes.Buffer) {
	stderr = new(bytes.Buffer)
	return &job{processes: 1, nodes: 2, node: node, meeting: "127.0.0.1:1", joining: 10 * time.Second, silence: 1200 * time.Millisecond, patience: time.Second,
		program: []string{"sh", "-c", script}, stdout: new(bytes.Buffer), stderr: stderr, signals: make(chan os.Signal, 1)}, stderr
}

// A machine that is gone, or silent, ends the others, which begin again when it has come
// back.
func TestRunLosesAMachine(t *testing.T) {
	j, stderr := smallJob(0, `[ $TORCHELASTIC_RESTART_COUNT = 2 ] || sleep 60`)
	j.maxRestarts = 2
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	j.meeting = listener.Addr().String()
	near, far := net.Pipe()
	var group sync.WaitGroup
	group.Go(func() { newCoordinator(j, listener).run(far) })
	status := make(chan int)
	go func() { status <- newNode(j, near).follow() }()

	joinAs := func(node int, host string, silent ...bool) (*wire, <-chan message) {
		conn, err := net.Dial("tcp", j.meeting)
		require.NoError(t, err)
		w := newWire(conn, 10*time.Second)
		w.send(message{Kind: join, Join: &joining{Version: wireVersion, Node: node, Nodes: 2, Processes: 1, Host: host}})
		messages := w.receive()
		if len(silent) == 0 {
			w.send(message{Kind: alive})
			pulse := time.NewTicker(j.silence / pulses)
			t.Cleanup(pulse.Stop)
			go func() {
				for range pulse.C {
					w.send(message{Kind: alive})
				}
			}()
		}
		return w, messages
	}
	next := func(messages <-chan message, want kind) (m message) {
		for m = range messages {
			if m.Kind != alive && m.Kind != say {
				break
			}
		}
		require.Equal(t, want, m.Kind, "%+v", m)
		return m
	}
	garbage, err := net.Dial("tcp", j.meeting)
	require.NoError(t, err)
	_, err = garbage.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	require.NoError(t, err)
	w, messages := joinAs(1, "first")
	assert.Equal(t, &plan{Base: 1, World: 2, Host: "127.0.0.1", MaxRestarts: 2}, withoutPort(next(messages, start).Plan))
	for node, want := range map[int]string{1: "there is a node 1 already, on host first: each -node-rank must be given once", 7: "there is no node 7 with 1 processes in a job of 2"} {
		_, others := joinAs(node, "other")
		refused := next(others, finish)
		assert.Equal(t, "gotorch run: "+want+"\n", refused.Text)
		assert.Equal(t, 2, refused.Status)
	}
	w.conn.Close() // it is gone

	second, messages := joinAs(1, "second", true)
	defer second.conn.Close()
	assert.Equal(t, 1, next(messages, start).Plan.Restarts)
	for range messages { // until it was silent for too long
	}

	third, messages := joinAs(1, "third")
	next(messages, start)
	third.send(message{Kind: ended})
	next(messages, finish)
	third.conn.Close()
	assert.Zero(t, <-status)
	near.Close()
	group.Wait()
	assert.Contains(t, stderr.String(), "node 1 (host first) failed first: its launcher is gone")
	assert.Contains(t, stderr.String(), "node 1 (host second) failed first: its launcher is gone: it says nothing: read tcp")
}

func withoutPort(p *plan) *plan {
	p.Port = 0
	return p
}

// A machine whose coordinator is gone ends its processes.
func TestRunLosesTheCoordinator(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	j, stderr := smallJob(1, `echo $$ > `+file+`; sleep 60`)
	near, far := net.Pipe()
	status := make(chan int)
	go func() { status <- newNode(j, near).follow() }()
	w := newWire(far, time.Minute)
	messages := w.receive()
	assert.Equal(t, join, (<-messages).Kind)
	w.send(message{Kind: start, Plan: &plan{World: 2, Base: 1, Host: "127.0.0.1", Port: 1}})
	pid := readPID(t, file)
	far.Close()
	assert.Equal(t, 1, <-status)
	assert.Contains(t, stderr.String(), "the launcher of node 0 is gone, or what answers at 127.0.0.1:1 is none: it has closed the connection")
	assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

func readPID(t *testing.T, file string) (pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(file)
		var err error
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	return pid
}

// What is killed without a word leaves no processes behind.
func TestRunIsKilled(t *testing.T) {
	if file := os.Getenv("GOTORCH_TEST_OUT"); file != "" {
		run([]string{"run", "--", "sh", "-c", "echo $$ > " + file + "; sleep 60"}, os.Stdout, os.Stderr)
		return
	}
	file := filepath.Join(t.TempDir(), "pid")
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunIsKilled$")
	command.Env = append(os.Environ(), "GOTORCH_TEST_OUT="+file)
	require.NoError(t, command.Start())
	pid := readPID(t, file)
	require.NoError(t, command.Process.Kill())
	assert.Error(t, command.Wait())
	assert.Eventually(t, func() bool { return dead(pid) }, 10*time.Second, 10*time.Millisecond)
}

// dead reports whether a process is gone, or waits for init to notice that.
func dead(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

// The first failure is what killed a process, not what others say of it.
func TestFailuresInOrder(t *testing.T) {
	blames, panics, exits := &failure{Blames: true}, &failure{Fatal: true}, &failure{}
	assert.True(t, exits.before(nil))
	assert.True(t, panics.before(blames))
	assert.False(t, blames.before(panics))
	assert.False(t, exits.before(blames))
	assert.False(t, panics.before(exits))
	status, _, stderr := runScript([]string{"-nproc", "2", "-patience", "5s"}, `
		if [ $RANK = 0 ]; then sleep 0.3; echo "at the other end: rank 1" >&2; exit 1; fi
		trap 'echo "panic: no memory" >&2; exit 2' TERM; sleep 60 & wait`)
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "rank 1 failed first: exit status 2; the last that it wrote to standard error:\n  panic: no memory\n")
}
