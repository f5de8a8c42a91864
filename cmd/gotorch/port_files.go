package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/port"
)

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
