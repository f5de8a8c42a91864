package main

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// listed is a crash that Python has too.
type listed struct {
	op, how string // a signal, "time-out", or both as "SIGSEGV,time-out"
	seed    uint64
	from    int // of the calls of that seed that end Python, as scripts/same_crash.py shows
	call    int // the last of them
	why     string
}

//go:embed shared_crashes.txt
var sharedText string

// excluded are operators that are not called, and why.
var excluded = map[string]string{
	"aten::from_file":     "it makes files",
	"aten::from_file.out": "it makes files",
}

// parseShared reads the list: a line for each operator, with its name, how it dies,
// a call as SEED/NUMBER, or calls as SEED/NUMBER-NUMBER, and the reason.
func parseShared(text string) (map[string]listed, error) {
	list := map[string]listed{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return nil, fmt.Errorf("not a crash: %q", line)
		}
		first, second, _ := strings.Cut(fields[2], "/")
		seed, err := strconv.ParseUint(first, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		first, second, several := strings.Cut(second, "-")
		from, err := strconv.Atoi(first)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		call := from
		if several {
			if call, err = strconv.Atoi(second); err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
		}
		if _, ok := list[fields[0]]; ok {
			return nil, fmt.Errorf("%s is listed twice", fields[0])
		}
		list[fields[0]] = listed{fields[0], fields[1], seed, from, call, strings.Join(fields[3:], " ")}
	}
	return list, nil
}

// covers reports whether a death is one of those that Python has. One kind of
// damage to memory ends in one signal or another.
func (l listed) covers(d death) bool {
	if l.op != d.Op {
		return false
	}
	signal, _, _ := strings.Cut(l.how, ",")
	return d.How == late && strings.HasSuffix(l.how, late) || strings.HasPrefix(d.How, "SIG") && signal != late
}
