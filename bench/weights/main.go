// Command weights compares how long Go and Python take to save and load a large state
// dict, and how much memory: in turn, in processes of their own.
//
//	go run ./bench/weights -python python3 -size 4 -dir /tmp
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// tasks are what is measured; bench/weights/tasks.py has their twins.
var tasks = []string{"open pt", "open safetensors", "first safetensors", "module pt", "module safetensors", "save pt", "save safetensors", "replace pt", "replace safetensors", "replace pt to the disk", "replace safetensors to the disk"}

// result is what a process says of itself.
type result struct {
	Seconds float64
	Peak    int // bytes of memory, at most, that the task added
}

func main() {
	python := flag.String("python", "python3", "a Python with torch and safetensors")
	size := flag.Int("size", 4, "of the files, in GB")
	dir := flag.String("dir", os.TempDir(), "where the files are made")
	rounds := flag.Int("rounds", 3, "how often each is measured")
	task := flag.String("task", "", "for the program's own use")
	flag.Parse()
	if *task != "" {
		fmt.Println(string(must(json.Marshal(measure(*task, *dir, *size)))))
		return
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "task\tGo/Python\tGo s\tPython s\tGo memory/file\tPython memory/file\t")
	run("make", *dir, *size, os.Args[0])
	for _, name := range tasks {
		var goes, pythons []result
		for range *rounds {
			goes = append(goes, run(name, *dir, *size, os.Args[0]))
			pythons = append(pythons, run(name, *dir, *size, *python, "bench/weights/tasks.py"))
		}
		g, p := median(goes), median(pythons)
		bytes := float64(*size) * 1e9
		fmt.Fprintf(table, "%s\t%.2f\t%.3f\t%.3f\t%.2f\t%.2f\t\n", name, g.Seconds/p.Seconds, g.Seconds, p.Seconds, float64(g.Peak)/bytes, float64(p.Peak)/bytes)
	}
	must(0, table.Flush())
}

// run measures a task in a process of its own.
func run(task, dir string, size int, command ...string) (r result) {
	args := append(slices.Clone(command[1:]), "-task", task, "-dir", dir, "-size", fmt.Sprint(size))
	c := exec.Command(command[0], args...)
	c.Stderr = os.Stderr
	must(0, json.Unmarshal(must(c.Output()), &r))
	return r
}

func median(results []result) result {
	slices.SortFunc(results, func(a, b result) int { return cmp.Compare(a.Seconds, b.Seconds) })
	return results[len(results)/2]
}

// net is a network of layers of 40 MB.
func net(size int) *nn.Sequential {
	layers := make([]nn.Layer, size*25)
	for i := range layers {
		layers[i] = nn.NewLinear(10000, 1000, nn.LinearOptions{Bias: new(false)})
	}
	return nn.NewSequential(layers...)
}

// measure does a task.
func measure(task, dir string, size int) result {
	pt, st := filepath.Join(dir, "weights.pt"), filepath.Join(dir, "weights.safetensors")
	kind, sync := strings.CutSuffix(task, " to the disk")
	again := "" // the file to save
	if verb, ending, _ := strings.Cut(kind, " "); verb == "save" || verb == "replace" {
		again = filepath.Join(dir, "again."+ending)
		if verb == "save" {
			_ = os.Remove(again)
		}
	}
	var module *nn.Sequential
	var state nn.StateDict
	switch {
	case task == "make", again != "":
		state = net(size).StateDict()
	case strings.HasPrefix(task, "module"):
		torch.WithDevice(torch.Meta, func() { module = net(size) })
		module.ToEmpty(torch.CPU)
	}
	torch.Ones([]int{1})
	syscall.Sync() // what others wrote
	before, start := peak(), time.Now()
	switch kind {
	case "make":
		must(0, torch.Save(state, pt))
		must(0, safetensors.Save(state, st))
	case "open pt":
		must(torch.Load(pt, torch.LoadOptions{MMap: true}))
	case "open safetensors":
		must(safetensors.Open(st))
	case "first safetensors":
		f := must(safetensors.Open(st))
		must(f.Tensor(f.Names()[0])).Sum().Item()
	case "module pt":
		must(nn.LoadInto(module, must(torch.LoadAs[nn.StateDict](pt, torch.LoadOptions{MMap: true}))))
	case "module safetensors":
		must(nn.LoadInto(module, must(safetensors.Open(st))))
	case "save pt", "replace pt":
		must(0, torch.Save(state, again, torch.SaveOptions{Sync: sync}))
	case "save safetensors", "replace safetensors":
		must(0, safetensors.Save(state, again, safetensors.SaveOptions{Sync: sync}))
	}
	return result{time.Since(start).Seconds(), peak() - before}
}

// peak is the most memory that the process had.
func peak() int {
	status := string(must(os.ReadFile("/proc/self/status")))
	_, rest, _ := strings.Cut(status, "VmHWM:")
	var kb int
	must(fmt.Sscan(rest, &kb))
	return kb << 10
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}
