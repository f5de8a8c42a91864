package port

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

//go:embed verify.py
var verifyScript string

//go:embed verify_main.txt
var verifyMain string

// verifyTime is how long a program may run.
const verifyTime = 10 * time.Minute

// Comparison is what running the Python and the Go gave.
type Comparison struct {
	Rows []Row
}

// Row is the comparison of one module, or of what a program prints.
type Row struct {
	Name     string
	Parts    []Part
	Problem  string // why there is nothing to compare
	Differs  string // the first difference
	untested bool
}

// Part is one of the things that are compared.
type Part struct {
	Name         string
	Equal, Total int
}

// Equal reports whether nothing differs.
func (c *Comparison) Equal() bool {
	return !slices.ContainsFunc(c.Rows, func(r Row) bool { return !r.equal() })
}

func (r Row) equal() bool {
	if r.Problem != "" {
		return r.untested
	}
	return !slices.ContainsFunc(r.Parts, func(p Part) bool { return p.Equal != p.Total })
}

// Count returns how many rows are equal, of those that were compared.
func (c *Comparison) Count() (equal, tested int) {
	for _, r := range c.Rows {
		if r.untested {
			continue
		}
		tested++
		if r.equal() {
			equal++
		}
	}
	return equal, tested
}

// First returns the first difference.
func (c *Comparison) First() string {
	for _, r := range c.Rows {
		if !r.equal() {
			return r.Name + ": " + cmp.Or(r.Problem, r.Differs)
		}
	}
	return ""
}

// Parts returns what is equal, summed over the rows.
func (c *Comparison) Parts() string {
	var names []string
	totals := map[string]int{}
	for _, r := range c.Rows {
		for _, p := range r.Parts {
			if totals[p.Name] == 0 {
				names = append(names, p.Name)
			}
			totals[p.Name] += p.Equal
		}
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", totals[name], name)
	}
	return strings.Join(names, ", ")
}

// WriteTo writes a table.
func (c *Comparison) WriteTo(w io.Writer) (int64, error) {
	total := 0
	for _, r := range c.Rows {
		text := r.Name + ":"
		for _, p := range r.Parts {
			text += fmt.Sprintf(" %d of %d %s equal,", p.Equal, p.Total, p.Name)
		}
		if r.Problem != "" {
			text += " " + r.Problem
		}
		if r.Differs != "" {
			text += " first difference: " + r.Differs
		}
		n, err := fmt.Fprintln(w, strings.TrimSuffix(text, ","))
		total += n
		if err != nil {
			return int64(total), err
		}
	}
	return int64(total), nil
}

// Verify runs the Python files and their translation on the same seeds and inputs:
// programs print, modules compute. The Go is built in a folder within the working
// directory, whose module has to require gotorch.
func Verify(ctx context.Context, r *Result, paths []string, options ...Options) (*Comparison, error) {
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Python == "" {
		o.Python = "python3"
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	folder, err := os.MkdirTemp(".", "port-verify-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if r.Package == "main" && !o.Modules {
		row, err := r.printed(ctx, o, folder, paths[0])
		return &Comparison{[]Row{row}}, err
	}
	return r.computed(ctx, o, folder, paths[0])
}

// build compiles Go files of a folder.
func build(ctx context.Context, folder string, files map[string][]byte) (string, error) {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o666); err != nil {
			return "", err
		}
	}
	program, err := filepath.Abs(filepath.Join(folder, "program"))
	if err != nil {
		return "", err
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./"+folder).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, bytes.TrimSpace(out))
	}
	return program, nil
}

