// Command opfuzz calls every operator that libtorch registers with random
// arguments, by [torch.OpOverload.Call], and looks who dies.
//
//	go run ./internal/opfuzz -calls 500000 -seed 1
//
// A call must give results or an error. It must not panic, end the process or take
// longer than 20 s, unless Python does so on the same call: shared_crashes.txt lists
// the operators of which that is known. Deaths that are not listed, and panics,
// make opfuzz exit with 1. It prints each, and how to repeat it:
//
//	go run ./internal/opfuzz -seed 1 -op aten::add.Tensor -call 7
//
// prints the call in Python and makes it in this process. The same seed, operator
// and number make the same call, whichever others are made.
//
// The calls are made in processes of their own, with OMP_NUM_THREADS=1 and 4 GB of
// address space. Listed operators do not share a process with others, since the
// harm that they do to memory may show later. After a death another process goes
// on with the next call. If it is not listed, one more repeats the call alone.
//
// To list a crash, show that Python has it:
//
//	go run ./internal/opfuzz -calls 500000 -deaths build/deaths.json
//	python3 scripts/same_crash.py build/deaths.json
//
// The script makes each call in a process of its own and says how it ends. With
// -shared opfuzz makes no calls and writes those of the list to the file.
package main

import (
	"context"
	"flag"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// options are those of the command line.
type options struct {
	calls, call, workers int
	seed                 uint64
	op, deaths           string
	shared, idle         bool
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("opfuzz: ")
	if os.Getenv(workerEnv) != "" {
		if err := serve(); err != nil {
			log.Fatal(err)
		}
		return
	}
	var o options
	flag.IntVar(&o.calls, "calls", 10_000, "how many calls to make, as many of each operator")
	flag.Uint64Var(&o.seed, "seed", 1, "what the arguments are drawn from")
	flag.StringVar(&o.op, "op", "", "only these operators, separated by commas")
	flag.IntVar(&o.call, "call", -1, "make this call of -op only, here")
	flag.IntVar(&o.workers, "workers", 2, "how many processes call at a time")
	flag.StringVar(&o.deaths, "deaths", "", "write the fatal calls to this `file` for scripts/same_crash.py")
	flag.BoolVar(&o.shared, "shared", false, "write the calls of the list to the file of -deaths, and make none")
	flag.BoolVar(&o.idle, "idle", false, "also print the operators that gave no results, with an error")
	flag.Parse()
	if err := run(o); err != nil {
		log.Fatal(err)
	}
}

// memory is the address space that a process which makes calls may have.
const memory = 4 << 30

// serve makes the calls that another process orders.
func serve() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
		return err
	}
	return obey(os.Stdin, os.NewFile(3, "events"), tryCall)
}

func run(o options) error {
	list, err := parseShared(sharedText)
	if err != nil {
		return err
	}
	switch {
	case o.shared:
		return writeDeaths(o.deaths, sharedCalls(list))
	case o.call >= 0:
		return again(o.op, o.seed, o.call)
	}
	names, err := operators(o.op)
	if err != nil {
		return err
	}
	worker := func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, os.Args[0]) }
	f := &fleet{seed: o.seed, workers: o.workers, list: list, patience: patience, command: worker}
	start := time.Now()
	if err := f.run(plan(names, o.calls, list, rand.New(rand.NewPCG(o.seed, 0)))); err != nil {
		return err
	}
	took := time.Since(start)
	if o.deaths != "" {
		if err := writeDeaths(o.deaths, f.tally.Deaths); err != nil {
			return err
		}
	}
	if o.idle {
		f.tally.printIdle(os.Stdout)
	}
	return f.tally.report(os.Stdout, len(names), list, took)
}
