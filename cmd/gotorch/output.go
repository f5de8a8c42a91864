package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// prefixed writes whole lines with a prefix, those of several processes one after the
// other.
type prefixed struct {
	lock   *sync.Mutex
	to     io.Writer
	prefix string
	line   []byte
}

func (w *prefixed) Write(data []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.line = append(w.line, data...)
	for {
		end := bytes.IndexByte(w.line, '\n')
		if end < 0 {
			return len(data), nil
		}
		if _, err := fmt.Fprintf(w.to, "%s%s", w.prefix, w.line[:end+1]); err != nil {
			return 0, err
		}
		w.line = w.line[end+1:]
	}
}

// flush writes the last line, which has no end.
func (w *prefixed) flush() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.line) > 0 {
		fmt.Fprintf(w.to, "%s%s\n", w.prefix, w.line)
		w.line = nil
	}
}

// tail keeps the end of what is written: the first lines of a panic are within it.
type tail struct {
	lock sync.Mutex
	data []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(data []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.data = append(t.data, data...)
	if len(t.data) > 2*tailBytes {
		t.data = append([]byte(nil), t.data[len(t.data)-tailBytes:]...)
	}
	return len(data), nil
}

// text returns the last lines, from a panic on where there is one.
func (t *tail) text() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	const most = 20
	text := strings.TrimRight(string(t.data), "\n")
	if start := strings.LastIndex(text, "panic: "); start >= 0 {
		text = text[start:]
	}
	lines := strings.Split(text, "\n")
	if panicked := strings.HasPrefix(text, "panic: "); panicked {
		lines = lines[:min(len(lines), most)]
	} else {
		lines = lines[max(0, len(lines)-most):]
	}
	return "  " + strings.Join(lines, "\n  ") + "\n"
}
