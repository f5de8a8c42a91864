// Command bench does the same work in Go, in C++ and, where there is a Python
// with torch, in Python, on the same libtorch, and prints how the times and the
// memory compare:
//
//	go run ./bench [-rounds 5] [-only epoch] [-threads 2] [-python PATH] [-quick]
//
// README.md says what is measured and how to read the table.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

type settings struct {
	rounds, threads int
	only            string
	python, build   string
	quick           bool
}

func main() {
	var s settings
	flag.IntVar(&s.rounds, "rounds", 5, "how often each language does each benchmark")
	flag.IntVar(&s.threads, "threads", runtime.NumCPU(), "libtorch's threads, the same in all languages")
	flag.StringVar(&s.only, "only", "", "the Go names of benchmarks to do, with commas; all if empty")
	flag.StringVar(&s.python, "python", "", "the Python to compare with; default: $PYTHON or python3")
	flag.StringVar(&s.build, "build", "", "keep the built programs in this folder; default: a temporary one")
	flag.BoolVar(&s.quick, "quick", false, "one round of less work, to see that all runs; not to be reported")
	flag.Parse()
	if s.quick {
		s.rounds = 1
	}
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (s settings) run() error {
	rows, err := choose(rows, s.only)
	if err != nil {
		return err
	}
	libtorch, err := cgotorch.Find()
	if err != nil {
		return err
	}
	dir := s.build
	if dir == "" {
		if dir, err = os.MkdirTemp("", "gotorch-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	programs, err := s.programs(dir, libtorch)
	if err != nil {
		return err
	}
	if rows, err = prepareExports(rows, &programs, dir); err != nil {
		return err
	}
	before := load()
	results, err := s.measure(groups(rows), programs)
	if err != nil {
		return err
	}
	fmt.Println(s.heading(results, before))
	fmt.Print(table(rows, results))
	for _, text := range differences(rows, results) {
		fmt.Println("\nNote: " + text)
	}
	return nil
}

// choose returns the rows whose Go benchmark is in only, a list with commas.
func choose(rows []row, only string) ([]row, error) {
	if only == "" {
		return rows, nil
	}
	var chosen []row
	for name := range strings.SplitSeq(only, ",") {
		n := len(chosen)
		for _, r := range rows {
			if r.goName == name {
				chosen = append(chosen, r)
			}
		}
		if len(chosen) == n {
			return nil, fmt.Errorf("no benchmark %q; there are %s", name, strings.Join(names(rows), ", "))
		}
	}
	return chosen, nil
}

func names(rows []row) []string {
	var list []string
	for _, r := range rows {
		if !slices.Contains(list, r.goName) {
			list = append(list, r.goName)
		}
	}
	return list
}

// programs builds, in dir, or finds the program of each language.
func (s settings) programs(dir string, libtorch cgotorch.Installation) (list [languages]program, err error) {
	source, err := sourceDir()
	if err != nil {
		return list, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return list, err
	}
	fmt.Fprintln(os.Stderr, "building ...")
	if list[inGo], err = buildGo(dir); err != nil {
		return list, err
	}
	optional := func(l language, p program, err error) error {
		if errors.Is(err, errNoProgram) {
			fmt.Fprintln(os.Stderr, err)
			return nil
		}
		list[l] = p
		return err
	}
	p, err := buildCpp(source, dir, libtorch)
	if err := optional(inCpp, p, err); err != nil {
		return list, err
	}
	p, err = findPython(source, s.python)
	return list, optional(inPython, p, err)
}

// measure runs all benchmarks, the languages in turn, round by round. What is
// compared runs side by side, after one start of each program that does not count.
func (s settings) measure(groups []group, programs [languages]program) (samples, error) {
	results := newSamples()
	for l := range languages {
		if programs[l] == nil {
			continue
		}
		if _, err := programs[l].run("startup", s.threads, s.quick); err != nil {
			return results, err
		}
	}
	for i, g := range groups {
		for round := range s.rounds {
			fmt.Fprintf(os.Stderr, "\r%d/%d %-20s round %d/%d ", i+1, len(groups), g[inGo][0], round+1, s.rounds)
			for l := range languages {
				if programs[l] == nil {
					continue
				}
				for _, name := range g[l] {
					sample, err := programs[l].run(name, s.threads, s.quick)
					if err != nil {
						return results, err
					}
					results[l][name] = append(results[l][name], sample)
				}
			}
		}
	}
	fmt.Fprintln(os.Stderr)
	return results, nil
}

// heading says on what machine, when and with what the table was made.
func (s settings) heading(results samples, before string) string {
	var versions []string
	for l := range languages {
		for _, list := range results[l] {
			versions = append(versions, fmt.Sprintf("%v: torch %s", l, list[0].Torch))
			break
		}
	}
	text := fmt.Sprintf("%s, %s/%s, %s, %d cores, %d threads, %s; %s; median (range) of %d rounds; load %s before, %s after.\n",
		time.Now().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, cpu(), runtime.NumCPU(), s.threads,
		runtime.Version(), strings.Join(versions, ", "), s.rounds, before, load())
	if s.quick {
		text += "\n**-quick: not to be reported.**\n"
	}
	return text
}

// cpu returns the processor's name, as far as the system tells.
func cpu() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// load returns how many processes were running or waiting in the last minute.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(data))[0]
}
