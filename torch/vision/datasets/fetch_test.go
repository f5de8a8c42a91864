package datasets

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
)

// world is a small dataset and the sources it can be had from.
type world struct {
	set     set
	content map[string][]byte // of the files, by name
	module  string            // the folder that the go command says the module is in
	goError error             // or why it fails
	asked   []string          // what was asked for, in order
	log     bytes.Buffer
}

const module = "example.com/digits@v1"

func newWorld(t *testing.T) *world {
	w := &world{content: map[string][]byte{}, module: t.TempDir()}
	w.set = set{name: "Digits", module: &goModule{module, "data", w.runGo}}
	require.NoError(t, os.Mkdir(filepath.Join(w.module, "data"), 0o755))
	w.add(t, "images.gz", idxBytes([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2), 3, 2, 2)
	w.add(t, "labels.gz", idxBytes([]byte{7, 8, 9}, 3), 3)
	return w
}

// add adds a file to the dataset and the module.
func (w *world) add(t *testing.T, name string, plain []byte, shape ...int) {
	sum := sha256.Sum256(plain)
	packed := pack(t, plain)
	packedSum := sha256.Sum256(packed)
	w.set.files = append(w.set.files, idxFile(name, sums{hex.EncodeToString(packedSum[:]), hex.EncodeToString(sum[:])}, shape...))
	w.content[name] = packed
	require.NoError(t, os.WriteFile(filepath.Join(w.module, "data", name), packed, 0o444))
}

// runGo answers as the go command does.
func (w *world) runGo(_ context.Context, args ...string) (stdout, stderr []byte, err error) {
	w.asked = append(w.asked, "go "+strings.Join(args, " "))
	if w.goError != nil {
		return nil, []byte("the network is off\n"), w.goError
	}
	return fmt.Appendf(nil, `{"Path": "x", "Dir": %q}`, w.module), nil, nil
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

// options are those of loading into a folder that is not there yet.
func (w *world) options(t *testing.T, mirrors ...string) Options {
	w.set.mirrors = mirrors
	return Options{Root: filepath.Join(t.TempDir(), "data", "digits"), Download: true, Log: &w.log}
}

var digits = []*array{
	{[]int{3, 2, 2}, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
	{[]int{3}, []byte{7, 8, 9}},
}

// loads checks that the two files are loaded, and that the folder holds nothing else.
func (w *world) loads(t *testing.T, o Options) {
	t.Helper()
	content, err := w.set.load(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, digits, content)
	for name, want := range w.content {
		got, err := os.ReadFile(filepath.Join(o.Root, name))
		require.NoError(t, err)
		assert.Equal(t, want, got, name)
	}
	assert.Len(t, list(t, o.Root), 2)
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

const goCommand = "go mod download -json " + module

func TestFetchFromModuleOnce(t *testing.T) {
	w := newWorld(t)
	o := w.options(t, w.mirror(t, "mirror", w.serve))
	w.loads(t, o)
	assert.Equal(t, []string{goCommand, goCommand}, w.asked)
	assert.Equal(t, "Digits: from the Go module "+module+"\n", w.log.String())
	w.loads(t, o)
	assert.Len(t, w.asked, 2, "the second time nothing is fetched")
}

func TestFetchOrder(t *testing.T) {
	w := newWorld(t)
	w.goError = errors.New("exit status 1")
	broken := w.mirror(t, "first", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) })
	good := w.mirror(t, "second", w.serve)
	unused := w.mirror(t, "third", w.serve)
	w.loads(t, w.options(t, broken, good, unused))
	assert.Equal(t, []string{goCommand, "first/images.gz", "second/images.gz", "second/labels.gz"}, w.asked)
	assert.Equal(t, "Digits: from the Go module "+module+"\nDigits: from "+broken+"\nDigits: from "+good+"\n"+
		"Digits: fetched, but not from every source:\n  go mod download: exit status 1 the network is off\n  "+
		broken+"images.gz: the server says 403 Forbidden\n", w.log.String())
}

func TestFetchOnlyWhatIsMissingOrDamaged(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"missing": os.Remove,
		"damaged": func(path string) error { return os.WriteFile(path, []byte{0, 0, 8, 1, 0, 0, 0, 3, 7}, 0o644) },
		"another content": func(path string) error {
			return os.WriteFile(path, idxBytes([]byte{7, 8, 8}, 3), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.goError = errors.New("exit status 1")
			o := w.options(t, w.mirror(t, "mirror", w.serve))
			w.loads(t, o)
			require.NoError(t, damage(filepath.Join(o.Root, "labels.gz")))
			w.asked = nil
			w.log.Reset()
			w.loads(t, o)
			assert.Equal(t, []string{goCommand, "mirror/labels.gz"}, w.asked)
			assert.Equal(t, name != "missing", strings.Contains(w.log.String(), "Digits: to be fetched again: "))
		})
	}
}

func TestFetchPlainFilesInCache(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	require.NoError(t, os.MkdirAll(o.Root, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(o.Root, "images"),
		idxBytes([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 3, 2, 2), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(o.Root, "labels"), idxBytes([]byte{7, 8, 9}, 3), 0o644))
	content, err := w.set.load(t.Context(), o)
	require.NoError(t, err)
	assert.Len(t, content, 2)
	assert.Empty(t, w.asked)
}

// A source that gives something else is as good as none, and leaves nothing.
func TestFetchRefuses(t *testing.T) {
	other := idxBytes([]byte{7, 8, 8}, 3)
	sum := sha256.Sum256(other)
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"another content", pack(t, other), "labels.gz: it is another file: the SHA-256 of its content is " +
			hex.EncodeToString(sum[:]) + ", want "},
		{"other sizes", pack(t, idxBytes([]byte{7, 8}, 2)), "labels.gz: its sizes are [2], want [3]"},
		{"too big", pack(t, idxBytes([]byte{7, 8, 9, 9}, 4)), "labels.gz: the IDX header says sizes [4], more than 3 elements"},
		{"cut off", pack(t, idxBytes([]byte{7, 8, 9}, 3))[:20], "labels.gz: "},
		{"a web page", []byte("<html>sign in</html>"), "labels.gz: not an IDX file: it starts with 3c 68, want 00 00"},
		{"nothing", nil, "labels.gz: the IDX header: the file is cut off"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.goError = errors.New("exit status 1")
			w.content["labels.gz"] = c.content
			mirror := w.mirror(t, "mirror", w.serve)
			o := w.options(t, mirror)
			_, err := w.set.load(t.Context(), o)
			assert.ErrorContains(t, err, "\n  "+mirror+c.want)
			assert.Equal(t, []string{"images.gz"}, list(t, o.Root))
		})
	}
}

