// Command worker makes calls with odd arguments. Command oddcalls builds it with a
// list of all that the library exports, starts it and watches it.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/wangkuiyi/gotorch/torch"
)

func main() {
	seed := flag.Uint64("seed", 1, "where the arguments come from")
	from := flag.Int("from", 0, "the first call")
	to := flag.Int("to", 0, "the call after the last")
	memory := flag.Uint64("memory", 0, "the limit of the address space in bytes")
	verbose := flag.Bool("v", false, "tell the arguments of each call")
	exclude := flag.String("exclude", "", "what not to call, with commas between")
	targetsOnly := flag.Bool("targets", false, "print what there is to call")
	flag.Parse()
	c := newCaller(strings.Split(*exclude, ","))
	out := bufio.NewWriter(os.NewFile(3, "parent"))
	c.verbose = *verbose
	c.tell = func(format string, args ...any) {
		fmt.Fprintf(out, format+"\n", args...)
		if out.Flush() != nil {
			os.Exit(1) // nobody reads any more
		}
	}
	if *targetsOnly {
		for _, t := range c.targets {
			c.tell("target\t%s", t.name)
		}
		return
	}
	torch.SetNumThreads(1)
	if *memory > 0 {
		limit := syscall.Rlimit{Cur: *memory, Max: *memory}
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		debug.SetMemoryLimit(1 << 30)
	}
	for i := *from; i < *to; i++ {
		c.call(*seed, i)
	}
}
