// Command census ports a corpus of Python files, builds and runs what it made, and
// writes a table.
//
//	go run ./internal/port/census -python python3 -o docs/port-census.md FILE.py...
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
	flag.Parse()
	if err := run(context.Background(), *python, *target, *list, *trials, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "census:", err)
		os.Exit(1)
	}
}

// total sums up the files of a kind.
type total struct{ files, statements, translated, compiled, few, equal, different, untested int }

func run(ctx context.Context, python, target, list string, trials int, own []string) error {
	others, err := torchvision(ctx, python, list)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	fmt.Fprint(&out, `# What gotorch port translates

Made by `+"`make port-census`"+`. Statements are Python's; a file compiles if "go build" builds what was made of it, as it is; and
what is equal was equal bit for bit: the lines that a program prints, or the names, shapes and initial values of a module's
parameters, its outputs and its gradients. "untested" is what needs arguments or inputs that the census does not know.
`)
	for _, part := range []struct {
		title string
		paths []string
		limit int
	}{{"Programs and models of the size of a tutorial", own, 1000}, {"torchvision's models", others, trials}} {
		var sum total
		ported, err := portAll(ctx, python, part.paths)
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "\n## %s\n\n| file | statements | translated | compiles | compared |\n|---|---|---|---|---|\n", part.title)
		for _, f := range ported {
			fmt.Fprintln(&out, f.row(ctx, python, part.limit, &sum))
			fmt.Fprintln(os.Stderr, f.path)
			if err := os.WriteFile(target, out.Bytes(), 0o666); err != nil { // of what there is so far
				return err
			}
		}
		fmt.Fprintf(&out, "\n%d files: %d of %d statements (%.1f %%) are translated, %d files (%.0f %%) compile, %d of them with nine statements of ten translated. %d are equal in all that was compared, %d differ, %d were not compared.\n",
			sum.files, sum.translated, sum.statements, 100*float64(sum.translated)/float64(sum.statements), sum.compiled, 100*float64(sum.compiled)/float64(sum.files), sum.few,
			sum.equal, sum.different, sum.untested)
	}
	return os.WriteFile(target, out.Bytes(), 0o666)
}

// portedFile is a file that was translated and built.
type portedFile struct {
	path   string
	result *port.Result
	err    error // of the translation
	builds bool
}

// portAll translates files and builds all that was made of them at once.
func portAll(ctx context.Context, python string, paths []string) ([]portedFile, error) {
	folder, err := os.MkdirTemp(".", "port-census-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	files := make([]portedFile, len(paths))
	for i, path := range paths {
		f := &files[i]
		f.path = path
		if f.result, f.err = port.Translate(ctx, []string{path}, port.Options{Python: python}); f.err != nil {
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
	for i := range files {
		files[i].builds = files[i].err == nil && (buildErr == nil || !bytes.Contains(log, []byte(fmt.Sprintf("%s/file%d\n", folder, i))))
	}
	return files, nil
}

// row returns a file's row of the table.
func (f portedFile) row(ctx context.Context, python string, limit int, sum *total) string {
	ctx, cancel := context.WithTimeout(ctx, fileTime)
	defer cancel()
	name := filepath.Base(f.path)
	sum.files++
	if f.err != nil {
		sum.untested++
		return fmt.Sprintf("| %s | | | no | %v |", name, f.err)
	}
	translated, statements := f.result.Report.Translated(), f.result.Report.Statements
	sum.statements += statements
	sum.translated += translated
	compiles, compared := "yes", "not compared"
	switch {
	case !f.builds:
		compiles, compared = "no", ""
	case limit == 0:
		sum.untested++
	default:
		c, err := port.Verify(ctx, f.result, []string{f.path}, port.Options{Python: python, Trials: limit})
		if err != nil {
			sum.untested++
			compared = "not compared: " + oneLine(err.Error())
		} else {
			compared = summary(c, sum)
		}
	}
	if f.builds {
		sum.compiled++
		if 10*translated >= 9*statements {
			sum.few++
		}
	}
	return fmt.Sprintf("| %s | %d | %d | %s | %s |", name, statements, translated, compiles, compared)
}

// summary returns what was compared of a file.
func summary(c *port.Comparison, sum *total) string {
	equal, tested := c.Count()
	switch {
	case tested == 0:
		sum.untested++
		return "untested"
	case equal < tested:
		sum.different++
		return fmt.Sprintf("%d of %d equal; %s", equal, tested, oneLine(c.First()))
	}
	sum.equal++
	return fmt.Sprintf("equal: %s", c.Parts())
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