func TestFetchModuleErrors(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	answer := func(stdout string, err error) {
		w.set.module.run = func(context.Context, ...string) ([]byte, []byte, error) { return []byte(stdout), nil, err }
	}
	answer(`{"Error": "module lookup disabled by GOPROXY=off"}`, errors.New("exit status 1"))
	_, err := w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "\n  go mod download: module lookup disabled by GOPROXY=off\n")

	answer("?", nil)
	_, err = w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "\n  go mod download: its answer is not JSON: invalid character")

	answer(`{"Dir": "nowhere"}`, nil)
	_, err = w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "nowhere")

	require.NoError(t, os.Chmod(filepath.Join(w.module, "data", "labels.gz"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(w.module, "data", "labels.gz"), []byte("?????"), 0o644))
	answer(fmt.Sprintf(`{"Dir": %q}`, w.module), nil)
	_, err = w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "\n  labels.gz in the Go module: not an IDX file: it starts with 3f 3f, want 00 00")
}

func TestFetchOffline(t *testing.T) {
	w := newWorld(t)
	w.goError = errors.New("exit status 1")
	gone := httptest.NewServer(nil)
	gone.Close()
	o := w.options(t, gone.URL+"/")
	_, err := w.set.load(t.Context(), o)
	require.Error(t, err)
	for _, want := range []string{
		"Digits is not there and could not be fetched:\n  go mod download: exit status 1 the network is off\n",
		"\n  " + gone.URL + "/images.gz: dial tcp",
		"\nPut images.gz, labels.gz into\n  " + o.Root + "\nor set Root to a folder that holds them",
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, list(t, o.Root))
}

