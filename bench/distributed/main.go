// Command distributed compares DistributedDataParallel in Go and in Python: how long a
// step takes and how many bytes move, on one machine and on several that are network
// namespaces with a slow network between them. Both run in turn.
//
//	go run ./bench/distributed -python python3
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/internal/freeport"
)

//go:embed worker.py
var workerInPython string

func main() {
	python := flag.String("python", "python3", "a Python with torch 2.15.0")
	rounds := flag.Int("rounds", 3, "how often each is measured; the least counts")
	steps := flag.Int("steps", 20, "steps that are measured, after 3 others")
	most := flag.Int("processes", 8, "how many processes there are at most on one machine")
	flag.Parse()
	var err error
	if flag.NArg() > 0 {
		err = run(flag.Args())
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = compare(ctx, *python, *rounds, *steps, *most)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/distributed:", err)
		os.Exit(1)
	}
}

const (
	warm    = 3
	samples = 64 // of each process in a step
	gigabit = 1e9 / 8
)

// bench runs jobs.
type bench struct {
	ctx           context.Context //nolint:containedctx // of all that it runs
	programs      [2][]string     // Go's, Python's
	rounds, steps int
}

func compare(ctx context.Context, python string, rounds, steps, most int) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx, [2][]string{{own}, {python, "-c", workerInPython}}, rounds, steps}
	fmt.Println("| processes | network | Go, ms a step | Python, ms a step | ratio | MB on the wire a step, Go | Python |\n|---|---|---|---|---|---|---|")
	for n := 1; n <= most; n *= 2 {
		h, err := newHosts(1, 0, 0)
		if err != nil {
			return err
		}
		_, err = b.row(h, n, samples*n, "one machine")
		h.close()
		if err != nil {
			return err
		}
	}
	h, err := newHosts(1, 0, 0)
	if err != nil {
		return err
	}
	const machines = 4
	alone, err := b.job(h, b.programs[0], 1, samples*machines)
	h.close()
	if err != nil {
		return err
	}
	for _, latency := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond} {
		h, err := newHosts(machines, latency, gigabit)
		if err != nil {
			return err
		}
		loss, err := b.row(h, machines, samples*machines, fmt.Sprintf("4 machines, 1 Gbit/s, %v one way", latency))
		h.close()
		if err != nil {
			return err
		}
		const tolerance = 1e-5
		if math.Abs(loss-alone.Loss) > tolerance*alone.Loss {
			return fmt.Errorf("the loss of 4 machines is %v, that of one process with all samples %v", loss, alone.Loss)
		}
	}
	fmt.Printf("\nThe last loss of 4 machines is that of one process within 1e-5, relatively; losses in Go and in Python are equal, bit for bit.\n")
	return nil
}

// row prints a row of the table, and returns the last loss.
func (b *bench) row(h *hosts, n, batch int, network string) (loss float64, err error) {
	best := [2]measured{{Milliseconds: math.Inf(1)}, {Milliseconds: math.Inf(1)}}
	for range b.rounds {
		for i, program := range b.programs {
			m, err := b.job(h, program, n, batch)
			if err != nil {
				return 0, err
			}
			if m.Milliseconds < best[i].Milliseconds {
				best[i] = m
			}
		}
	}
	if best[0].Loss != best[1].Loss {
		return 0, fmt.Errorf("%d processes, %s: the loss in Go is %v, in Python %v", n, network, best[0].Loss, best[1].Loss)
	}
	const mega = 1e6
	fmt.Printf("| %d | %s | %.1f | %.1f | %.2f | %.2f | %.2f |\n", n, network, best[0].Milliseconds, best[1].Milliseconds,
		best[0].Milliseconds/best[1].Milliseconds, best[0].Bytes/mega, best[1].Bytes/mega)
	return best[0].Loss, nil
}

// job runs n processes, which are on the hosts in turn, and returns the time of the
// slowest, the bytes of all hosts and the mean loss.
func (b *bench) job(h *hosts, program []string, n, batch int) (all measured, err error) {
	port, err := freeport.Find()
	if err != nil {
		return all, err
	}
	master, device := "127.0.0.1", "lo"
	if len(h.devices) > 0 {
		master, device = h.address(0), deviceName
	}
	outputs, logs := make([]bytes.Buffer, n), make([]bytes.Buffer, n)
	commands := make([]*exec.Cmd, n)
	for rank := range n {
		command := h.command(b.ctx, rank%len(h.names), append(append([]string{}, program...), fmt.Sprint(batch), fmt.Sprint(b.steps), fmt.Sprint(warm))...)
		command.Env = append(os.Environ(), fmt.Sprint("RANK=", rank), fmt.Sprint("WORLD_SIZE=", n), "MASTER_ADDR="+master,
			fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1", "GLOO_SOCKET_IFNAME="+device)
		command.Stdout, command.Stderr = &outputs[rank], &logs[rank]
		commands[rank] = command
		if err := command.Start(); err != nil {
			return all, err
		}
	}
	for rank, command := range commands {
		if failed := command.Wait(); failed != nil && err == nil {
			err = fmt.Errorf("rank %d: %w\n%s", rank, failed, &logs[rank])
		}
	}
	for rank := range n {
		var m measured
		if err == nil {
			err = json.Unmarshal(outputs[rank].Bytes(), &m)
		}
		all.Milliseconds = max(all.Milliseconds, m.Milliseconds)
		all.Loss += m.Loss / float64(n)
		if rank < len(h.names) {
			all.Bytes += m.Bytes
		}
	}
	return all, err
}
