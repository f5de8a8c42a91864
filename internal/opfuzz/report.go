package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// inPython returns a call in Python.
func inPython(op string, seed uint64, number int) (string, error) {
	p, err := callOf(op, seed, number)
	return fmt.Sprintf("torch.manual_seed(%d)\n%v", number, p), err
}

// again prints a call and makes it here.
func again(op string, seed uint64, number int) error {
	source, err := inPython(op, seed, number)
	if err != nil {
		return err
	}
	fmt.Print(source)
	results, err := makeCall(op, seed, number)
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

// sharedCalls returns the calls of the list.
func sharedCalls(list map[string]listed) []death {
	var calls []death
	for _, name := range slices.Sorted(maps.Keys(list)) {
		l := list[name]
		calls = append(calls, death{Op: name, Seed: l.seed, From: l.from, Call: l.call, How: l.how})
	}
	return calls
}

// writeDeaths writes calls for scripts/same_crash.py.
func writeDeaths(path string, deaths []death) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := json.NewEncoder(file)
	for _, d := range deaths {
		for number := d.From; number <= d.Call; number++ {
			source, err := inPython(d.Op, d.Seed, number)
			if err != nil {
				return err
			}
			d.Python = append(d.Python, source)
		}
		if err := out.Encode(d); err != nil {
			return err
		}
	}
	return file.Close()
}

// printIdle prints the operators that gave no results, each with an error.
func (t *tally) printIdle(out io.Writer) {
	for _, name := range slices.Sorted(maps.Keys(t.Refused)) {
		if !t.Gave[name] {
			fmt.Fprintf(out, "no results of %s: %s\n", name, t.Refused[name])
		}
	}
}

// report prints what happened, and fails if that must not be.
func (t *tally) report(out io.Writer, operators int, list map[string]listed, took time.Duration) error {
	fmt.Fprintf(out, "%d calls of %d operators in %v, %.0f a second\n", t.Outcomes[begins], operators, took.Round(time.Second), float64(t.Outcomes[begins])/took.Seconds())
	fmt.Fprintf(out, "%d gave results, of %d operators; %d gave an error; of %d the arguments could not be made\n",
		t.Outcomes[gave], len(t.Gave), t.Outcomes[refused], t.Outcomes[unmade])
	for _, why := range slices.Sorted(maps.Keys(t.Unmade)) {
		fmt.Fprintf(out, "  %d: %s\n", t.Unmade[why], why)
	}
	covered, bad := map[string]int{}, 0
	for _, d := range t.Deaths {
		if l, ok := list[d.Op]; ok && l.covers(d) {
			covered[d.Op]++
			continue
		}
		bad++
		line, _, _ := strings.Cut(d.Text, "\n")
		fmt.Fprintf(out, "DEATH of %s: -seed %d -op %s -call %d (again: %s): %s\n", d.How, d.Seed, d.Op, d.Call, d.Again, line)
	}
	fmt.Fprintf(out, "%d deaths that Python shares, of %d operators\n", len(t.Deaths)-bad, len(covered))
	for _, name := range slices.Sorted(maps.Keys(covered)) {
		fmt.Fprintf(out, "  %d %s\n", covered[name], name)
	}
	if bad > 0 {
		return fmt.Errorf("%d deaths that are not listed", bad)
	}
	return nil
}
