package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/internal/freeport"
)

// idVariable has the name of the start, by which what it leaves behind is found.
const idVariable = "GOTORCH_RANKCHAOS_ID"

// limit is how long a wrong start may take: the timeout of its processes and launchers,
// and what they need to begin and end beside others.
const limit = timeout + 3*time.Minute

// program is one of those that a start runs: arguments of gotorch run, or none for a
// process without a launcher.
type program struct {
	launcher  []string
	variables []string
}

// wrong is a kind of wrong start, all of whose programs must fail, one of them with these
// words.
type wrong struct {
	name     string
	programs func(s *start) []program
	words    string
}

// start is where a start takes place.
type start struct {
	mode       string // of its ranks
	free, used int    // ports
	random     *rand.Rand
}

func (s *start) meeting() string { return fmt.Sprint("127.0.0.1:", s.free) }

// node is a launcher of one of several machines.
func (s *start) node(rank, nodes int, more ...string) program {
	return program{launcher: append([]string{"-nnodes", fmt.Sprint(nodes), "-node-rank", fmt.Sprint(rank), "-rdzv", s.meeting(), "-rdzv-timeout", timeout.String(), "-patience", "2s"}, more...)}
}

// rank is a process without a launcher.
func (s *start) rank(rank, size any, port int) program {
	return program{variables: []string{fmt.Sprint("RANK=", rank), fmt.Sprint("WORLD_SIZE=", size), "MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port)}}
}

// alone is a launcher of two ranks that do something.
func alone(mode, words string) wrong {
	return wrong{mode, func(s *start) []program {
		s.mode = mode
		return []program{{launcher: []string{"-nproc", fmt.Sprint(2 + s.random.IntN(2)), "-patience", "2s"}}}
	}, words}
}

var wrongs = []wrong{
	{"other numbers of machines", func(s *start) []program { return []program{s.node(0, 2), s.node(1, 3)} }, "the -nnodes of node 1 is 3, but that of node 0 is 2"},
	{"other names", func(s *start) []program { return []program{s.node(0, 2), s.node(1, 2, "-rdzv-id", "b")} }, "this is another job"},
	{"a machine twice", func(s *start) []program { return []program{s.node(1, 2), s.node(1, 2)} }, "does not answer at"},
	{"a machine is missing", func(s *start) []program { return []program{s.node(0, 3), s.node(2, 3)} }, "missing is node 1"},
	{"no machine 0", func(s *start) []program { return []program{s.node(1, 2)} }, "does not answer at"},
	{"the launchers' port is in use", func(s *start) []program {
		s.free = s.used
		return []program{s.node(0, 2)}
	}, "address already in use"},
	{"the ranks' port is in use", func(s *start) []program {
		return []program{{launcher: []string{"-nproc", "2", "-master-port", fmt.Sprint(s.used), "-patience", "2s"}}}
	}, "in use"},
	{"other world sizes", func(s *start) []program { return []program{s.rank(0, 2, s.free), s.rank(1, 3, s.free)} }, "distributed.InitProcessGroup on rank "},
	{"a rank twice", func(s *start) []program { return []program{s.rank(0, 2, s.free), s.rank(0, 2, s.free)} }, "InitProcessGroup"},
	{"a rank that is none", func(s *start) []program { return []program{s.rank(2+s.random.IntN(5), 2, s.free)} }, "is not within a world of 2 processes"},
	{"a rank in words", func(s *start) []program { return []program{s.rank("one", 2, s.free)} }, `RANK is "one", which is no integer`},
	{"no master", func(s *start) []program { return []program{s.rank(1, 2, s.free)} }, "127.0.0.1"},
	{"a master that is none", func(s *start) []program { return []program{s.rank(1, 2, s.used)} }, "does not answer as a store does"},
	{"a rank is missing", func(s *start) []program { return []program{s.rank(0, 2, s.free)} }, "clients joined"},
	alone("shapes", "distributed.AllReduce on rank "),
	alone("hangs", "did not take part: rank 1 (host "),
	alone("stops", "did not take part: rank 0"),
	alone("stops before objects", "did not take part: rank 0"),
	alone("stops before a barrier", "did not take part: rank 0"),
	alone("stops before a group", "did not take part: rank 0"),
	alone("stops at once", "did not take part: rank 0, the master at 127.0.0.1:"),
	alone("joins and stops", "distributed.InitProcessGroup on rank "),
	alone("late", "distributed.InitProcessGroup on rank "),
	alone("other", "which was in "),
	alone("dies", "rank 1 failed first: exit status 3"),
	alone("panics", "panic: rank 1 has no disk"),
}

// startWrongly starts so many jobs, a few at a time. The first that does not end as it should
// ends the others.
func startWrongly(ctx context.Context, random *rand.Rand, launcher string, kinds []wrong, starts int) error {
	used, err := net.Listen("tcp", ":0") // which never says a word
	if err != nil {
		return err
	}
	defer used.Close()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	const atOnce = 3
	numbers := make(chan int)
	seeds := rand.New(rand.NewPCG(random.Uint64(), 0))
	var group sync.WaitGroup
	var lock sync.Mutex
	slowest := map[string]time.Duration{}
	for range atOnce {
		group.Go(func() {
			for number := range numbers {
				lock.Lock()
				s := &start{mode: "well", used: used.Addr().(*net.TCPAddr).Port, random: rand.New(rand.NewPCG(seeds.Uint64(), 0))}
				lock.Unlock()
				kind := kinds[number%len(kinds)]
				begin := time.Now()
				if err := kind.try(ctx, s, launcher, number); err != nil {
					fail(fmt.Errorf("start %d, %s: %w", number, kind.name, err))
					return
				}
				lock.Lock()
				slowest[kind.name] = max(slowest[kind.name], time.Since(begin))
				lock.Unlock()
			}
		})
	}
	for number := range starts {
		select {
		case numbers <- number:
		case <-ctx.Done():
		}
	}
	close(numbers)
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	fmt.Printf("rankchaos: %d wrong starts of %d kinds, each an error; no process left; the slowest of each kind, with a timeout of %v:\n", starts, len(kinds), timeout)
	for _, kind := range kinds {
		fmt.Printf("  %s: %.1f s\n", kind.name, slowest[kind.name].Seconds())
	}
	return nil
}

// try makes one wrong start.
func (w wrong) try(ctx context.Context, s *start, launcher string, number int) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	if s.free, err = freeport.Find(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	id := fmt.Sprintf("%s=%d-%d", idVariable, os.Getpid(), number)
	defer end(id, syscall.SIGKILL) // what should not be there
	programs := w.programs(s)
	outputs, errs := make([]bytes.Buffer, len(programs)), make([]error, len(programs))
	var group sync.WaitGroup
	for i, p := range programs {
		command := exec.CommandContext(ctx, own)
		if p.launcher != nil {
			command = exec.CommandContext(ctx, launcher, append(append([]string{"run"}, p.launcher...), "--", own)...)
		}
		command.Env = append(append(os.Environ(), id, modeVariable+"="+s.mode, "OMP_NUM_THREADS=1"), p.variables...)
		command.Stdout, command.Stderr = &outputs[i], &outputs[i]
		command.WaitDelay = timeout
		command.Cancel = func() error {
			signal := syscall.SIGKILL
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				signal = syscall.SIGQUIT // all say where they are, and end
			}
			end(id, signal)
			return nil
		}
		group.Go(func() { errs[i] = command.Run() })
	}
	group.Wait()
	found := false
	for i := range programs {
		found = found || strings.Contains(outputs[i].String(), w.words)
	}
	left := leftBehind(id)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case ctx.Err() != nil:
		return fmt.Errorf("it took longer than %v:\n%s", limit, said(outputs, errs))
	case len(left) > 0:
		return fmt.Errorf("processes %v are left:\n%s", left, said(outputs, errs))
	case !found:
		return fmt.Errorf("nobody says %q:\n%s", w.words, said(outputs, errs))
	}
	for _, err := range errs {
		if err == nil {
			return fmt.Errorf("one ended well:\n%s", said(outputs, errs))
		}
	}
	return nil
}

func said(outputs []bytes.Buffer, errs []error) string {
	var text strings.Builder
	for i := range outputs {
		fmt.Fprintf(&text, "--- program %d, which ended with %v:\n%s", i, errs[i], &outputs[i])
	}
	return text.String()
}

// end sends a signal to the processes of a start.
func end(id string, signal syscall.Signal) {
	for _, pid := range leftBehind(id) {
		_ = syscall.Kill(pid, signal) // it may have ended
	}
}

// leftBehind returns the processes that belong to a start.
func leftBehind(id string) (list []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environment, _ := os.ReadFile(file) // it may have ended
		if bytes.Contains(environment, []byte(id+"\x00")) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				list = append(list, pid)
			}
		}
	}
	return list
}
