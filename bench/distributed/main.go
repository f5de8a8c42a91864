// Command distributed compares DistributedDataParallel in Go and in Python: how long a
// step takes and how many bytes move, on one machine and on several that are network
// namespaces with a slow network between them. Both run in turn. Gradients must be those of
// one process on the joined batch within a tolerance, and the same in Go and in Python.
//
//	go run ./bench/distributed -python python3
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
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
	alone := flag.Bool("all-reduce", false, "measure all-reduces alone, which is the last table, without Python")
	flag.Parse()
	var err error
	if flag.NArg() > 0 {
		err = run(flag.Args())
	} else {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err = compare(ctx, *python, *rounds, *steps, *most, *alone)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/distributed:", err)
		os.Exit(1)
	}
}

const (
	warm     = 3
	samples  = 64 // of each process in a step
	machines = 4
	gigabit  = 1e9 / 8
)

// bench runs jobs.
type bench struct {
	ctx           context.Context //nolint:containedctx // of all that it runs
	programs      [2][]string     // Go's, Python's
	rounds, steps int
	furthest      float64         // the greatest distance of gradients from those of one process
	here          map[int]float64 // milliseconds of a step by the number of processes, on one machine
}

func compare(ctx context.Context, python string, rounds, steps, most int, alone bool) error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	b := &bench{ctx: ctx, programs: [2][]string{{own}, {python, "-c", workerInPython}}, rounds: rounds, steps: steps, here: map[int]float64{}}
	if alone {
		return b.reduces()
	}
	fmt.Println("| processes | network | Go, ms a step | Python, ms a step | ratio | model, ms | MB on the wire a step, Go | Python | model |\n|---|---|---|---|---|---|---|---|---|")
	for n := 1; n <= max(most, machines); n *= 2 {
		if err := b.row(n, network{}); err != nil {
			return err
		}
	}
	for _, latency := range []time.Duration{0, time.Millisecond, 10 * time.Millisecond} {
		if err := b.row(machines, network{machines: machines, latency: latency, rate: gigabit}); err != nil {
			return err
		}
	}
	fmt.Printf("\nThe last step's loss is that of one process on the joined batch within %v, relatively, and its gradients are within %v of the greatest "+
		"element of their parameter (the furthest: %.1e). All ranks have the same gradients, and Go's and Python's losses and gradients are equal, bit for bit.\n", lossTolerance, gradientTolerance, b.furthest)
	return b.reduces()
}

// reduces measures all-reduces alone, of several sizes among several machines.
func (b *bench) reduces() error {
	fmt.Println("\n| machines | one way | an all-reduce of | Go, ms | model, ms |\n|---|---|---|---|---|")
	b.programs[0] = append(b.programs[0], reduceMode)
	for _, latency := range []time.Duration{10 * time.Millisecond, 30 * time.Millisecond} {
		for _, n := range []int{2, machines} {
			for _, bytes := range []int{4 << 10, 1 << 20, 16 << 20} {
				net, least := network{machines: n, latency: latency, rate: gigabit}, math.Inf(1)
				for range b.rounds {
					m, err := b.job(b.programs[0], n, bytes, net)
					if err != nil {
						return err
					}
					least = min(least, m.Milliseconds)
				}
				fmt.Printf("| %d | %v | %d KiB | %.1f | %.1f |\n", n, latency, bytes>>10, least, milliseconds(net.moving(n, float64(bytes))))
			}
		}
	}
	return nil
}

// What one process and several may differ by, since they add samples up in another order.
const (
	lossTolerance     = 1e-5
	gradientTolerance = 1e-4
)

// row prints a row of the table.
func (b *bench) row(n int, net network) error {
	best := [2]measured{{Milliseconds: math.Inf(1)}, {Milliseconds: math.Inf(1)}}
	for range b.rounds {
		for i, program := range b.programs {
			m, err := b.job(program, n, samples*n, net)
			if err != nil {
				return fmt.Errorf("%d processes, %v, %s: %w", n, net, [2]string{"Go", "Python"}[i], err)
			}
			if m.Milliseconds < best[i].Milliseconds {
				best[i] = m
			}
		}
	}
	alone, err := b.job(b.programs[0], 1, samples*n, network{})
	if err == nil {
		err = b.check(best, alone)
	}
	if err != nil {
		return fmt.Errorf("%d processes, %v: %w", n, net, err)
	}
	model := "" // what a step takes on one machine is no question of the network
	if net.machines == 0 {
		b.here[n] = best[0].Milliseconds
	} else {
		model = fmt.Sprintf("%.1f", b.here[n]+milliseconds(net.moving(n, buckets...)))
	}
	const mega = 1e6
	fmt.Printf("| %d | %v | %.1f | %.1f | %.2f | %s | %.2f | %.2f | %.2f |\n", n, net, best[0].Milliseconds, best[1].Milliseconds,
		best[0].Milliseconds/best[1].Milliseconds, model, best[0].Bytes/mega, best[1].Bytes/mega, wireBytes(n)/mega)
	return nil
}

