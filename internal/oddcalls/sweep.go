package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// addressSpace is what a worker may have: libtorch and its threads take 2 GB of it.
const addressSpace = 6 << 30

// callsOfWorker is how many calls a worker makes before another one begins.
const callsOfWorker = 5000

// sweep is a run of many calls.
type sweep struct {
	seed        uint64
	from, calls int
	only        int // if not negative, the one call to make
	patience    time.Duration
	folder      string // for what the run needs and the calls write

	worker  string
	targets map[string]bool // whether it returned at least once, by name
	called  map[string]bool
	made    int
	defects map[string]*defect // by place and message
}

// defect is what calls must not do.
type defect struct {
	place, message string
	name, args     string // of the first call that did it
	index, times   int
}

// run makes the calls. Progress goes to out.
func (s *sweep) run(out io.Writer) error {
	s.targets, s.called, s.defects = map[string]bool{}, map[string]bool{}, map[string]*defect{}
	if err := s.build(); err != nil {
		return err
	}
	if _, err := s.work(out, "-targets"); err != nil {
		return err
	}
	next, end := s.from, s.from+s.calls
	if s.only >= 0 {
		next, end = s.only, s.only+1
	}
	s.made = end - next
	for next < end {
		to := min(next+callsOfWorker, end)
		died, err := s.work(out, "-seed", fmt.Sprint(s.seed), "-from", fmt.Sprint(next), "-to", fmt.Sprint(to),
			"-memory", fmt.Sprint(addressSpace), "-v="+fmt.Sprint(s.only >= 0))
		if err != nil {
			return err
		}
		next = to
		if died != nil {
			s.add(out, *died)
			next = died.index + 1
		}
	}
	return nil
}

// build makes the worker, with the list of what there is.
func (s *sweep) build() error {
	packages, err := list()
	if err != nil {
		return err
	}
	text, err := source(packages)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(packages, func(p listed) bool { return p.ImportPath == workerPath })
	made := filepath.Join(s.folder, "library.go")
	if err := os.WriteFile(made, []byte(text), 0o644); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(packages[i].Dir, "library.go"): made}})
	if err != nil {
		return err
	}
	overlayFile := filepath.Join(s.folder, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o644); err != nil {
		return err
	}
	s.worker = filepath.Join(s.folder, "worker")
	command := exec.Command("go", "build", "-overlay", overlayFile, "-o", s.worker, workerPath)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}

// work starts a worker, reads what it tells, and stops it where a call takes too long.
// It returns the defect of which the worker died, or nil.
func (s *sweep) work(out io.Writer, args ...string) (died *defect, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	command := exec.Command(s.worker, append(args, "-exclude", strings.Join(slices.Sorted(maps.Keys(excluded)), ","))...)
	command.Dir = filepath.Join(s.folder, "files")
	if err := os.MkdirAll(command.Dir, 0o755); err != nil {
		return nil, err
	}
	var stderr tail
	command.ExtraFiles, command.Stderr = []*os.File{w}, &stderr
	command.Env = append(os.Environ(), "HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "OMP_NUM_THREADS=1")
	if err := command.Start(); err != nil {
		return nil, err
	}
	w.Close()
	var slow atomic.Bool
	watchdog := time.AfterFunc(s.patience, func() {
		slow.Store(true)
		_ = command.Process.Kill()
	})
	now := defect{index: -1}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if index, _ := strconv.Atoi(fields[1]); fields[0] == "at" && index != now.index {
			watchdog.Reset(s.patience)
			now.index = index
		}
		s.hear(out, fields, &now)
	}
	err = command.Wait()
	watchdog.Stop()
	switch {
	case slow.Load():
		now.message = fmt.Sprintf("takes more than %v", s.patience)
	case err == nil:
		return nil, lines.Err()
	default:
		now.message, now.args = "the process dies: "+err.Error(), stderr.String()
	}
	if now.index < 0 {
		return nil, fmt.Errorf("the worker made no call: %s", now.message)
	}
	now.place = now.name
	return &now, nil
}

// hear takes in what a worker tells: a line, cut at its tabs. What it does goes to now.
func (s *sweep) hear(out io.Writer, fields []string, now *defect) {
	switch fields[0] {
	case "target":
		s.targets[fields[1]] = false
	case "at":
		now.name = fields[2]
		if _, ok := s.targets[now.name]; ok {
			s.called[now.name] = true
		}
	case "args", "slow":
		fmt.Fprintln(out, strings.Join(fields, " "))
	case "ok":
		if _, ok := s.targets[fields[1]]; ok {
			s.targets[fields[1]] = true
		}
	case "defect":
		index, _ := strconv.Atoi(fields[1])
		s.add(out, defect{index: index, name: fields[2], place: fields[3], message: fields[4], args: fields[5]})
	}
}

// add counts a defect, and tells of it when it is new.
func (s *sweep) add(out io.Writer, d defect) {
	key := d.place + "\t" + d.message
	if known, ok := s.defects[key]; ok {
		known.times++
		return
	}
	d.times = 1
	s.defects[key] = &d
	fmt.Fprintf(out, "%d\t%s\t%s\t%s\n\t%s\n", d.index, d.place, d.message, d.name, d.args)
}

// report says what came out.
func (s *sweep) report() string {
	var out strings.Builder
	reached := 0
	for _, ok := range s.targets {
		if ok {
			reached++
		}
	}
	fmt.Fprintf(&out, "seed %d, %d calls: of %d functions and methods %d were called and %d returned, %d defects\n",
		s.seed, s.made, len(s.targets), len(s.called), reached, len(s.defects))
	for _, d := range slices.SortedFunc(maps.Values(s.defects), func(a, b *defect) int { return cmp.Compare(a.place, b.place) }) {
		fmt.Fprintf(&out, "%4d times: %s: %s (call %d of %s %.300s)\n", d.times, d.place, d.message, d.index, d.name, d.args)
	}
	return out.String()
}

// tail keeps what a dying worker writes: up to some length, after what warns.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	if t.Len() < 1<<20 {
		t.Buffer.Write(p)
	}
	return len(p), nil
}

// String returns why a worker died, and the library's functions on the way there.
func (t *tail) String() string {
	text := t.Buffer.String()
	start := len(text)
	for _, begin := range []string{"SIG", "fatal error:", "panic:", "runtime:", "terminate called", "unexpected fault"} {
		if i := strings.Index(text, begin); i >= 0 {
			start = min(start, i)
		}
	}
	if start == len(text) {
		return text[max(0, len(text)-500):]
	}
	first, rest, _ := strings.Cut(text[start:], "\n")
	for line := range strings.SplitSeq(rest, "\n") {
		if strings.HasPrefix(line, "\t") && strings.Contains(line, "/torch/") || strings.HasPrefix(line, "fatal error") || strings.HasPrefix(line, "\t") && strings.Contains(line, "/cgotorch/") {
			first += " | " + strings.TrimSpace(line)
		}
		if len(first) > 1500 {
			break
		}
	}
	return first
}
