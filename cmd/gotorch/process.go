package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// process is one process of a job.
type process struct {
	rank    int
	command *exec.Cmd
	output  [2]*prefixed
	tail    *tail
	err     error
}

// start starts this node's processes, or none, and calls ended with each that has ended.
func (j *job) start(p plan, ended func(p *process)) ([]*process, error) {
	type started struct {
		processes []*process
		err       error
	}
	result := make(chan started)
	go func() {
		runtime.LockOSThread() // the system ends processes with the thread that has started them
		defer runtime.UnlockOSThread()
		processes, err := j.startAll(p)
		result <- started{processes, err}
		var group sync.WaitGroup
		for _, p := range processes {
			group.Go(func() {
				p.err = p.command.Wait()
				ended(p)
			})
		}
		group.Wait()
	}()
	s := <-result
	return s.processes, s.err
}

func (j *job) startAll(p plan) ([]*process, error) {
	var processes []*process
	for local := range j.processes {
		command := exec.Command(j.program[0], j.program[1:]...)
		command.Env = append(os.Environ(), j.environment(p, local)...)
		command.SysProcAttr = ownGroup()
		rank := p.Base + local
		started := &process{rank: rank, command: command, tail: &tail{}}
		prefix := fmt.Sprintf("[rank %d] ", rank)
		started.output = [2]*prefixed{{lock: &j.lock, to: j.stdout, prefix: prefix}, {lock: &j.lock, to: j.stderr, prefix: prefix}}
		command.Stdout, command.Stderr = started.output[0], io.MultiWriter(started.output[1], started.tail)
		command.WaitDelay = j.patience
		if err := command.Start(); err != nil {
			tell(processes, syscall.SIGKILL)
			for _, p := range processes {
				_ = p.command.Wait()
			}
			return nil, err
		}
		processes = append(processes, started)
	}
	return processes, nil
}

// environment is what torchrun gives a process.
func (j *job) environment(p plan, local int) []string {
	rank := p.Base + local
	env := []string{
		fmt.Sprint("RANK=", rank), fmt.Sprint("LOCAL_RANK=", local), fmt.Sprint("GROUP_RANK=", j.node), fmt.Sprint("ROLE_RANK=", rank), "ROLE_NAME=default",
		fmt.Sprint("WORLD_SIZE=", p.World), fmt.Sprint("LOCAL_WORLD_SIZE=", j.processes), fmt.Sprint("ROLE_WORLD_SIZE=", p.World),
		fmt.Sprint("GROUP_WORLD_SIZE=", j.nodes), "MASTER_ADDR=" + p.Host, fmt.Sprint("MASTER_PORT=", p.Port), "TORCHELASTIC_USE_AGENT_STORE=False",
		fmt.Sprint("TORCHELASTIC_RESTART_COUNT=", p.Restarts), fmt.Sprint("TORCHELASTIC_MAX_RESTARTS=", p.MaxRestarts), "TORCHELASTIC_RUN_ID=" + j.name,
	}
	if os.Getenv("OMP_NUM_THREADS") == "" && j.processes > 1 {
		env = append(env, "OMP_NUM_THREADS=1") // as torchrun does: they would fight for the processors
	}
	return env
}

// tell sends a signal to the processes and to those that they started.
func tell(processes []*process, s syscall.Signal) {
	for _, p := range processes {
		_ = syscall.Kill(-p.command.Process.Pid, s) // it may have ended
	}
}

func (p *process) flush() {
	for _, output := range p.output {
		output.flush()
	}
}

// failure is why a job has failed.
type failure struct {
	Who    string // "rank 3"
	What   string // "exit status 7"
	Status int    // for the shell
	Text   string // what it wrote last
	// Blames is whether it says that another process has failed.
	Blames bool
	// Fatal is whether it did not end by itself.
	Fatal bool
	// Final is whether it would fail again.
	Final bool
}

// failure returns why a process has failed, or nil if it did not, or if it was told to end.
func (p *process) failure(told bool) *failure {
	if p.err == nil {
		return nil
	}
	f := &failure{Who: fmt.Sprint("rank ", p.rank), What: p.err.Error(), Status: 1, Text: p.tail.text()}
	f.Blames = strings.Contains(f.Text, "at the other end: rank ") || strings.Contains(f.Text, "did not take part: rank ")
	f.Fatal = strings.HasPrefix(f.Text, "  panic: ")
	var exit *exec.ExitError
	if !errors.As(p.err, &exit) {
		return f
	}
	f.Status = exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		s := status.Signal()
		if told && (s == syscall.SIGTERM || s == syscall.SIGKILL || s == syscall.SIGINT) {
			return nil
		}
		f.Status, f.Fatal = 128+int(s), true
	}
	return f
}

// before reports whether the failure is more likely to be the first than another one that
// was seen earlier, by a process that has noticed it or on another machine.
func (f *failure) before(earlier *failure) bool {
	return earlier == nil || earlier.Blames && f.Fatal && !f.Blames
}

// String returns what is said of a failure.
func (f *failure) String() string {
	text := fmt.Sprintf("%s failed first: %s", f.Who, f.What)
	if f.Text != "" {
		text += "; the last that it wrote to standard error:\n" + f.Text
	}
	return text
}