// check compares what Go, Python and one process have computed.
func (b *bench) check(both [2]measured, alone measured) error {
	inGo, inPython := both[0], both[1]
	if inGo.Loss != inPython.Loss {
		return fmt.Errorf("the loss in Go is %v, in Python %v", inGo.Loss, inPython.Loss)
	}
	if !slices.Equal(inGo.Checksums, inPython.Checksums) {
		return fmt.Errorf("the gradients in Go have the checksums %08x, in Python %08x", inGo.Checksums, inPython.Checksums)
	}
	if math.Abs(inGo.Loss-alone.Loss) > lossTolerance*alone.Loss {
		return fmt.Errorf("the loss is %v, that of one process with all samples %v", inGo.Loss, alone.Loss)
	}
	for i := range alone.Gradients {
		far, err := distance(inGo.Gradients[i], alone.Gradients[i])
		b.furthest = max(b.furthest, far)
		if err == nil && (far > gradientTolerance || math.IsNaN(far)) {
			err = fmt.Errorf("it is %v away from that of one process with all samples, relatively to the greatest element", far)
		}
		if err != nil {
			return fmt.Errorf("the gradient of parameter %d: %w", i, err)
		}
	}
	return nil
}

// distance is the greatest difference of two gradients' elements, relatively to the
// greatest of the second one's.
func distance(got, want []byte) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("it has %d bytes, want %d", len(got), len(want))
	}
	far, greatest := 0.0, 0.0
	for ; len(got) > 0; got, want = got[4:], want[4:] {
		a := float64(math.Float32frombits(binary.LittleEndian.Uint32(got)))
		b := float64(math.Float32frombits(binary.LittleEndian.Uint32(want)))
		far, greatest = max(far, math.Abs(a-b)), max(greatest, math.Abs(b))
	}
	return far / greatest, nil
}

// job runs n processes, whose first argument is batch, which are on the network's machines in turn, and returns the time
// of the slowest, the bytes of all machines, the mean loss, and the gradients, which must
// be those of all ranks.
func (b *bench) job(program []string, n, batch int, net network) (all measured, err error) {
	h, err := newHosts(max(1, net.machines), net.latency, net.rate)
	if err != nil {
		return all, err
	}
	defer h.close()
	port, err := freeport.Find()
	if err != nil {
		return all, err
	}
	master, device := "127.0.0.1", "lo"
	if len(h.devices) > 0 {
		master, device = h.address(0), deviceName
	}
	ctx, end := context.WithCancel(b.ctx)
	defer end()
	outputs, logs := make([]bytes.Buffer, n), make([]bytes.Buffer, n)
	failures := make(chan error, n)
	for rank := range n {
		command := h.command(ctx, rank%len(h.names), append(append([]string{}, program...), fmt.Sprint(batch), fmt.Sprint(b.steps), fmt.Sprint(warm))...)
		command.Env = append(os.Environ(), fmt.Sprint("RANK=", rank), fmt.Sprint("WORLD_SIZE=", n), "MASTER_ADDR="+master,
			fmt.Sprint("MASTER_PORT=", port), "OMP_NUM_THREADS=1", "GLOO_SOCKET_IFNAME="+device)
		command.Stdout, command.Stderr = &outputs[rank], &logs[rank]
		go func() {
			if err := command.Run(); err != nil {
				failures <- fmt.Errorf("rank %d: %w\n%s", rank, err, &logs[rank])
				return
			}
			failures <- nil
		}()
	}
	for range n {
		if failed := <-failures; failed != nil && err == nil {
			err = failed
			time.AfterFunc(patience, end) // the others fail, too, or wait for long
		}
	}
	for rank := 0; rank < n && err == nil; rank++ {
		var m measured
		if err = json.Unmarshal(outputs[rank].Bytes(), &m); err != nil {
			break
		}
		if rank == 0 {
			all.Checksums, all.Gradients = m.Checksums, m.Gradients
		} else if !slices.Equal(m.Checksums, all.Checksums) {
			err = fmt.Errorf("the gradients of rank %d have the checksums %08x, those of rank 0 %08x", rank, m.Checksums, all.Checksums)
		}
		all.Milliseconds = max(all.Milliseconds, m.Milliseconds)
		all.Loss += m.Loss / float64(n)
		if rank < len(h.names) {
			all.Bytes += m.Bytes
		}
	}
	return all, err
}

const patience = 20 * time.Second
