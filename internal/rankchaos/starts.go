package main

import (
	"bytes"
	"context"
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

// idVariable has the number of the start, by which what it leaves behind is found.
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
	alone("stops", "did not take part: rank 0 (host "),
	alone("late", "distributed.InitProcessGroup on rank "),
	alone("other", "which was in "),
	alone("dies", "rank 1 failed first: exit status 3"),
	alone("panics", "panic: rank 1 has no disk"),
}

// startWrongly starts so many jobs, a few at a time.
func startWrongly(random *rand.Rand, launcher string, starts int) error {
	used, err := net.Listen("tcp", ":0") // which never says a word
	if err != nil {
		return err
	}
	defer used.Close()
	const atOnce = 3
	numbers := make(chan int)
	failures := make(chan error, atOnce)
	seeds := rand.New(rand.NewPCG(random.Uint64(), 0))
	var group sync.WaitGroup
	var lock sync.Mutex
	slowest := time.Duration(0)
	for range atOnce {
		group.Go(func() {
			for number := range numbers {
				lock.Lock()
				s := &start{mode: "well", used: used.Addr().(*net.TCPAddr).Port, random: rand.New(rand.NewPCG(seeds.Uint64(), 0))}
				lock.Unlock()
				kind := wrongs[number%len(wrongs)]
				begin := time.Now()
				if err := kind.try(s, launcher, number); err != nil {
					failures <- fmt.Errorf("start %d, %s: %w", number, kind.name, err)
					return
				}
				lock.Lock()
				slowest = max(slowest, time.Since(begin))
				lock.Unlock()
			}
		})
	}
	for number := range starts {
		select {
		case numbers <- number:
		case err := <-failures:
			return err
		}
	}
	close(numbers)
	group.Wait()
	select {
	case err := <-failures:
		return err
	default:
	}
	fmt.Printf("rankchaos: %d wrong starts of %d kinds, each an error; no process left; the slowest took %.1f s\n", starts, len(wrongs), slowest.Seconds())
	return nil
}

// try makes one wrong start.
func (w wrong) try(s *start, launcher string, number int) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	if s.free, err = freeport.Find(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	programs := w.programs(s)
	outputs, errs := make([]bytes.Buffer, len(programs)), make([]error, len(programs))
	var group sync.WaitGroup
	for i, p := range programs {
		command := exec.CommandContext(ctx, own)
		if p.launcher != nil {
			command = exec.CommandContext(ctx, launcher, append(append([]string{"run"}, p.launcher...), "--", own)...)
		}
		command.Env = append(append(os.Environ(), fmt.Sprint(idVariable, "=", number), modeVariable+"="+s.mode, "OMP_NUM_THREADS=1"), p.variables...)
		command.Stdout, command.Stderr = &outputs[i], &outputs[i]
		command.WaitDelay = timeout
		command.Cancel = func() error { // all say where they are, and end
			for _, pid := range leftBehind(number) {
				_ = syscall.Kill(pid, syscall.SIGQUIT)
			}
			return nil
		}
		group.Go(func() { errs[i] = command.Run() })
	}
	group.Wait()
	found := false
	for i := range programs {
		found = found || strings.Contains(outputs[i].String(), w.words)
	}
	left := leftBehind(number)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("it took longer than %v:\n%s", limit, said(outputs))
	case len(left) > 0:
		return fmt.Errorf("processes %v are left:\n%s", left, said(outputs))
	case !found:
		return fmt.Errorf("nobody says %q:\n%s", w.words, said(outputs))
	}
	for _, err := range errs {
		if err == nil {
			return fmt.Errorf("one ended well:\n%s", said(outputs))
		}
	}
	return nil
}

func said(outputs []bytes.Buffer) string {
	var text strings.Builder
	for i := range outputs {
		fmt.Fprintf(&text, "--- program %d:\n%s", i, &outputs[i])
	}
	return text.String()
}

// leftBehind returns the processes that belong to a start.
func leftBehind(number int) (list []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		environment, _ := os.ReadFile(file) // it may have ended
		if bytes.Contains(environment, fmt.Appendf(nil, "%s=%d\x00", idVariable, number)) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
				list = append(list, pid)
			}
		}
	}
	return list
}
