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
// The calls are made in processes of their own, with OMP_NUM_THREADS=1 and 8 GB of
// address space. Listed operators do not share a process with others, since the
// harm that they do to memory may show later. After a death another process goes
// on with the next call, and one more repeats the fatal one alone.
//
// To list a crash, show that Python has it:
//
//	go run ./internal/opfuzz -calls 500000 -deaths build/deaths.json
//	python3 scripts/same_crash.py build/deaths.json
//
// The script makes each call in a process of its own and says how it ends. With
// -shared opfuzz prints the calls of the list for the script.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/schema"
	"github.com/wangkuiyi/gotorch/torch"
)

func main() {
	log.SetFlags(0)
	if os.Getenv(workerEnv) != "" {
		if err := obey(os.Stdin, os.NewFile(3, "events")); err != nil {
			log.Fatal(err)
		}
		return
	}
	calls := flag.Int("calls", 10_000, "how many calls to make, as many of each operator")
	seed := flag.Uint64("seed", 1, "what the arguments are drawn from")
	op := flag.String("op", "", "only these operators, separated by commas")
	call := flag.Int("call", -1, "make this call of -op only, here")
	workers := flag.Int("workers", 2, "how many processes call at a time")
	deaths := flag.String("deaths", "", "write the fatal calls to this `file` for scripts/same_crash.py")
	shared := flag.Bool("shared", false, "print the calls of the list for scripts/same_crash.py")
	verbose := flag.Bool("v", false, "also print the operators that gave no results, with an error")
	flag.Parse()
	if err := run(*calls, *seed, *op, *call, *workers, *deaths, *shared, *verbose); err != nil {
		log.Fatal("opfuzz: ", err)
	}
}

func run(calls int, seed uint64, op string, call, workers int, deaths string, shared, verbose bool) error {
	list, err := parseShared(sharedText)
	if err != nil {
		return err
	}
	switch {
	case shared:
		return printShared(list)
	case call >= 0:
		return again(op, seed, call)
	}
	names, err := operators(op)
	if err != nil {
		return err
	}
	f := &fleet{seed: seed, workers: workers, command: func() *exec.Cmd { return exec.Command(os.Args[0]) }}
	start := time.Now()
	if err := f.run(plan(names, calls, list, rand.New(rand.NewPCG(seed, 0)))); err != nil {
		return err
	}
	for i := range f.tally.Deaths {
		d := &f.tally.Deaths[i]
		if d.Python, err = inPython(d.Op, d.Seed, d.Call); err != nil {
			return err
		}
	}
	if deaths != "" {
		if err := writeDeaths(deaths, f.tally.Deaths); err != nil {
			return err
		}
	}
	if verbose {
		f.tally.printIdle()
	}
	return f.tally.report(len(names), list, time.Since(start))
}

// operators returns the names of those to be called.
func operators(only string) ([]string, error) {
	if only != "" {
		return strings.Split(only, ","), nil
	}
	schemas, err := cgotorch.Schemas()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, text := range schemas {
		name, _, _ := strings.Cut(text, "(")
		if excluded[name] == "" {
			names = append(names, name)
		}
	}
	return names, nil
}

// plan spreads calls evenly over operators, and these over batches of some thousand
// calls, in an order of r's. Listed operators are in batches of their own.
func plan(names []string, calls int, list map[string]listed, r *rand.Rand) (batches [][]work) {
	const size = 4000
	names = slices.Clone(names)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var batch, fragile []work
	full := func(b []work) bool { return len(b) > 0 && len(b)*(b[0].To+1) >= size }
	for i, name := range names {
		w := work{name, 0, calls / len(names)}
		if i < calls%len(names) {
			w.To++
		}
		to := &batch
		if _, ok := list[name]; ok {
			to = &fragile
		}
		if *to = append(*to, w); full(*to) {
			batches = append(batches, *to)
			*to = nil
		}
	}
	for _, rest := range [][]work{batch, fragile} {
		if len(rest) > 0 {
			batches = append(batches, rest)
		}
	}
	return batches
}

// inPython returns a call in Python.
func inPython(name string, seed uint64, call int) (string, error) {
	op, err := operator(name)
	if err != nil {
		return "", err
	}
	parsed, err := schema.Parse(op.Schema())
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("torch.manual_seed(%d)\n%v", call, randomCall(parsed, seed, call)), nil
}

// again prints a call and makes it here.
func again(name string, seed uint64, call int) error {
	source, err := inPython(name, seed, call)
	if err != nil {
		return err
	}
	fmt.Print(source)
	op, err := operator(name)
	if err != nil {
		return err
	}
	parsed, err := schema.Parse(op.Schema())
	if err != nil {
		return err
	}
	results, err := makeCall(parsed, seed, call)
	if err != nil {
		fmt.Println("error:", err)
		return nil
	}
	for _, result := range results {
		if x, ok := result.(*torch.Tensor); ok && x != nil {
			fmt.Println("result:", x.DType(), x.Shape())
		} else {
			fmt.Printf("result: %v\n", result)
		}
	}
	return nil
}

// printShared writes the calls of the list to standard output.
func printShared(list map[string]listed) error {
	out := json.NewEncoder(os.Stdout)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		l := list[name]
		source, err := inPython(name, l.seed, l.call)
		if err != nil {
			return err
		}
		if err := out.Encode(death{Op: name, Seed: l.seed, Call: l.call, How: l.how, Python: source}); err != nil {
			return err
		}
	}
	return nil
}

func writeDeaths(path string, deaths []death) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := json.NewEncoder(file)
	for _, d := range deaths {
		if err := out.Encode(d); err != nil {
			return err
		}
	}
	return file.Close()
}

// printIdle prints the operators that gave no results, each with an error.
func (t *tally) printIdle() {
	for _, name := range slices.Sorted(maps.Keys(t.Refused)) {
		if !t.Gave[name] {
			fmt.Printf("no results of %s: %s\n", name, t.Refused[name])
		}
	}
}

// report prints what happened, and fails if that must not be.
func (t *tally) report(operators int, list map[string]listed, took time.Duration) error {
	fmt.Printf("%d calls of %d operators in %v, %.0f a second\n", t.Calls, operators, took.Round(time.Second), float64(t.Calls)/took.Seconds())
	fmt.Printf("%d gave results, of %d operators; %d gave an error; of %d the arguments could not be made\n",
		t.Outcomes[gave], len(t.Gave), t.Outcomes[refused], t.Outcomes[unmade])
	for _, why := range slices.Sorted(maps.Keys(t.Unmade)) {
		fmt.Printf("  %d: %s\n", t.Unmade[why], why)
	}
	covered, bad := map[string]int{}, 0
	for _, d := range t.Deaths {
		if l, ok := list[d.Op]; ok && l.covers(d) {
			covered[d.Op]++
			continue
		}
		bad++
		line, _, _ := strings.Cut(d.Text, "\n")
		fmt.Printf("DEATH of %s: -seed %d -op %s -call %d (alone: %t): %s\n", d.How, d.Seed, d.Op, d.Call, d.Alone, line)
	}
	fmt.Printf("%d deaths that Python shares, of %d operators\n", len(t.Deaths)-bad, len(covered))
	for _, name := range slices.Sorted(maps.Keys(covered)) {
		fmt.Printf("  %d %s\n", covered[name], name)
	}
	if bad > 0 {
		return fmt.Errorf("%d deaths that are not listed", bad)
	}
	return nil
}
