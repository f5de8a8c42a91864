package hub_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/hub"
)

func ExampleDownload() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "weights") }))
	defer server.Close()
	dir, err := os.MkdirTemp("", "hub")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path, err := hub.Download(context.Background(), server.URL+"/net.pt", hub.DownloadOptions{Dir: dir,
		SHA256: "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"})
	fmt.Println(filepath.Base(path), err)
	// Output: net.pt <nil>
}

// server serves a content, and writes down what was asked for.
type server struct {
	content []byte
	breakAt int // if not 0, where it breaks off
	asked   []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked = append(s.asked, r.URL.Path+" "+r.Header.Get("Range"))
	switch {
	case r.URL.Path == "/none":
		http.NotFound(w, r)
	case s.breakAt > 0:
		w.Header().Set("Content-Length", fmt.Sprint(len(s.content)))
		_, _ = w.Write(s.content[:s.breakAt])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	default:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
	}
}

func serve(t *testing.T, content string) (*server, string) {
	t.Setenv("GOTORCH_CACHE", t.TempDir())
	s := &server{content: []byte(content)}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h.URL
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}

func holds(t *testing.T, want, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got))
}

func TestDownloadOnce(t *testing.T) {
	s, url := serve(t, "weights")
	var steps []int64
	for _, o := range []hub.DownloadOptions{{Progress: func(done, total int64) { steps = append(steps, done, total) }}, {}, {SHA256: sum(s.content)}, {SHA256: strings.ToUpper(sum(s.content)[:9])}} {
		path, err := hub.Download(t.Context(), url+"/org/model/resolve/main/net.pt", o)
		require.NoError(t, err)
		holds(t, "weights", path)
		server := strings.ReplaceAll(strings.TrimPrefix(url, "http://"), ":", "_")
		assert.Equal(t, filepath.Join(os.Getenv("GOTORCH_CACHE"), "hub", server, "org/model/resolve/main/net.pt"), path)
	}
	assert.Equal(t, []int64{7, 7}, steps)
	assert.Len(t, s.asked, 1, "it was there")
	path, err := hub.Download(t.Context(), url+"/org/model/resolve/main/net.pt?version=2")
	require.NoError(t, err)
	assert.NotEqual(t, "main", filepath.Base(filepath.Dir(path)), "another query may be another file")
	s.content = []byte("others")
	path, err = hub.Download(t.Context(), url+"/org/model/resolve/main/net.pt", hub.DownloadOptions{SHA256: sum(s.content)})
	require.NoError(t, err)
	holds(t, "others", path)
}

func TestDownloadGoesOn(t *testing.T) {
	s, url := serve(t, "weights")
	dir := filepath.Join(t.TempDir(), "new")
	files := func() []string {
		list, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		return list
	}
	for _, o := range []hub.DownloadOptions{{Dir: dir, SHA256: sum(s.content)}, {Dir: dir, Name: "other.pt"}} {
		s.breakAt, s.asked = 3, nil
		_, err := hub.Download(t.Context(), url+"/net.pt", o)
		assert.ErrorContains(t, err, "hub.Download: "+url+"/net.pt: unexpected EOF")
		s.breakAt = 0
		path, err := hub.Download(t.Context(), url+"/net.pt", o)
		require.NoError(t, err)
		holds(t, "weights", path)
		if o.SHA256 != "" {
			assert.Equal(t, []string{"/net.pt ", "/net.pt bytes=3-"}, s.asked)
		} else {
			assert.Equal(t, []string{"/net.pt ", "/net.pt "}, s.asked, "without a checksum nothing says that the rest belongs to it")
		}
	}
	assert.Equal(t, []string{filepath.Join(dir, "net.pt"), filepath.Join(dir, "other.pt")}, files(), "nothing else is left")
}

func TestDownloadRefuses(t *testing.T) {
	_, url := serve(t, "weights")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for want, c := range map[string]struct {
		ctx     context.Context
		address string
		options []hub.DownloadOptions
	}{
		"none: the server says 404 Not Found":   {t.Context(), url + "/none", nil},
		"context canceled":                      {ended, url + "/net.pt", nil},
		"it is another file: its SHA-256 is 9a": {t.Context(), url + "/net.pt", []hub.DownloadOptions{{SHA256: sum(nil)}}},
		`"ab" is no SHA-256`:                    {t.Context(), url + "/net.pt", []hub.DownloadOptions{{SHA256: "ab"}}},
		`is no SHA-256: want 64`:                {t.Context(), url + "/net.pt", []hub.DownloadOptions{{SHA256: strings.Repeat("ab", 33)}}},
		`"/" is no name of a file: set Name`:    {t.Context(), url, nil},
		`"../x" is no name of a file`:           {t.Context(), url, []hub.DownloadOptions{{Name: "../x"}}},
		`".." is no name of a file`:             {t.Context(), url, []hub.DownloadOptions{{Name: ".."}}},
		`is not an address of https or http`:    {t.Context(), "file:///etc/passwd", nil},
		"2 hub.DownloadOptions were given":      {t.Context(), url, []hub.DownloadOptions{{}, {}}},
	} {
		_, err := hub.Download(c.ctx, c.address, c.options...)
		assert.ErrorContains(t, err, want)
	}
	path, err := hub.Download(t.Context(), url+"/a/%2e%2e/%2e%2e/%2e%2e/x.pt")
	require.NoError(t, err)
	inside, err := filepath.Rel(os.Getenv("GOTORCH_CACHE"), path)
	require.NoError(t, err)
	assert.True(t, filepath.IsLocal(inside), "%s stays in the cache", path)
}