func TestFetchWithoutFolder(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	o.Root = filepath.Join(w.module, "data", "labels.gz", "mnist")
	_, err := w.set.load(t.Context(), o)
	assert.ErrorContains(t, err, "no folder for Digits: mkdir ")
	assert.ErrorContains(t, err, "; set $GOTORCH_CACHE or Root")
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

func TestNotThere(t *testing.T) {
	w := newWorld(t)
	o := w.options(t, "unused")
	o.Download = false
	_, err := w.set.load(t.Context(), o)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.EqualError(t, err, "Digits: file does not exist: neither images.gz nor images is in "+o.Root+
		"; put its files there, or set Download to have them fetched")
	require.NoError(t, os.MkdirAll(o.Root, 0o755))
	path := filepath.Join(o.Root, "images")
	require.NoError(t, os.WriteFile(path, idxBytes([]byte{1}, 1), 0o644))
	_, err = w.set.load(t.Context(), o)
	assert.EqualError(t, err, "Digits: "+path+": its sizes are [1], want [3 2 2]")
	assert.Empty(t, w.asked)
}

// The files may be where torchvision puts them, or the system's package.
func TestOtherFolders(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	raw := filepath.Join(o.Root, "Digits", "raw")
	require.NoError(t, os.MkdirAll(raw, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(raw, "images.gz"), w.content["images.gz"], 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(raw, "labels"), idxBytes([]byte{7, 8, 9}, 3), 0o644))
	content, err := w.set.load(t.Context(), o)
	require.NoError(t, err)
	assert.Equal(t, digits, content)

	t.Setenv("GOTORCH_CACHE", t.TempDir())
	w.set.system = raw
	content, err = w.set.load(t.Context(), Options{})
	require.NoError(t, err)
	assert.Equal(t, digits, content)
	assert.Empty(t, w.asked)
}

func TestCacheFolder(t *testing.T) {
	t.Setenv("GOTORCH_CACHE", "/cache")
	dir, err := new(Options).folder("mnist")
	require.NoError(t, err)
	assert.Equal(t, filepath.FromSlash("/cache/data/mnist"), dir)

	t.Setenv("GOTORCH_CACHE", "")
	user, err := os.UserCacheDir()
	require.NoError(t, err)
	dir, err = new(Options).folder("mnist")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(user, "gotorch", "data", "mnist"), dir)

	t.Setenv("HOME", "")
	t.Setenv("XDG_CACHE_HOME", "")
	_, err = new(Options).folder("mnist")
	assert.ErrorContains(t, err, "; set $GOTORCH_CACHE or Root")
}

// Whatever is fetched is known by its SHA-256, as MD5 can be forged and http can be
// listened to and answered by anybody.
func TestEveryFileHasSHA256(t *testing.T) {
	files := slices.Concat(mnist.files, fashionMNIST.files, kmnist.files, []file{cifar10.file(cifar10.train), cifar100.file(cifar100.test)})
	require.Len(t, files, 14)
	seen := map[string]bool{}
	for _, f := range files {
		sum := f.sums.packed + f.sums.content
		assert.Regexp(t, "^[0-9a-f]{64}$", sum, f.name)
		assert.False(t, seen[sum], f.name)
		seen[sum] = true
	}
	for _, s := range []set{mnist, fashionMNIST, kmnist, {mirrors: cifarMirrors}} {
		assert.Regexp(t, "^https://.*/$", s.mirrors[0])
	}
}

// A file of which only the packed form's checksum is known is checked by that.
func TestPackedSum(t *testing.T) {
	plain := idxBytes([]byte{7, 8, 9}, 3)
	packed := pack(t, plain)
	sum := sha256.Sum256(packed)
	f := idxFile("labels.gz", sums{packed: hex.EncodeToString(sum[:])}, 3)
	dir := t.TempDir()
	path := filepath.Join(dir, f.name)
	require.NoError(t, os.WriteFile(path, packed, 0o644))
	content, err := f.open(dir)
	require.NoError(t, err)
	assert.Equal(t, digits[1], content)
	packed[4]++ // the time at which it was packed
	require.NoError(t, os.WriteFile(path, packed, 0o644))
	_, err = f.open(dir)
	other := sha256.Sum256(packed)
	assert.EqualError(t, err, path+": it is another file: its SHA-256 is "+hex.EncodeToString(other[:])+", want "+hex.EncodeToString(sum[:]))
}

// A file that is a link is fetched to where it leads.
func TestFetchFollowsLinks(t *testing.T) {
	w := newWorld(t)
	w.set.module = nil
	o := w.options(t, w.mirror(t, "mirror", w.serve))
	require.NoError(t, os.MkdirAll(o.Root, 0o755))
	elsewhere := filepath.Join(t.TempDir(), "labels.gz")
	require.NoError(t, os.WriteFile(elsewhere, []byte("damaged"), 0o644))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(o.Root, "labels.gz")))
	w.loads(t, o)
	link, err := os.Readlink(filepath.Join(o.Root, "labels.gz"))
	require.NoError(t, err)
	assert.Equal(t, elsewhere, link)
}
