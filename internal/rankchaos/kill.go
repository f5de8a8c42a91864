package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// training is a job of two ranks that save each step.
type training struct {
	launcher, program, folder string
}

// outcome is what a training gave.
type outcome struct {
	losses   map[string]string // by step
	last     string            // what the network writes
	snapshot []byte
}

func (t training) command(ctx context.Context, snapshot string, out *bytes.Buffer) *exec.Cmd {
	command := exec.CommandContext(ctx, t.launcher, "run", "-nproc", "2", "-max-restarts", "1000", "-patience", "3s", "--",
		t.program, "-distributed", "-steps", "30", "-every", "1", "-sample", "20", "-timeout", "1m", "-snapshot", snapshot)
	command.Stdout, command.Stderr = out, out
	return command
}

var lossLine = regexp.MustCompile(`(?m)^\[rank 0\] step (\d+), loss (\S+)$`)

// read returns the outcome of a training that has ended. It fails where a step has two
// losses.
func read(out []byte, snapshot string) (o outcome, err error) {
	o.losses = map[string]string{}
	for _, found := range lossLine.FindAllSubmatch(out, -1) {
		step, loss := string(found[1]), string(found[2])
		if before, ok := o.losses[step]; ok && before != loss {
			return o, fmt.Errorf("step %s had the loss %s, and %s when it was done again", step, before, loss)
		}
		o.losses[step] = loss
	}
	if i := bytes.LastIndex(out, []byte("[rank 0] The ")); i >= 0 {
		o.last = string(out[i:])
	}
	o.snapshot, err = os.ReadFile(snapshot)
	return o, err
}

// kill trains undisturbed, and then kills ranks at random moments until it has hit so many.
func (t training) kill(ctx context.Context, random *rand.Rand, kills int) error {
	var out bytes.Buffer
	file := filepath.Join(t.folder, "whole.pt")
	begin := time.Now()
	if err := t.command(ctx, file, &out).Run(); err != nil {
		return fmt.Errorf("the undisturbed training: %w\n%s", err, &out)
	}
	took := time.Since(begin)
	want, err := read(out.Bytes(), file)
	if err != nil {
		return err
	}
	hits, jobs := 0, 0
	for ; hits < kills; jobs++ {
		file := filepath.Join(t.folder, fmt.Sprintf("%d.pt", jobs))
		hit, err := t.disturbed(ctx, random, want, file, took, kills-hits)
		if err != nil {
			return fmt.Errorf("training %d, after %d kills: %w", jobs, hits, err)
		}
		hits += hit
	}
	fmt.Printf("rankchaos: %d kills in %d trainings of %d steps, which end as the undisturbed one, bit for bit; that took %.1f s\n",
		hits, jobs, len(want.losses), took.Seconds())
	return nil
}

// disturbed trains while ranks are killed, at most so many, and returns how many were.
func (t training) disturbed(ctx context.Context, random *rand.Rand, want outcome, file string, took time.Duration, most int) (hits int, err error) {
	var out bytes.Buffer
	command := t.command(ctx, file, &out)
	if err := command.Start(); err != nil {
		return 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for err = errRuns; errors.Is(err, errRuns); {
		select {
		case err = <-ended:
		case <-time.After(time.Duration(random.Int64N(int64(took)))):
			ranks := children(command.Process.Pid)
			if len(ranks) > 0 && hits < most && syscall.Kill(ranks[random.IntN(len(ranks))], syscall.SIGKILL) == nil {
				hits++
			}
		}
	}
	if err != nil {
		return hits, fmt.Errorf("%w\n%s", err, &out)
	}
	got, err := read(out.Bytes(), file)
	switch {
	case err != nil:
		return hits, fmt.Errorf("%w\n%s", err, &out)
	case len(got.losses) != len(want.losses):
		return hits, fmt.Errorf("%d steps have losses, want %d\n%s", len(got.losses), len(want.losses), &out)
	case got.last != want.last || !bytes.Equal(got.snapshot, want.snapshot):
		return hits, fmt.Errorf("it ends with another network\n%s", &out)
	}
	for step, loss := range want.losses {
		if got.losses[step] != loss {
			return hits, fmt.Errorf("the loss of step %s is %s, want %s", step, got.losses[step], loss)
		}
	}
	return hits, nil
}

var errRuns = errors.New("it runs")

// children returns the processes that a process has started.
func children(pid int) (list []int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // the thread may be gone
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				list = append(list, child)
			}
		}
	}
	return list
}
