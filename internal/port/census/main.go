// Command census ports a corpus of Python files, builds and runs what it made, and
// writes a table.
//
//	go run ./internal/port/census -python python3 -o docs/port-census.md FILE.py...
//
// With -only it does the files anew whose names match, and keeps the other rows of the table;
// with -compare=false it runs none.
//
// It runs in the root of this repository, for "make port-census".
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/port"
)

// fileTime is how long one file may take.
const fileTime = 3 * time.Minute

func main() {
	trials := flag.Int("trials", 2, "how many modules of each of torchvision's files to run")
	python := flag.String("python", "python3", "a Python with torch and torchvision")
	target := flag.String("o", "docs/port-census.md", "the table to write")
	list := flag.String("list", "internal/port/testdata/torchvision.txt", "the checksums of torchvision's files")
	only := flag.String("only", "", "the `files` to do anew, a pattern; the others keep their rows")
	compare := flag.Bool("compare", true, "run both languages and compare")
	flag.Parse()
	pattern, err := regexp.Compile(*only)
	if err == nil {
		c := census{python: *python, target: *target, only: pattern, compare: *compare}
		err = c.run(context.Background(), *list, *trials, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "census:", err)
		os.Exit(1)
	}
}

// census is how the table is made.
type census struct {
	python, target string
	only           *regexp.Regexp
	compare        bool
}

// arguments are those that programs are run with.
var arguments = map[string][]string{
	"examples/mnist/train.py": {"-epochs", "1", digitsFolder},
	"examples/cnn/cnn.py":     {"random"}, "examples/vae/vae.py": {"random"}, "examples/gpt/train.py": {"--steps", "2", "--every", "1", "--sample", "20"},
}

// modules are the programs of which the modules are compared: they read files that the
// census does not have.
var modules = map[string]bool{"examples/embed/embed.py": true, "examples/chat/chat.py": true}

// row is one of the table.
type row struct {
	name                   string
	statements, translated int
	compiles, compared     string
}

func (r row) String() string {
	return fmt.Sprintf("| %s | %d | %d | %s | %s |", r.name, r.statements, r.translated, r.compiles, r.compared)
}

// readRows returns the rows that a table has, by their names.
func readRows(path string) map[string]row {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // the first one
	}
	rows := map[string]row{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) < 5 {
			continue
		}
		r := row{name: strings.TrimPrefix(cells[0], "| "), compiles: cells[3], compared: strings.TrimSuffix(strings.Join(cells[4:], " | "), " |")}
		if _, err := fmt.Sscan(cells[1]+" "+cells[2], &r.statements, &r.translated); err == nil {
			rows[r.name] = r
		}
	}
	return rows
}

// total sums up the files of a kind.
type total struct{ files, statements, translated, compiled, whole, equal, different, untested int }

func (t *total) add(r row) {
	t.files++
	t.statements += r.statements
	t.translated += r.translated
	if r.compiles == "yes" {
		t.compiled++
		if r.statements == r.translated {
			t.whole++
		}
	}
	switch {
	case strings.HasPrefix(r.compared, "equal"):
		t.equal++
	case strings.Contains(r.compared, " equal; "):
		t.different++
	default:
		t.untested++
	}
}

func (c census) run(ctx context.Context, list string, trials int, own []string) error {
	if err := writeDigits(digitsFolder); err != nil {
		return err
	}
	defer os.RemoveAll(digitsFolder)
	others, err := torchvision(ctx, c.python, list)
	if err != nil {
		return err
	}
	old := readRows(c.target)
	var out bytes.Buffer
	fmt.Fprint(&out, `# What gotorch port translates

Made by `+"`make port-census`"+`. Statements are Python's; a file compiles if "go build" builds what was made of it, as it is; and
what is equal was equal bit for bit: the lines that a program prints, or the names, shapes and initial values of a module's
parameters, its outputs and its gradients. "untested" is what needs arguments or inputs that the census does not know. What
is left out with a note in the report, such as torchvision's weights by URL, does not count as a statement that is to do.
`)
	for _, part := range []struct {
		title string
		paths []string
		limit int
	}{{"Programs and models of the size of a tutorial, and the examples of this repository", own, 1000}, {"torchvision's models", others, trials}} {
		var sum total
		var again []string
		for _, path := range part.paths {
			if _, done := old[nameOf(path)]; !done || c.only.MatchString(nameOf(path)) {
				again = append(again, path)
			}
		}
		ported, err := c.portAll(ctx, again)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n## %s\n\n| file | statements | translated | compiles | compared |\n|---|---|---|---|---|\n", part.title)
		for _, path := range part.paths {
			r := old[nameOf(path)]
			if f, ok := ported[path]; ok {
				r = f.row(ctx, c, part.limit)
			}
			sum.add(r)
			fmt.Fprintln(&out, r)
			fmt.Fprintln(os.Stderr, r)
		}
		fmt.Fprintf(&out, "\n%d files: %d of %d statements (%.1f %%) are translated; of %d files (%.0f %%) all is, and compiles. %d are equal in all that was compared, %d differ, %d were not compared.\n",
			sum.files, sum.translated, sum.statements, 100*float64(sum.translated)/float64(sum.statements), sum.whole, 100*float64(sum.whole)/float64(sum.files),
			sum.equal, sum.different, sum.untested)
	}
	return os.WriteFile(c.target, out.Bytes(), 0o666)
}

