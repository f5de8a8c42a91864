package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long a call may take.
const patience = 20 * time.Second

const (
	late    = "time-out" // how a call dies that takes longer
	nowhere = "nowhere"  // where one does so again that did so by chance
)

// death is a call that ended its process, or a panic.
type death struct {
	Op     string
	Seed   uint64
	From   int // the first call that must be repeated, too; or the same
	Call   int
	How    string // a signal, "time-out", "panic", or a fatal error's first line
	Again  string // where else it does so
	Text   string // what the process wrote to standard error
	Python []string
}

// tally counts calls.
type tally struct {
	Outcomes [panicked + 1]int // how many calls began, and ended so
	Gave     map[string]bool   // operators that gave results
	Refused  map[string]string // operators that gave an error, and one of them
	Unmade   map[string]int    // why arguments could not be made
	Deaths   []death
}

// fleet runs calls in processes.
type fleet struct {
	seed     uint64
	workers  int
	list     map[string]listed
	patience time.Duration                   // how long a call may take
	command  func(context.Context) *exec.Cmd // a worker

	mutex sync.Mutex
	tally tally
}

// run makes all calls of some batches. Each batch begins in a new process, and
// goes on in another one after a death.
func (f *fleet) run(batches [][]work) error {
	f.tally = tally{Gave: map[string]bool{}, Refused: map[string]string{}, Unmade: map[string]int{}}
	queue := make(chan []work, len(batches))
	for _, b := range batches {
		queue <- b
	}
	close(queue)
	errs := make([]error, f.workers)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			for batch := range queue {
				for len(batch) > 0 && errs[i] == nil {
					batch, errs[i] = f.process(batch)
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// process does a batch's work in one process and returns what is left, if it died.
func (f *fleet) process(batch []work) (left []work, err error) {
	last, how, text, err := f.start(batch, f.count)
	if err != nil || how == "" {
		return nil, err
	}
	d := death{Op: last.Op, From: last.Call, Call: last.Call, How: how, Text: text}
	if !f.list[d.Op].covers(d) {
		if d.From, d.Again, err = f.again(last); err != nil {
			return nil, err
		}
	}
	if d.How != late || d.Again != nowhere { // or the machine had other work
		f.died(d)
	}
	for i, w := range batch {
		if w.Op == last.Op && w.From <= last.Call && last.Call < w.To {
			w.From = last.Call + 1
			return append([]work{w}, batch[i+1:]...), nil
		}
	}
	return nil, fmt.Errorf("a worker made call %d of %s, which it was not told to", last.Call, last.Op)
}

// again says whether a call that was fatal is so in a process of its own, or after
// the operator's calls before it, which may have done harm to memory. If it is not,
// another operator's calls may have.
func (f *fleet) again(last event) (from int, where string, err error) {
	for _, try := range []struct {
		from  int
		where string
	}{{last.Call, "alone"}, {0, "after the operator's others"}} {
		_, how, _, err := f.start([]work{{last.Op, try.from, last.Call + 1}}, func(event, event) {})
		if err != nil || how != "" {
			return try.from, try.where, err
		}
	}
	return last.Call, nowhere, nil
}

// count notes that a call begins, or how it ended.
func (f *fleet) count(call, e event) {
	if e.Outcome == panicked {
		f.died(death{Op: call.Op, From: call.Call, Call: call.Call, How: "panic", Again: "alone", Text: e.Text})
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.tally.Outcomes[e.Outcome]++
	switch e.Outcome {
	case gave:
		f.tally.Gave[call.Op] = true
	case refused:
		f.tally.Refused[call.Op] = e.Text
	case unmade:
		f.tally.Unmade[e.Text]++
	}
}

// died notes a death.
func (f *fleet) died(d death) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	d.Seed = f.seed
	f.tally.Deaths = append(f.tally.Deaths, d)
}

// start starts a worker and tells of its events. If the worker dies, how says
// of what, and last is the call that it made then.
func (f *fleet) start(batch []work, tell func(call, e event)) (last event, how, text string, err error) {
	in, err := json.Marshal(order{f.seed, batch})
	if err != nil {
		return last, "", "", err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return last, "", "", err
	}
	defer read.Close()
	ctx, kill := context.WithCancel(context.Background())
	defer kill()
	command := f.command(ctx)
	command.Env = append(command.Environ(), workerEnv+"=1", "GOTRACEBACK=none", "OMP_NUM_THREADS=1", "MKL_NUM_THREADS=1")
	command.Stdin = bytes.NewReader(in)
	command.ExtraFiles = []*os.File{write}
	stderr := &head{left: 1 << 14}
	command.Stderr = stderr
	err = command.Start()
	write.Close()
	if err != nil {
		return last, "", "", err
	}
	timer := time.AfterFunc(f.patience+time.Minute, kill) // to start takes longer
	events := json.NewDecoder(read)
	running := false
	for {
		var e event
		if err := events.Decode(&e); err != nil {
			break
		}
		timer.Reset(f.patience)
		if running = e.Outcome == begins; running {
			last = e
		}
		tell(last, e)
	}
	err = command.Wait()
	timer.Stop()
	switch {
	case err == nil && !running:
		return last, "", "", nil
	case last.Op == "":
		return last, "", "", fmt.Errorf("a worker did not start: %w\n%s", err, stderr)
	case ctx.Err() != nil:
		how = late
	default:
		how = cause(stderr.String(), err)
	}
	return last, how, withoutWarnings(stderr.String()), nil
}

// signal is a signal's name in what Go writes when it dies.
var signal = regexp.MustCompile(`SIG[A-Z]+`)

// signals are those of which a process dies without a word.
var signals = map[syscall.Signal]string{
	syscall.SIGSEGV: "SIGSEGV", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE", syscall.SIGILL: "SIGILL",
	syscall.SIGABRT: "SIGABRT", syscall.SIGKILL: "SIGKILL",
}

// cause says of what a process died.
func cause(text string, err error) string {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return cmp.Or(signals[status.Signal()], status.Signal().String())
		}
	}
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "panic: "):
			return "panic"
		case strings.HasPrefix(line, "SIG"), strings.HasPrefix(line, "[signal SIG"):
			return signal.FindString(line)
		case strings.HasPrefix(line, "fatal error: ") && line != "fatal error: unexpected signal during runtime execution":
			return line
		}
	}
	return fmt.Sprint(err)
}

// withoutWarnings returns text without the lines that libtorch's warnings begin with.
func withoutWarnings(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "[W") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// head keeps the first bytes that are written to it.
type head struct {
	bytes.Buffer
	left int
}

func (h *head) Write(data []byte) (int, error) {
	n := min(len(data), h.left)
	h.left -= n
	h.Buffer.Write(data[:n])
	return len(data), nil
}

var _ io.Writer = (*head)(nil)