// output runs a command.
func output(ctx context.Context, input []byte, name string, arguments ...string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out, log := limited{stop: cancel}, limited{stop: cancel}
	c := exec.CommandContext(ctx, name, arguments...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &out, &log
	c.WaitDelay = time.Second
	err := c.Run()
	switch base := filepath.Base(name); {
	case out.full || log.full:
		return out.text.String(), fmt.Errorf("%s printed more than %d MB", base, mostOutput>>20)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return out.text.String(), fmt.Errorf("%s did not end within %v", base, verifyTime)
	case err != nil:
		return out.text.String(), fmt.Errorf("%s: %w: %s", base, err, firstLines(log.text.String()))
	}
	return out.text.String(), nil
}

// mostOutput is how much a program may print, in bytes.
const mostOutput = 64 << 20

// limited takes what a program prints, and stops one that prints too much.
type limited struct {
	text bytes.Buffer
	full bool
	stop func()
}

func (l *limited) Write(p []byte) (int, error) {
	if l.text.Len()+len(p) > mostOutput {
		l.full = true
		l.stop()
		return 0, errors.New("too much output")
	}
	return l.text.Write(p)
}

// firstLines returns what a program said, without what is far from its begin and end.
func firstLines(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 600 {
		text = text[:200] + " … " + text[len(text)-300:]
	}
	return strings.Join(strings.Fields(text), " ")
}

// printed compares what two programs print.
func (r *Result) printed(ctx context.Context, o Options, folder, path string) (Row, error) {
	row := Row{Name: filepath.Base(path)}
	want, err := output(ctx, nil, o.Python, append([]string{path}, o.Arguments...)...)
	code := exitCode(err)
	if err != nil && code <= 1 {
		row.Problem, row.untested = err.Error(), true
		return row, nil
	}
	program, err := build(ctx, folder, map[string][]byte{"main.go": r.Source})
	if err != nil {
		return row, err
	}
	got, err := output(ctx, nil, program, o.Arguments...)
	if err != nil && (exitCode(err) != code || code <= 1) {
		row.Problem = err.Error()
	} else if err == nil && code > 1 {
		row.Problem = fmt.Sprintf("Python's exit status is %d, Go's 0", code)
	}
	wanted, given := strings.Split(want, "\n"), strings.Split(got, "\n")
	part := Part{Name: "lines", Total: max(len(wanted), len(given)) - 1}
	for i := range part.Total {
		if i < len(wanted) && i < len(given) && wanted[i] == given[i] {
			part.Equal++
		} else if row.Differs == "" {
			row.Differs = fmt.Sprintf("line %d, %q, is %q in Go", i+1, at(wanted, i), at(given, i))
		}
	}
	row.Parts = []Part{part}
	return row, nil
}

// exitCode returns the status that a program ended with: 0, 1 for an exception, or one that
// it chose.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// trial is a module that is made and called in both languages.
type trial struct {
	Name   string   `json:"name"`
	Types  []string `json:"types"`
	Inputs int      `json:"inputs"`

	construct, results string
	whole              bool // it is the first that a function makes
}

// order puts a trial of a whole model before those of its parts.
func order(whole bool) int {
	if whole {
		return 0
	}
	return 1
}

// ran is what a trial gave.
type ran struct {
	Name, Error, DType    string
	Keys, Values, Outputs []string
	Shapes                [][]int
	Shape                 []int
	Gradients             map[string]string
}

// trials lists the modules that can be made without more knowledge: with plain
// arguments, or by functions with defaults.
func (p *program) trials() []trial {
	var list []trial
	for _, o := range p.order {
		switch o := o.(type) {
		case *class:
			if t, ok := p.trialOf(o, o.constructor(), nil); ok {
				list = append(list, t)
			}
		case *function:
			if c := p.classOf(o.result); c != nil && !strings.HasPrefix(o.python, "_") {
				if t, ok := p.trialOf(c, o, o); ok {
					t.whole = !slices.ContainsFunc(list, func(t trial) bool { return t.whole })
					list = append(list, t)
				}
			}
		}
	}
	return list
}

// trialOf returns how to make a class, by its constructor or another function.
func (p *program) trialOf(c *class, f, maker *function) (trial, bool) {
	forward := c.method("forward")
	if c.kind != moduleClass || forward == nil || forward.result == nil && !forward.returnsValue() {
		return trial{}, false
	}
	t := trial{Name: c.node.Name, construct: c.constructorName()}
	if maker != nil {
		t.Name, t.construct = maker.python, maker.goName
	}
	t.Types = []string{}
	var arguments []string
	if f != nil {
		w := &writer{program: p, source: f.source, fn: p.scope(f.source, f.node, nil)}
		for _, v := range f.params {
			if d := f.defaults[v]; d != nil {
				text, why := w.attempt(func() value {
					return value{text: w.coerce(w.settledFor(w.factoryFor(w.expression(d), v.typ), v.typ), v.typ)}
				})
				if why != nil {
					return trial{}, false
				}
				arguments = append(arguments, text.text)
				continue
			}
			if maker != nil || v.typ == nil {
				return trial{}, false
			}
			kind := typeText(v.typ)
			plainValues := map[string]string{"int": "8", "float64": "0.1", "bool": "false", "string": `"relu"`}
			if s := p.settingsOf(v.typ); s != nil {
				python, text, ok := s.sample()
				if !ok {
					return trial{}, false
				}
				t.Types = append(t.Types, python)
				arguments = append(arguments, text)
			} else if record := p.classOf(v.typ); record != nil && record.kind == dataClass {
				t.Types = append(t.Types, record.node.Name)
				made := "New" + record.goName + "()"
				if after := record.method("__post_init__"); after != nil {
					made = fmt.Sprintf("func() *%s {\nrecord := %s\nrecord.%s()\nreturn record\n}()", record.goName, made, after.goName)
				}
				arguments = append(arguments, made)
			} else if plainValues[kind] != "" {
				t.Types = append(t.Types, kind)
				arguments = append(arguments, plainValues[kind])
			} else {
				return trial{}, false
			}
		}
	}
	t.construct += "(" + strings.Join(arguments, ", ") + ")"
	var inputs []string
	for _, v := range forward.params {
		switch d := forward.defaults[v]; {
		case d == nil && p.isTensor(v.typ):
			inputs = append(inputs, fmt.Sprintf("x[%d]", t.Inputs))
			t.Inputs++
		case d != nil && d.Type == "NoneType":
			inputs = append(inputs, "nil")
		case d != nil && isLiteral(d):
			inputs = append(inputs, strings.ToLower(d.Constant))
		default:
			return trial{}, false
		}
	}
	switch result := forward.result.(type) {
	case *types.Tuple:
		names := make([]string, result.Len())
		for i := range names {
			names[i] = fmt.Sprintf("out%d", i)
		}
		t.results = fmt.Sprintf("%s := m.Forward(%s)\n\t\treturn flat(%[1]s)", strings.Join(names, ", "), strings.Join(inputs, ", "))
	default:
		t.results = fmt.Sprintf("return flat(m.Forward(%s))", strings.Join(inputs, ", "))
	}
	return t, t.Inputs > 0
}

// computed compares what modules compute.
func (r *Result) computed(ctx context.Context, o Options, folder, path string) (*Comparison, error) {
	trials, python := r.program.trials(), o.Python
	if o.Trials > 0 {
		slices.SortStableFunc(trials, func(a, b trial) int { return order(a.whole) - order(b.whole) })
		trials = trials[:min(o.Trials, len(trials))]
	}
	c := &Comparison{}
	if len(trials) == 0 {
		if _, err := build(ctx, folder, map[string][]byte{"port.go": r.Source}); err != nil {
			return nil, err
		}
		return &Comparison{[]Row{{Name: filepath.Base(path), Problem: "no module can be made without arguments", untested: true}}}, nil
	}
	input, err := json.Marshal(trials)
	if err != nil {
		return nil, err
	}
	text, err := output(ctx, input, python, "-c", verifyScript, path)
	if err != nil {
		return nil, err
	}
	var wanted []ran
	if err := json.Unmarshal([]byte(text), &wanted); err != nil {
		return nil, fmt.Errorf("%s: %w", python, err)
	}
	var cases strings.Builder
	for i, want := range wanted {
		if want.Error != "" {
			continue
		}
		fmt.Fprintf(&cases, "\ttry(%q, %q, %s, %d, func() nn.AnyModule { return %s }, func(module nn.AnyModule, x []*torch.Tensor) []*torch.Tensor {\n\t\tm := module.(%s)\n\t\t%s\n\t})\n",
			want.Name, want.DType, intList(want.Shape), trials[i].Inputs, trials[i].construct, trials[i].made(r.program), trials[i].results)
	}
	source := bytes.Replace(r.Source, []byte("\npackage "+r.Package+"\n"), []byte("\npackage main\n"), 1)
	source = bytes.Replace(source, []byte("\nfunc main() {\n"), []byte("\nfunc program() {\n"), 1)
	program, err := build(ctx, folder, map[string][]byte{"port.go": source, "main.go": []byte(strings.Replace(verifyMain, "\t// cases\n", cases.String(), 1))})
	if err != nil {
		return nil, err
	}
	text, err = output(ctx, nil, program)
	if err != nil {
		return nil, err
	}
	given := map[string]ran{}
	decoder := json.NewDecoder(strings.NewReader(text))
	for decoder.More() {
		var g ran
		if err := decoder.Decode(&g); err != nil {
			return nil, err
		}
		given[g.Name] = g
	}
	for _, want := range wanted {
		c.Rows = append(c.Rows, compared(want, given[want.Name]))
	}
	return c, nil
}

// made returns the type that a trial makes.
func (t trial) made(p *program) string {
	for _, c := range p.classes {
		if c.node.Name == t.Name {
			return "*" + c.goName
		}
	}
	if f := p.functions[t.Name]; f != nil {
		return typeText(f.result)
	}
	return "nn.AnyModule"
}

func intList(list []int) string {
	return strings.ReplaceAll(fmt.Sprintf("%#v", append([]int{}, list...)), "int(nil)", "int{}")
}

// compared compares what a module gave in both languages.
func compared(want, got ran) Row {
	row := Row{Name: want.Name}
	switch {
	case want.Error != "":
		row.Problem, row.untested = "Python: "+want.Error, true
		return row
	case got.Error != "":
		row.Problem = "Go: " + got.Error
	}
	count := func(name string, wanted, given []string) {
		part := Part{Name: name, Total: max(len(wanted), len(given))}
		for i := range wanted {
			if i < len(given) && wanted[i] == given[i] {
				part.Equal++
			} else if row.Differs == "" {
				row.Differs = fmt.Sprintf("%s %d of %s", name, i+1, want.Name)
			}
		}
		if part.Total > 0 {
			row.Parts = append(row.Parts, part)
		}
	}
	count("keys", want.Keys, got.Keys)
	count("shapes", texts(want.Shapes), texts(got.Shapes))
	count("initial values", want.Values, got.Values)
	count("outputs", want.Outputs, got.Outputs)
	var wanted, given []string
	for name, g := range want.Gradients {
		wanted, given = append(wanted, g), append(given, got.Gradients[name])
	}
	count("gradients", wanted, given)
	return row
}

func texts(list [][]int) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = fmt.Sprint(l)
	}
	return out
}
