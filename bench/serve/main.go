// Command serve compares torch/serve with a usual Python server, FastAPI with uvicorn in one
// process: MNIST's CNN and MiniLM, asked from this process, in turn.
//
//	go run ./bench/serve -python python3
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/wangkuiyi/gotorch/examples/embed/minilm"
	"github.com/wangkuiyi/gotorch/examples/mnist/digits"
	"github.com/wangkuiyi/gotorch/torch"
)

// task is a model that is served.
type task struct {
	name, path string
	bodies     []string
	weights    string
}

// server is a process that serves a task.
type server struct {
	name    string
	command []string // without the port
	address string
	process *exec.Cmd
	results []result
}

func main() {
	python := flag.String("python", "python3", "a Python with torch, fastapi, uvicorn, tokenizers and safetensors")
	seconds := flag.Float64("seconds", 2, "of load in each round")
	rounds := flag.Int("rounds", 3, "how often each server is asked")
	clients := flag.Int("clients", 32, "how many ask at a time")
	role := flag.String("serve", "", "for the program's own use")
	flag.Parse()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	if *role != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		must(0, serveTask(ctx, *role, flag.Arg(0), flag.Arg(1)))
		return
	}
	dir := must(os.MkdirTemp("", ""))
	defer os.RemoveAll(dir)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "%d clients, %d processors, %d rounds of %g s\trequests/s\tp50\tp99\tthroughput\tp99\t\n", *clients, runtime.NumCPU(), *rounds, *seconds)
	for _, t := range tasks(dir) {
		compare(t, *python, *clients, *rounds, time.Duration(*seconds*float64(time.Second)), table)
	}
	must(0, table.Flush())
}

// tasks returns the models and what they are asked.
func tasks(dir string) []task {
	torch.ManualSeed(0)
	weights := filepath.Join(dir, "cnn.pt")
	must(0, torch.Save(digits.NewCNN().StateDict(), weights))
	cnn := task{name: "cnn", path: "/v2/models/cnn/infer", weights: weights}
	for range 16 {
		pixels := make([]string, 28*28)
		for i := range pixels {
			pixels[i] = fmt.Sprintf("%.4f", rand.Float64())
		}
		cnn.bodies = append(cnn.bodies, `{"inputs":[{"name":"image","shape":[1,1,28,28],"datatype":"FP32","data":[`+strings.Join(pixels, ",")+`]}]}`)
	}
	embed := task{name: "embed", path: "/embed", weights: must(minilm.Fetch(context.Background(), os.Stderr))}
	words := strings.Fields("the quick program reads what people write and finds sentences that mean much the same in a large heap of other texts about dogs ships music weather and money")
	for i := range 16 {
		var text []string
		for range 6 + i%12 {
			text = append(text, words[rand.IntN(len(words))])
		}
		embed.bodies = append(embed.bodies, `{"text":"`+strings.Join(text, " ")+`"}`)
	}
	return []task{cnn, embed}
}

// compare asks the servers of a task in turn and prints what came of it.
func compare(t task, python string, clients, rounds int, length time.Duration, w io.Writer) {
	servers := []*server{
		{name: "torch/serve", command: []string{os.Args[0], "-serve", t.name}},
		{name: "FastAPI", command: []string{python, "bench/serve/serve.py", t.name, "plain"}},
		{name: "FastAPI, batches", command: []string{python, "bench/serve/serve.py", t.name, "batched"}},
	}
	for _, s := range servers {
		s.start(t)
		defer s.stop()
	}
	for _, body := range t.bodies {
		want := numbers(servers[0].ask(t, body))
		for _, s := range servers[1:] {
			must(0, equal(want, numbers(s.ask(t, body))))
		}
	}
	for range rounds {
		for _, s := range servers {
			s.results = append(s.results, load(s.address, t.path, t.bodies, clients, length))
		}
	}
	best := servers[0].median()
	for _, s := range servers {
		m := s.median()
		fmt.Fprintf(w, "%s, %s\t%.0f\t%.1f ms\t%.1f ms\t%.2f\t%.2f\t\n", t.name, s.name, m.rate, ms(m.p50), ms(m.p99), best.rate/m.rate, ms(best.p99)/ms(m.p99))
	}
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// start starts the process, and waits until it answers.
func (s *server) start(t task) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	s.address = l.Addr().String()
	must(0, l.Close())
	_, port, _ := net.SplitHostPort(s.address)
	args := slices.Concat(s.command[1:], []string{port, t.weights})
	if strings.HasSuffix(s.command[1], ".py") { // the mode comes after the port
		args = []string{s.command[1], t.name, port, s.command[3], t.weights}
	}
	s.process = exec.Command(s.command[0], args...)
	s.process.Stdout, s.process.Stderr = os.Stderr, os.Stderr
	must(0, s.process.Start())
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			must(0, conn.Close())
			return
		}
		if time.Since(start) > time.Minute {
			must(0, err)
		}
	}
}

func (s *server) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	_ = s.process.Wait()
}

// ask asks once.
func (s *server) ask(t task, body string) string {
	conn := must(net.Dial("tcp", s.address))
	defer conn.Close()
	return ask(conn, bufio.NewReader(conn), t.path, body)
}

// median returns the round in the middle.
func (s *server) median() result {
	slices.SortFunc(s.results, func(a, b result) int { return cmp.Compare(a.rate, b.rate) })
	return s.results[len(s.results)/2]
}

// numbers returns the data of an answer.
func numbers(answer string) []float64 {
	var j struct {
		Data    []float64
		Outputs []struct{ Data []float64 }
	}
	must(0, json.Unmarshal([]byte(answer), &j))
	if len(j.Outputs) > 0 {
		return j.Outputs[0].Data
	}
	return j.Data
}

// equal fails if two servers do not answer the same.
func equal(a, b []float64) error {
	if len(a) != len(b) || len(a) == 0 {
		return fmt.Errorf("%d numbers and %d", len(a), len(b))
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-4 {
			return fmt.Errorf("number %d is %v and %v", i, a[i], b[i])
		}
	}
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}
