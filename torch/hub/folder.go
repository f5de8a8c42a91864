package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

var _ nn.TensorSource = (*Folder)(nil)

// Folder is an open folder of a model. Its methods may be called from many goroutines at
// once.
type Folder struct {
	Config    map[string]any // what config.json holds, as encoding/json gives it; nil if there is none
	RawConfig []byte         // its text, to be read into a struct of one's own
	Weights   []string       // the files of the tensors, within the folder

	dir    string // without links
	mu     sync.Mutex
	shards []shard          // nil when closed
	names  []string         // of all tensors, shard by shard
	places map[string]shard // of each name
}

// shard is an open file of tensors.
type shard interface {
	nn.TensorSource
	Describe(name string) (torch.DType, []int, error)
	Close() error
}

// Open opens a folder. Its tensors are those of the first of these that is there, as in
// Hugging Face's transformers:
//
//	model.safetensors
//	model.safetensors.index.json   names the files of several
//	pytorch_model.bin              of torch.save
//	pytorch_model.bin.index.json
//
// A file is the folder's own: a name that leads out of it is refused, and so is a link that
// does, but for those of Hugging Face's cache, where a folder of snapshots has links to the
// blobs beside that. Open fails if none of the files is there, and, saying where, on what
// is damaged: a configuration that is not JSON, an index that names files that are not
// there, or tensors that they do not have.
func Open(dir string) (*Folder, error) {
	f, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("hub.Open: %s: %w", dir, err)
	}
	return f, nil
}

func open(dir string) (*Folder, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return nil, err
	}
	f := &Folder{dir: dir, places: map[string]shard{}}
	f.RawConfig, err = f.text("config.json")
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(f.RawConfig, &f.Config); err != nil {
			return nil, fmt.Errorf("config.json: %w", err)
		}
	}
	if err := f.openWeights(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// openWeights opens the files of the tensors.
func (f *Folder) openWeights() error {
	for _, weights := range []struct {
		file string
		open func(path string) (shard, error)
	}{{"model.safetensors", func(path string) (shard, error) { return safetensors.Open(path) }}, {"pytorch_model.bin", openBin}} {
		for _, read := range []func(name string, open func(path string) (shard, error)) error{f.addShard, f.addIndex} {
			if err := read(weights.file, weights.open); !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return fmt.Errorf("%w: there is neither model.safetensors nor pytorch_model.bin, nor the index of several, such as model.safetensors.index.json", os.ErrNotExist)
}

// addShard opens a file of tensors.
func (f *Folder) addShard(name string, open func(path string) (shard, error)) error {
	path, err := f.Path(name)
	if err != nil {
		return err
	}
	s, err := open(path)
	if err != nil {
		return err
	}
	f.shards, f.Weights = append(f.shards, s), append(f.Weights, name)
	for _, tensor := range s.Names() {
		if f.places[tensor] != nil {
			return fmt.Errorf("%s: the tensor %q is in the files twice", name, brief.Text(tensor))
		}
		f.places[tensor] = s
		f.names = append(f.names, tensor)
	}
	return nil
}

// Path returns where a file of the folder is, such as "generation_config.json", following
// links. It fails if there is none, and if that is outside.
func (f *Folder) Path(name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("the name %q leads out of the folder", brief.Text(name))
	}
	path, err := filepath.EvalSymlinks(filepath.Join(f.dir, name))
	if err != nil {
		return "", err
	}
	if isWithin(f.dir, path) {
		return path, nil
	}
	snapshots := filepath.Dir(f.dir)
	if filepath.Base(snapshots) == "snapshots" && isWithin(filepath.Join(filepath.Dir(snapshots), "blobs"), path) {
		return path, nil
	}
	return "", fmt.Errorf("%s is a link that leads out of the folder, to %s", brief.Text(name), path)
}

// isWithin reports whether a path is in a folder.
func isWithin(dir, path string) bool {
	inside, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(inside)
}

// text returns what a file of the folder holds, which is not much.
func (f *Folder) text(name string) ([]byte, error) {
	const most = 64 << 20
	path, err := f.Path(name)
	if err != nil {
		return nil, err
	}
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%s has more than %d bytes", name, most)
	}
	return data, err
}

// Names returns the names of all tensors, file by file.
func (f *Folder) Names() []string { return append([]string{}, f.names...) }

// Tensor returns a tensor on the CPU, which the caller closes; it lives on when the folder
// is closed. Of a mapped file it has that file's memory, without a copy.
func (f *Folder) Tensor(name string) (*torch.Tensor, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.find(name)
	if err != nil {
		return nil, err
	}
	return s.Tensor(name)
}

// Describe returns a tensor's dtype and shape, without reading it.
func (f *Folder) Describe(name string) (torch.DType, []int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, err := f.find(name)
	if err != nil {
		return 0, nil, err
	}
	return s.Describe(name)
}

// find returns the file that has a tensor.
func (f *Folder) find(name string) (shard, error) {
	s := f.places[name]
	switch {
	case s == nil:
		return nil, fmt.Errorf("hub: %s has no tensor %q", f.dir, brief.Text(name))
	case f.shards == nil:
		return nil, fmt.Errorf("hub: %s: %w", f.dir, os.ErrClosed)
	}
	return s, nil
}

// Close lets the files go. What was read of them stays.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, s := range f.shards {
		errs = append(errs, s.Close())
	}
	f.shards = nil
	return errors.Join(errs...)
}

// TokenizerFiles returns the paths of the files of the tokenizer that are there, such as
// tokenizer.json, vocab.txt, merges.txt and tokenizer_config.json. It fails on links that
// lead out of the folder.
func (f *Folder) TokenizerFiles() ([]string, error) {
	var paths []string
	for name := range strings.FieldsSeq(tokenizerFiles) {
		path, err := f.Path(name)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("hub: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

const tokenizerFiles = `tokenizer.json tokenizer.model vocab.txt vocab.json merges.txt spiece.model sentencepiece.bpe.model
	tokenizer_config.json special_tokens_map.json added_tokens.json chat_template.jinja chat_template.json`
