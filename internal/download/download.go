// Package download fetches files from servers into folders: whole or not at all, checked,
// and going on where the network broke.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
)

// File is a file to be fetched.
type File struct {
	URL  string
	Path string // where it is put

	// Check reads the file from its beginning and fails if it is another one. Without it
	// nothing tells whether what is there of a broken download belongs to this one, and
	// it begins anew.
	Check func(r io.Reader) error

	Limit    int64                   // more bytes than it has; default: no limit
	Progress func(done, total int64) // or nil; total is -1 where the server does not say
}

// stall is how long a server may send nothing.
const stall = time.Minute

// Fetch fetches the file, checks it and gives it its name in one step, so that the folder
// never holds a part of it under that. What was fetched when the network broke stays
// beside it as a .part, and the next call goes on from there.
func (f File) Fetch(ctx context.Context) error {
	path, err := atomicfile.Follow(f.Path)
	if err != nil {
		return err
	}
	part := path + ".part"
	if f.Check == nil {
		f.Check = func(io.Reader) error { return nil }
		if part, err = unique(path); err != nil {
			return err
		}
		defer os.Remove(part)
	}
	for {
		resumed, err := f.fill(ctx, part)
		if err != nil {
			return fmt.Errorf("%s: %w", f.URL, err)
		}
		err = f.checkAndRename(part, path)
		if err == nil {
			return nil
		}
		if !resumed {
			return fmt.Errorf("%s: %w", f.URL, err)
		}
	}
}

// unique makes an empty file beside path that no other download uses.
func unique(path string) (string, error) {
	w, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return "", err
	}
	return w.Name(), errors.Join(w.Chmod(0o644), w.Close())
}

// checkAndRename checks what was fetched and gives it its name. What is not the file is
// removed.
func (f File) checkAndRename(part, path string) error {
	r, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Check(r)
	if err == nil {
		err = r.Sync()
	}
	_ = r.Close()
	if err != nil {
		_ = os.Remove(part)
		return err
	}
	return os.Rename(part, path)
}

// fill appends what is missing to the file part, and reports whether there was some
// of it.
func (f File) fill(ctx context.Context, part string) (resumed bool, err error) {
	limit := f.Limit
	if limit == 0 {
		limit = math.MaxInt64
	}
	done := int64(0)
	if info, err := os.Stat(part); err == nil {
		done = info.Size()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	response, err := f.request(ctx, done)
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
	if total > limit {
		return false, fmt.Errorf("the server has %d bytes, the file has fewer than %d", total, limit)
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
		if f.Progress != nil {
			f.Progress(n, total)
		}
	}
	_, err = io.Copy(&stepWriter{w, done, step}, io.LimitReader(response.Body, limit-done))
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return resumed, errors.Join(err, w.Sync())
}

// request asks for what comes after the first bytes of the file.
func (f File) request(ctx context.Context, done int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		return nil, err
	}
	if done > 0 {
		request.Header.Set("Range", "bytes="+strconv.FormatInt(done, 10)+"-")
	}
	response, err := client.Do(request)
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

// client fetches files. A server that says nothing for so long is given up; there
// is no limit on the whole, as files are large and networks slow.
var client = &http.Client{Transport: &http.Transport{
	Proxy:                 http.ProxyFromEnvironment,
	ResponseHeaderTimeout: time.Minute,
	TLSHandshakeTimeout:   time.Minute,
	ForceAttemptHTTP2:     true,
}}
