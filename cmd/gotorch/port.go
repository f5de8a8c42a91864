package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/port"
)

// runPort translates PyTorch programs to Go.
func runPort(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("port", flag.ContinueOnError)
	flags.SetOutput(stderr)
	folder := flags.String("o", ".", "the folder to write the Go file to")
	name := flags.String("package", "", "the package's name, where the files are no program (default: the first file's)")
	python := flags.String("python", "python3", "the Python that reads the files, and that -verify runs them with")
	verify := flags.Bool("verify", false, "run both on the same seed and inputs, and compare; needs a Python with torch, and Go")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: gotorch port [options] file.py...\n\nTranslates PyTorch programs and models from Python to Go. What it cannot is left as\na comment TODO(port) beside a panic, and listed here by line.\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	same, err := portFiles(context.Background(), flags.Args(), *folder, *verify, port.Options{Python: *python, Package: *name}, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "gotorch port:", err)
		return 1
	}
	if !same {
		return 1
	}
	return 0
}

// portFiles translates files, and reports whether what was compared is equal.
func portFiles(ctx context.Context, paths []string, folder string, verify bool, o port.Options, stdout, stderr io.Writer) (bool, error) {
	result, err := port.Translate(ctx, paths, o)
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return false, err
	}
	target := filepath.Join(folder, strings.TrimSuffix(filepath.Base(paths[0]), ".py")+".go")
	if err := os.WriteFile(target, result.Source, 0o666); err != nil {
		return false, err
	}
	if _, err := result.Report.WriteTo(stderr); err != nil {
		return false, err
	}
	if !verify {
		return true, nil
	}
	comparison, err := port.Verify(ctx, result, paths, o)
	if err != nil {
		return false, err
	}
	_, err = comparison.WriteTo(stdout)
	return comparison.Equal(), err
}
