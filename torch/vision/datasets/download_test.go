package datasets

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// breaks answers with the first n bytes of a file and breaks off.
func breaks(content []byte, n int) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = rw.Write(content[:n])
		rw.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// ranges answers as a file server does, also with a part of a file.
func ranges(content []byte) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// A broken download goes on where it was, at this mirror or another one.
func TestResume(t *testing.T) {
	w := newWorld(t)
	w.set.module, w.set.files = nil, w.set.files[:1]
	content := w.content["images.gz"]
	var asked []string
	broken := w.mirror(t, "broken", breaks(content, 20))
	good := w.mirror(t, "good", func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Range"))
		ranges(content)(rw, r)
	})
	o := w.options(t, broken)
	_, err := w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "unexpected EOF")
	assert.Equal(t, []string{"images.gz.part"}, list(t, o.Root))
	w.set.mirrors = []string{good}
	var steps [][2]int64
	o.Progress = func(file string, done, total int64) {
		assert.Equal(t, "images.gz", file)
		steps = append(steps, [2]int64{done, total})
	}
	got, err := w.set.load(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, digits[:1], got)
	assert.Equal(t, []string{"bytes=20-"}, asked)
	assert.Equal(t, [][2]int64{{int64(len(content)), int64(len(content))}}, steps)
	assert.Equal(t, []string{"images.gz"}, list(t, o.Root))
}

// A part of another file does not go into this one, whatever the server says of it.
func TestResumeOfAnotherFile(t *testing.T) {
	for name, part := range map[string][]byte{
		"part":     []byte("another"),
		"too long": make([]byte, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			for what, serve := range map[string]func([]byte) http.HandlerFunc{
				"ranges": ranges,
				"whole": func(content []byte) http.HandlerFunc {
					return func(rw http.ResponseWriter, r *http.Request) { _, _ = rw.Write(content) }
				},
			} {
				w := newWorld(t)
				w.set.module, w.set.files = nil, w.set.files[:1]
				o := w.options(t, w.mirror(t, "mirror", serve(w.content["images.gz"])))
				require.NoError(t, os.MkdirAll(o.Root, 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(o.Root, "images.gz.part"), part, 0o644))
				got, err := w.set.load(t.Context(), o)
				require.NoError(t, err, what)
				assert.Equal(t, digits[:1], got)
				assert.Equal(t, []string{"images.gz"}, list(t, o.Root))
			}
		})
	}
}

func TestDownloadTooLarge(t *testing.T) {
	w := newWorld(t)
	w.set.module, w.set.files = nil, w.set.files[:1]
	limit := w.set.files[0].limit
	says := w.mirror(t, "says", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Length", strconv.FormatInt(limit+1, 10))
	})
	sends := w.mirror(t, "sends", func(rw http.ResponseWriter, r *http.Request) {
		rw.(http.Flusher).Flush()
		_, _ = rw.Write(make([]byte, limit+1000))
	})
	_, err := w.set.load(t.Context(), w.options(t, says, sends))
	assert.ErrorContains(t, err, "the server has "+strconv.FormatInt(limit+1, 10)+" bytes, the file has fewer than "+strconv.FormatInt(limit, 10))
	assert.ErrorContains(t, err, sends+"images.gz: the IDX element type is 0x00")
}

func TestDownloadCancelled(t *testing.T) {
	w := newWorld(t)
	w.set.module = nil
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	mirror := w.mirror(t, "mirror", func(rw http.ResponseWriter, r *http.Request) {
		rw.(http.Flusher).Flush()
		cancel(stop)
		<-r.Context().Done()
	})
	_, err := w.set.load(ctx, w.options(t, mirror, mirror))
	assert.ErrorIs(t, err, stop)
	assert.Equal(t, []string{"mirror/images.gz"}, w.asked, "the second mirror is not asked")
}
