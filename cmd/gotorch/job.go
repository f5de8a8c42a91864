package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// job is several processes of one program, which find each other by the environment.
type job struct {
	processes   int
	maxRestarts int
	port        int
	patience    time.Duration // how long processes have to end when they are told to
	program     []string
	stdout      io.Writer
	stderr      io.Writer
	signals     chan os.Signal
}

const jobUsage = `Usage: gotorch run [options] [--] program [arguments]

Runs a program in several processes of this machine, which package torch/distributed
makes a group of, with the environment that torchrun gives: RANK, LOCAL_RANK,
WORLD_SIZE, MASTER_ADDR, MASTER_PORT and others. Lines that they print begin with
their ranks. When one fails the others are ended, and what it printed last is shown.
The exit status is that of the process that failed first.

`

func runJob(arguments []string, stdout, stderr io.Writer) int {
	j := &job{stdout: stdout, stderr: stderr, signals: make(chan os.Signal, 1)}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&j.processes, "nproc", 1, "how many processes")
	flags.IntVar(&j.maxRestarts, "max-restarts", 0, "how often to begin again when a process has failed; each time all begin again")
	flags.IntVar(&j.port, "master-port", 0, "the port at which they find each other (default: a free one)")
	flags.DurationVar(&j.patience, "patience", 10*time.Second, "how long processes have to end when another one has failed")
	flags.Usage = func() {
		fmt.Fprint(stderr, jobUsage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	j.program = flags.Args()
	if len(j.program) == 0 || j.processes < 1 || j.maxRestarts < 0 {
		fmt.Fprintln(stderr, "gotorch run: want a program, at least one process, and no negative number of restarts")
		return 2
	}
	signal.Notify(j.signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(j.signals)
	return j.run()
}

// run runs the job, again where it fails and may be restarted, and returns the exit
// status.
func (j *job) run() int {
	for restarts := 0; ; restarts++ {
		status, stopped := j.attempt(restarts)
		if status == 0 || stopped || restarts == j.maxRestarts {
			return status
		}
		fmt.Fprintf(j.stderr, "gotorch run: beginning again, %d of %d times\n", restarts+1, j.maxRestarts)
	}
}

// process is one process of a job.
type process struct {
	rank    int
	command *exec.Cmd
	output  [2]*prefixed
	tail    *tail
	err     error
}

// attempt runs the job once. stopped is whether a signal ended it.
func (j *job) attempt(restarts int) (status int, stopped bool) {
	port, err := j.freePort()
	if err != nil {
		fmt.Fprintln(j.stderr, "gotorch run:", err)
		return 1, true
	}
	processes, err := j.start(port, restarts)
	if err != nil {
		fmt.Fprintln(j.stderr, "gotorch run:", err)
		return 127, true
	}
	ended := make(chan *process)
	for _, p := range processes {
		go func() {
			p.err = p.command.Wait()
			ended <- p
		}()
	}
	var failed *process
	var late <-chan time.Time
	for left := len(processes); left > 0; {
		select {
		case p := <-ended:
			left--
			p.flush()
			if p.err != nil && failed == nil && !stopped {
				failed = p
				tell(processes, syscall.SIGTERM)
				late = time.After(j.patience)
			}
		case s := <-j.signals:
			stopped = true
			tell(processes, s.(syscall.Signal))
			late = time.After(j.patience)
		case <-late:
			tell(processes, syscall.SIGKILL)
		}
	}
	switch {
	case failed != nil:
		fmt.Fprintf(j.stderr, "gotorch run: rank %d failed first: %v; the last that it wrote to standard error:\n%s", failed.rank, failed.err, failed.tail.text())
		return exitStatus(failed.err), stopped
	case stopped:
		return 130, true
	}
	return 0, false
}

// start starts the processes, or none.
func (j *job) start(port, restarts int) ([]*process, error) {
	var lock sync.Mutex
	var processes []*process
	for rank := range j.processes {
		command := exec.Command(j.program[0], j.program[1:]...)
		command.Env = append(os.Environ(), j.environment(rank, port, restarts)...)
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that its children end with it
		p := &process{rank: rank, command: command, tail: &tail{}}
		prefix := fmt.Sprintf("[rank %d] ", rank)
		p.output = [2]*prefixed{{lock: &lock, to: j.stdout, prefix: prefix}, {lock: &lock, to: j.stderr, prefix: prefix}}
		command.Stdout, command.Stderr = p.output[0], io.MultiWriter(p.output[1], p.tail)
		command.WaitDelay = j.patience
		if err := command.Start(); err != nil {
			tell(processes, syscall.SIGKILL)
			for _, p := range processes {
				_ = p.command.Wait()
			}
			return nil, err
		}
		processes = append(processes, p)
	}
	return processes, nil
}

// environment is what torchrun gives a process of one machine.
func (j *job) environment(rank, port, restarts int) []string {
	env := []string{
		fmt.Sprint("RANK=", rank), fmt.Sprint("LOCAL_RANK=", rank), "GROUP_RANK=0", fmt.Sprint("ROLE_RANK=", rank), "ROLE_NAME=default",
		fmt.Sprint("WORLD_SIZE=", j.processes), fmt.Sprint("LOCAL_WORLD_SIZE=", j.processes), fmt.Sprint("ROLE_WORLD_SIZE=", j.processes),
		"GROUP_WORLD_SIZE=1", "MASTER_ADDR=127.0.0.1", fmt.Sprint("MASTER_PORT=", port), "TORCHELASTIC_USE_AGENT_STORE=False",
		fmt.Sprint("TORCHELASTIC_RESTART_COUNT=", restarts), fmt.Sprint("TORCHELASTIC_MAX_RESTARTS=", j.maxRestarts),
	}
	if os.Getenv("OMP_NUM_THREADS") == "" && j.processes > 1 {
		env = append(env, "OMP_NUM_THREADS=1") // as torchrun does: they would fight for the processors
	}
	return env
}

func (j *job) freePort() (int, error) {
	if j.port != 0 {
		return j.port, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// tell sends a signal to the processes and to those that they started.
func tell(processes []*process, s syscall.Signal) {
	for _, p := range processes {
		_ = syscall.Kill(-p.command.Process.Pid, s) // it may have ended
	}
}

// exitStatus is what a shell gives for a process that failed.
func exitStatus(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

func (p *process) flush() {
	for _, output := range p.output {
		output.flush()
	}
}

// prefixed writes whole lines with a prefix, those of several processes one after the
// other.
type prefixed struct {
	lock   *sync.Mutex
	to     io.Writer
	prefix string
	line   []byte
}

func (w *prefixed) Write(data []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.line = append(w.line, data...)
	for {
		end := bytes.IndexByte(w.line, '\n')
		if end < 0 {
			return len(data), nil
		}
		if _, err := fmt.Fprintf(w.to, "%s%s", w.prefix, w.line[:end+1]); err != nil {
			return 0, err
		}
		w.line = w.line[end+1:]
	}
}

// flush writes the last line, which has no end.
func (w *prefixed) flush() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.line) > 0 {
		fmt.Fprintf(w.to, "%s%s\n", w.prefix, w.line)
		w.line = nil
	}
}

// tail keeps the end of what is written: the first lines of a panic are within it.
type tail struct {
	lock sync.Mutex
	data []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(data []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.data = append(t.data, data...)
	if len(t.data) > 2*tailBytes {
		t.data = append([]byte(nil), t.data[len(t.data)-tailBytes:]...)
	}
	return len(data), nil
}

// text returns the last lines, from a panic on where there is one.
func (t *tail) text() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	const most = 20
	text := strings.TrimRight(string(t.data), "\n")
	if start := strings.LastIndex(text, "panic: "); start >= 0 {
		text = text[start:]
	}
	lines := strings.Split(text, "\n")
	if panicked := strings.HasPrefix(text, "panic: "); panicked {
		lines = lines[:min(len(lines), most)]
	} else {
		lines = lines[max(0, len(lines)-most):]
	}
	return "  " + strings.Join(lines, "\n  ") + "\n"
}