// nameOf returns what the table calls a file: its name, and for an example its folder, too.
func nameOf(path string) string {
	if name, ok := strings.CutPrefix(filepath.ToSlash(path), "examples/"); ok {
		return name
	}
	return filepath.Base(path)
}

// portedFile is a file that was translated and built.
type portedFile struct {
	path   string
	result *port.Result
	err    error // of the translation
	builds bool
}

// portAll translates files and builds all that was made of them at once.
func (c census) portAll(ctx context.Context, paths []string) (map[string]portedFile, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	folder, err := os.MkdirTemp(".", "port-census-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	files := make([]portedFile, len(paths))
	for i, path := range paths {
		f := &files[i]
		f.path = path
		if f.result, f.err = port.Translate(ctx, []string{path}, port.Options{Python: c.python}); f.err != nil {
			continue
		}
		own := filepath.Join(folder, fmt.Sprintf("file%d", i))
		if err := os.Mkdir(own, 0o777); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(own, "port.go"), f.result.Source, 0o666); err != nil {
			return nil, err
		}
	}
	log, buildErr := exec.CommandContext(ctx, "go", "build", "./"+folder+"/...").CombinedOutput()
	ported := map[string]portedFile{}
	for i := range files {
		files[i].builds = files[i].err == nil && (buildErr == nil || !bytes.Contains(log, []byte(fmt.Sprintf("%s/file%d\n", folder, i))))
		ported[paths[i]] = files[i]
	}
	return ported, nil
}

// row returns a file's row of the table.
func (f portedFile) row(ctx context.Context, c census, limit int) row {
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	r := row{name: nameOf(f.path), compiles: "no"}
	if f.err != nil {
		r.compared = oneLine(f.err.Error())
		return r
	}
	r.translated, r.statements = f.result.Report.Translated(), f.result.Report.Statements
	if !f.builds {
		return r
	}
	r.compiles, r.compared = "yes", "not compared"
	if !c.compare || limit == 0 {
		return r
	}
	comparison, err := port.Verify(ctx, f.result, []string{f.path}, port.Options{Python: c.python, Trials: limit, Arguments: arguments[filepath.ToSlash(f.path)], Modules: modules[filepath.ToSlash(f.path)]})
	if err != nil {
		r.compared = "not compared: " + oneLine(err.Error())
		return r
	}
	r.compared = summary(comparison)
	return r
}

// summary returns what was compared of a file.
func summary(c *port.Comparison) string {
	switch equal, tested := c.Count(); {
	case tested == 0:
		return "untested"
	case equal < tested:
		return fmt.Sprintf("%d of %d equal; %s", equal, tested, oneLine(c.First()))
	}
	return "equal: " + c.Parts()
}

// oneLine makes a text fit into a table.
func oneLine(text string) string {
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
	if runes := []rune(text); len(runes) > 140 {
		text = string(runes[:137]) + "..."
	}
	return text
}

// torchvision returns the files of its models, which have to be those of the list.
func torchvision(ctx context.Context, python, list string) ([]string, error) {
	out, err := exec.CommandContext(ctx, python, "-c", "import os, torchvision.models as m; print(os.path.dirname(m.__file__))").Output()
	if err != nil {
		return nil, fmt.Errorf("%s has no torchvision: %w", python, err)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var paths []string
	for line := range strings.Lines(string(text)) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		if !found {
			continue
		}
		path := filepath.Join(strings.TrimSpace(string(out)), name)
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(content)); got != sum {
			return nil, fmt.Errorf("%s is not the file of the list: another torchvision", path)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
