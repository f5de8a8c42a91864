// Command oddcalls calls all that the library exports with odd arguments: tensors of
// odd shapes and dtypes, nil, closed ones, numbers that are too small or too large,
// short lists, functions that return nil. What is called must return, or panic with a
// *torch.Error; any other panic, a panic where an error can be returned, and the death
// of the process are defects.
//
//	go run ./internal/oddcalls -seed 1 -calls 100000
//
// The arguments of a call follow from the seed and its number, so that -only repeats
// one.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	var s sweep
	flag.Uint64Var(&s.seed, "seed", 1, "where the arguments come from")
	flag.IntVar(&s.calls, "calls", 20000, "how many calls to make")
	flag.IntVar(&s.from, "from", 0, "the number of the first call")
	flag.IntVar(&s.only, "only", -1, "make only the call of this number, and show its arguments")
	flag.DurationVar(&s.patience, "patience", time.Minute, "how long a call may take")
	flag.Parse()
	err := run(&s)
	if err != nil {
		fmt.Fprintln(os.Stderr, "oddcalls:", err)
	}
	if err != nil || len(s.defects) > 0 {
		os.Exit(1)
	}
}

// run makes the calls of s in a folder of their own, and prints what came out.
func run(s *sweep) error {
	folder, err := os.MkdirTemp("", "oddcalls")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s.folder = folder
	if err := s.run(os.Stdout); err != nil {
		return err
	}
	fmt.Print(s.report())
	return nil
}
