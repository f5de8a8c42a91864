// Command gobench does one benchmark of the bench suite in Go and prints its
// result as one line of JSON. Package bench builds and runs it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// result is what the programs of all languages print.
type result struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"` // of one operation, or of the training loop
	PeakMB  float64 `json:"peak_rss_mb"`
	Torch   string  `json:"torch"`
	Threads int     `json:"threads"`
	Check   float64 `json:"check"` // a value that all languages compute alike
}

// outcome is what a benchmark measured, and its check value.
type outcome struct{ seconds, check float64 }

var benchmarks = map[string]func(quick bool) outcome{
	"startup":         startup,
	"add-close":       addClose,
	"add-scope":       addScope,
	"add-gc":          addGC,
	"linear":          linear,
	"smallnet":        smallNet,
	"fullbatch":       func(quick bool) outcome { return fullBatch(quick, plain) },
	"fullbatch-scope": func(quick bool) outcome { return fullBatch(quick, torch.Scope) },
	"epoch":           func(quick bool) outcome { return epoch(quick, torch.Scope) },
	"epoch-gc":        func(quick bool) outcome { return epoch(quick, plain) },
	"epoch-loader":    epochLoader,
	"from-slice":      fromSlice,
	"to-slice":        toSlice,
	"copy-to-slice":   copyToSlice,

	"smallnet-captured": smallNetCaptured,
	"epoch-captured":    epochCaptured,
	"gpt":               gptEager,
	"gpt-captured":      gptCaptured,
	"resnet18":          resNet18.eager,
	"resnet18-captured": resNet18.captured,
	"encoder":           encoder.eager,
	"encoder-captured":  encoder.captured,

	"pt2-mlp":      exported{"mlp.pt2", []int{8, 16}, 5000}.measure,
	"pt2-cnn":      exported{"cnn.pt2", []int{1, 1, 28, 28}, 2000}.measure,
	"pt2-gru":      exported{"gru.pt2", []int{1, 16, 16}, 1000}.measure,
	"pt2-resnet18": exported{"resnet18.pt2", resNet18.shape, resNet18.n}.measure,
	"pt2-vit":      exported{"vit.pt2", []int{1, 3, 224, 224}, 3}.measure,
}

// exports is the folder of what Python has exported.
var exports = flag.String("exports", "", "the folder of the .pt2 files")

func main() {
	runtime.LockOSThread() // as README says of loops that train
	name := flag.String("name", "", "the benchmark")
	threads := flag.Int("threads", 1, "libtorch's threads")
	quick := flag.Bool("quick", false, "do less of it")
	flag.Parse()
	benchmark := benchmarks[*name]
	if benchmark == nil {
		fmt.Fprintf(os.Stderr, "gobench: no benchmark %q\n", *name)
		os.Exit(2)
	}
	if *name != "startup" {
		torch.SetNumThreads(*threads)
		torch.ManualSeed(0)
	}
	o := benchmark(*quick)
	line, err := json.Marshal(result{*name, o.seconds, peakMB(), torch.Version(), torch.NumThreads(), o.check})
	if err != nil {
		fmt.Fprintln(os.Stderr, "gobench:", err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}

// peakMB returns the most memory that the process has had resident.
func peakMB() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	unit := 1024.0
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(usage.Maxrss) * unit / (1 << 20)
}

// startup makes the first tensor; the driver times the whole process.
func startup(bool) outcome {
	return outcome{check: torch.Ones([]int{1}).Item()}
}

// plain runs a step without a scope.
func plain(f func()) { f() }

// perCall returns the seconds of one of the n calls that f makes: the median of
// several runs after one that does not count.
func perCall(quick bool, n int, f func(n int)) float64 {
	runs := 9
	if quick {
		runs, n = 3, max(n/10, 1)
	}
	f(n)
	times := make([]float64, runs)
	for i := range times {
		start := time.Now()
		f(n)
		times[i] = time.Since(start).Seconds() / float64(n)
	}
	slices.Sort(times)
	return times[runs/2]
}
