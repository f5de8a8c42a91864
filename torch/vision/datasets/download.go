package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
)

// download fetches files from servers.
type download struct {
	client   *http.Client
	progress func(file string, done, total int64) // or nil
}

// stall is how long a server may send nothing.
const stall = time.Minute

// get fetches a file, checks it and puts it into a folder in one step, so that the
// folder never holds a part of it under its name. What was fetched when the network
// broke stays beside it, and the next call goes on from there.
func (d download) get(ctx context.Context, address string, f file, dir string) (*array, error) {
	path, err := atomicfile.Follow(filepath.Join(dir, f.name))
	if err != nil {
		return nil, err
	}
	part := path + ".part"
	for {
		resumed, err := d.fill(ctx, address, f, part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
		content, err := f.checkAndRename(part, path)
		if err == nil {
			return content, nil
		}
		if !resumed {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
	}
}

// checkAndRename checks a file under another name and gives it its own. What is not
// the file is removed.
func (f file) checkAndRename(part, path string) (*array, error) {
	r, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	content, err := f.check(r, true)
	if err == nil {
		err = r.Sync()
	}
	_ = r.Close()
	if err != nil {
		_ = os.Remove(part)
		return nil, err
	}
	return content, os.Rename(part, path)
}

// fill appends what is missing to the file part, and reports whether there was some
// of it.
func (d download) fill(ctx context.Context, address string, f file, part string) (resumed bool, err error) {
	done := int64(0)
	if info, err := os.Stat(part); err == nil {
		done = info.Size()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := d.request(ctx, address, done)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	flags := os.O_CREATE | os.O_WRONLY
	switch response.StatusCode {
	case http.StatusPartialContent:
		resumed = true
		flags |= os.O_APPEND
	case http.StatusRequestedRangeNotSatisfiable:
		return true, nil // all is there, or it is another file: the check tells
	case http.StatusOK:
		done = 0
		flags |= os.O_TRUNC
	default:
		return false, fmt.Errorf("the server says %s", response.Status)
	}
	total := int64(-1)
	if response.ContentLength >= 0 {
		total = done + response.ContentLength
	}
	if total > f.limit {
		return false, fmt.Errorf("the server has %d bytes, the file has fewer than %d", total, f.limit)
	}
	w, err := os.OpenFile(part, flags, 0o666)
	if err != nil {
		return false, err
	}
	defer w.Close()
	watch := time.AfterFunc(stall, func() { cancel(errors.New("the server has stopped sending")) })
	defer watch.Stop()
	step := func(n int64) {
		watch.Reset(stall)
		if d.progress != nil {
			d.progress(f.name, n, total)
		}
	}
	_, err = io.Copy(&stepWriter{w, done, step}, io.LimitReader(response.Body, f.limit-done))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return resumed, errors.Join(err, w.Sync())
}

// request asks for what comes after the first bytes of a file.
func (d download) request(ctx context.Context, address string, done int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if done > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(done, 10)+"-")
	}
	response, err := d.client.Do(request)
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err // without the address, which is in front anyway
	}
	return response, err
}

// stepWriter tells how many bytes there are after each write.
type stepWriter struct {
	io.Writer
	done int64
	step func(done int64)
}

func (s *stepWriter) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	s.done += int64(n)
	s.step(s.done)
	return n, err
}
