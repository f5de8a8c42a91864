package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
)

// Watch serves the model of a file under a name, as [Server.Add] does, and looks now and then
// whether the file has changed. Then it loads it beside the old model, runs it once, and lets
// it take the old one's place, which still answers what it was asked. If the new file is no
// good, the old model stays: the log and the metric gotorch_model_loads_total say so.
//
// load gets the path of a copy, which is removed when it returns: so a file that is written
// again in its place disturbs nobody who has mapped it. A file that is being written is
// loaded when it has not changed between two looks.
func (s *Server) Watch(name, path string, load func(path string) (Model, error), options ...ModelOptions) error {
	s.mustBeMade("Watch")
	if load == nil {
		return fmt.Errorf("serve: the model %s: load must not be nil", brief.Text(name))
	}
	o, err := option.AtMostOne(options)
	if err != nil {
		return fmt.Errorf("serve: the model %s: %w", brief.Text(name), err)
	}
	w := &watch{server: s, path: path, load: load, options: o}
	seen, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("serve: the model %s: %w", brief.Text(name), err)
	}
	m, err := w.open()
	if err != nil {
		return fmt.Errorf("serve: the model %s: %w", brief.Text(name), err)
	}
	if w.slot, err = s.add(name, m, options); err != nil {
		m.Close()
		return fmt.Errorf("serve: the model %s: %w", brief.Text(name), err)
	}
	s.watching.Go(func() { w.run(seen) })
	return nil
}

// watch is a file that is watched.
type watch struct {
	*slot
	server  *Server
	path    string
	load    func(path string) (Model, error)
	options ModelOptions
}

// run looks at the file until the server is shut down. loaded is how it was when it was
// loaded.
func (w *watch) run(loaded fs.FileInfo) {
	ticker := time.NewTicker(option.Or(w.server.options.Poll, time.Second))
	defer ticker.Stop()
	last := loaded
	for {
		select {
		case <-w.server.stop:
			return
		case <-ticker.C:
		}
		now, err := os.Stat(w.path)
		if err != nil {
			if last != nil {
				w.server.log.Warn("the model's file is gone; the model stays", "model", w.name, "error", err)
			}
			last, loaded = nil, nil // what comes is new
			continue
		}
		if isSame(now, last) && !isSame(now, loaded) {
			loaded = now
			w.replace()
		}
		last = now
	}
}

// isSame reports whether a file is as it was.
func isSame(a, b fs.FileInfo) bool {
	return a != nil && b != nil && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && os.SameFile(a, b)
}

// replace loads the file and lets the model take the old one's place.
func (w *watch) replace() {
	s := w.server
	m, err := w.open()
	if err != nil {
		s.metrics.load(w.name, w.version, err)
	} else {
		var d *deployment
		if d, err = s.deploy(w.slot, m, w.options); err == nil {
			old := w.current.Swap(d)
			if err := old.close(context.Background()); err != nil {
				s.log.Error("the old model is not closed", "model", w.name, "error", err)
			}
			return
		}
		m.Close()
	}
	s.log.Error("the model's new file is no good; the old model stays", "model", w.name, "version", w.version, "path", w.path, "error", err)
}

// open loads a copy of the file.
func (w *watch) open() (m Model, err error) {
	from, err := os.Open(w.path)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	to, err := os.CreateTemp("", "gotorch-*"+filepath.Ext(w.path))
	if err != nil {
		return nil, err
	}
	defer os.Remove(to.Name())
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		return nil, fmt.Errorf("copying %s: %w", w.path, err)
	}
	defer func() {
		if v := recover(); v != nil {
			m, err = nil, &Panic{Value: v}
		}
	}()
	m, err = w.load(to.Name())
	if err != nil {
		err = &copyError{err, to.Name(), w.path}
	}
	return m, err
}

// copyError is an error of a file's copy, and names the file.
type copyError struct {
	err        error
	copy, file string
}

func (e *copyError) Error() string { return strings.ReplaceAll(e.err.Error(), e.copy, e.file) }
func (e *copyError) Unwrap() error { return e.err }
