// Command chaos has many goroutines do everything at once to tensors that they share:
// operators, closes, scopes, modes, graphs with hooks that fail, panic and end their
// goroutine, collections, loaders, files. It fails on a wrong value, on a panic that is
// not a *torch.Error, and where tensors are left; a crash ends it by itself. A hook that
// ends its goroutine leaves what libtorch's frames refer to, so the last quarter of the
// time is without, and must leave none.
//
//	go run ./internal/chaos -time 30s [-seed 1] [-goroutines 64] [-race]
//
// Each goroutine draws what it does from the seed, so a seed repeats what they do,
// though not in which order they come.
//
// What is not tried, since it is a race in libtorch, in Python as in Go: changing a
// tensor in place, its gradient or its hooks while another goroutine uses it.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func main() {
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "what is done")
	length := flag.Duration("time", 30*time.Second, "for how long")
	goroutines := flag.Int("goroutines", 64, "how many at a time")
	quit := flag.Bool("quit", true, "whether hooks end goroutines")
	only := flag.String("only", "", "the actions to do, with commas; all if empty")
	flag.Parse()
	if *only != "" {
		restrict(strings.Split(*only, ","))
	}
	fmt.Printf("chaos: -seed %d -time %v -goroutines %d; libtorch %s, %s\n", *seed, *length, *goroutines, torch.Version(), runtime.Version())
	w := &world{quitting: *quit}
	w.run(*seed, *goroutines, *length*3/4)
	before := torchtest.Settled()
	w.quitting = false
	w.run(*seed+1, *goroutines, *length/4)
	left := torchtest.Settled() - before
	fmt.Println(w.summary())
	if w.failed.Load() || left != 0 {
		fmt.Printf("chaos: FAILED, %d tensors left\n", left)
		os.Exit(1)
	}
	fmt.Printf("chaos: ok; %d goroutines that hooks ended left %d tensors; %d MB native memory at most\n",
		w.quit.Load(), before, cgotorch.PeakBytes()>>20)
}

// run does things for a while.
func (w *world) run(seed uint64, goroutines int, length time.Duration) {
	w.end = time.Now().Add(length)
	done := make(chan bool)
	go w.report(max(length/60, 10*time.Second), done)
	var wait sync.WaitGroup
	for i := range goroutines {
		wait.Go(func() { w.live(seed, uint64(i)) })
	}
	wait.Wait()
	close(done)
	w.forget()
}

// restrict leaves the actions of these names.
func restrict(names []string) {
	for i := range actions {
		if !slices.Contains(names, actions[i].name) {
			weights -= actions[i].weight
			actions[i].weight = 0
		}
	}
}

// world is what the goroutines share.
type world struct {
	end    time.Time
	failed atomic.Bool
	slots  [256]atomic.Pointer[item]
	counts [32]atomic.Int64 // of actions, in their order
	closed atomic.Int64     // errors for closed tensors
	errors atomic.Int64     // other errors

	quitting bool         // hooks end goroutines
	quit     atomic.Int64 // how many did
}

// item is a shared tensor, all of whose elements have one value.
type item struct {
	x     *torch.Tensor
	value float32
}

// report prints now and then that all is well.
func (w *world) report(every time.Duration, done chan bool) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			fmt.Printf("  %s; %d threads, %d MB\n", w.summary(), threads(), cgotorch.LiveBytes()>>20)
		}
	}
}

func (w *world) summary() string {
	var parts []string
	total := int64(0)
	for i, a := range actions {
		n := w.counts[i].Load()
		total += n
		parts = append(parts, fmt.Sprintf("%s %d", a.name, n))
	}
	sort.Strings(parts)
	return fmt.Sprintf("%d actions, %d met a closed tensor, %d other errors: %s", total, w.closed.Load(), w.errors.Load(), strings.Join(parts, ", "))
}

func (w *world) forget() {
	for i := range w.slots {
		w.slots[i].Store(nil)
	}
}

// fail notes a wrong value.
func (w *world) fail(format string, args ...any) {
	w.failed.Store(true)
	fmt.Printf("chaos: "+format+"\n", args...)
}

// actor is one goroutine, or the ones that take its place when it ends.
type actor struct {
	*world
	*rand.Rand
	depth int // of actions within actions
}

// source is a source of random numbers for an actor and the hooks that it registers,
// which other goroutines may call.
type source struct {
	sync.Mutex
	rand.PCG
}

func (s *source) Uint64() uint64 {
	s.Lock()
	defer s.Unlock()
	return s.PCG.Uint64()
}

// live does things at random. A goroutine that an action ended is followed by another.
func (w *world) live(seed, number uint64) {
	a := &actor{world: w, Rand: rand.New(&source{PCG: *rand.NewPCG(seed, number)})}
	for time.Now().Before(w.end) {
		done := make(chan bool)
		go func() {
			defer close(done)
			for time.Now().Before(w.end) {
				a.depth = 0
				a.act()
			}
		}()
		<-done
	}
}

// act does one thing.
func (a *actor) act() {
	i := a.choose()
	a.counts[i].Add(1)
	a.depth++
	defer func() { a.depth-- }()
	a.try(func() { actions[i].do(a) })
}

// choose draws an action; deep within others only one that does no others.
func (a *actor) choose() int {
	n := a.IntN(weights)
	i := 0
	for ; n >= actions[i].weight; i++ {
		n -= actions[i].weight
	}
	if actions[i].nests && a.depth > 3 {
		return 0
	}
	return i
}

// planned is what callbacks panic with.
type planned struct{}

// try calls f, and fails on a panic that neither is an error of torch's nor planned.
func (a *actor) try(f func()) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(planned); !ok {
				a.fail("panic: %v", v)
			}
		}
	}()
	err := torch.Try(f)
	e, _ := err.(*torch.Error) //nolint:errorlint // Try gives it as it is, or joined
	switch {
	case err == nil:
	case e != nil && e.Kind == torch.ClosedError:
		a.closed.Add(1)
	default:
		a.errors.Add(1)
	}
}

// pick returns one of the shared tensors, which anybody may close at any time.
func (a *actor) pick() *item {
	for {
		if it := a.slots[a.IntN(len(a.slots))].Load(); it != nil {
			return it
		}
		a.put(a.fresh())
	}
}

// fresh makes a tensor.
func (a *actor) fresh() *item {
	sizes := []int{1, 3, 10, 16, 200, 3000, 50_000}
	size := sizes[a.IntN(len(sizes))]
	if a.IntN(500) == 0 {
		size = 500_000
	}
	value := float32(a.IntN(100))
	return &item{torch.Full([]int{size}, value), value}
}

// put puts a tensor where others find it, and closes the one that was there, drops it or
// both.
func (a *actor) put(it *item) {
	old := a.slots[a.IntN(len(a.slots))].Swap(it)
	if old != nil && a.IntN(2) == 0 {
		old.x.Close()
	}
}

// check fails unless all elements have the value.
func (a *actor) check(what string, x *torch.Tensor, value float32) {
	for i, v := range torch.ToSlice[float32](x) {
		if v != value {
			a.fail("%s: element %d is %v, want %v", what, i, v, value)
			return
		}
	}
}

// threads returns how many threads the process has, on Linux.
func threads() int {
	entries, _ := os.ReadDir("/proc/self/task")
	return len(entries)
}
