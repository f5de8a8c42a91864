package datasets

import (
	"context"
	"io"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/internal/download"
)

// download fetches the file from a mirror into a folder.
func (f file) download(ctx context.Context, mirror, dir string, progress func(file string, done, total int64)) (content *array, err error) {
	d := download.File{URL: mirror + f.name, Path: filepath.Join(dir, f.name), Limit: f.limit}
	d.Check = func(r io.Reader) error {
		content, err = f.check(r, true)
		return err
	}
	if progress != nil {
		d.Progress = func(done, total int64) { progress(f.name, done, total) }
	}
	if err := d.Fetch(ctx); err != nil {
		return nil, err
	}
	return content, nil
}
