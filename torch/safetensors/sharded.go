package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// Hugging Face's names of a model's files.
const (
	modelName = "model.safetensors"
	indexName = "model.safetensors.index.json"
)

// Sharded is an open model of several files. It may be used by several goroutines at
// once, until one closes it.
type Sharded struct {
	names    []string
	shards   map[string]*File // by the name of a tensor
	files    []*File
	metadata map[string]any
	path     string
}

// OpenSharded opens a model by its index, such as model.safetensors.index.json, or by
// the folder that has a model.safetensors, or else an index of that name. All files are
// opened and their headers read. It fails where [Open] does, on a file of the index that
// is not in its folder or below, on a tensor that is not in the file that the index says,
// and on one that the index does not name in two files.
func OpenSharded(path string) (*Sharded, error) {
	s, err := openSharded(path)
	if err != nil {
		return nil, fmt.Errorf("safetensors.OpenSharded: %w", err)
	}
	return s, nil
}

func openSharded(path string) (*Sharded, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	s := &Sharded{shards: map[string]*File{}, metadata: map[string]any{}, path: path}
	if info.IsDir() {
		whole := filepath.Join(path, modelName)
		if _, err := os.Stat(whole); !errors.Is(err, fs.ErrNotExist) {
			return s, s.add(whole, nil)
		}
		s.path = filepath.Join(path, indexName)
	}
	index, err := readIndex(s.path)
	if err != nil {
		return nil, err
	}
	if index.Metadata != nil {
		s.metadata = index.Metadata
	}
	for _, name := range slices.Sorted(maps.Values(index.WeightMap)) {
		file := filepath.Join(filepath.Dir(s.path), name)
		if n := len(s.files); n > 0 && s.files[n-1].path == file {
			continue
		}
		if !filepath.IsLocal(name) {
			err = fmt.Errorf("%s: the file %q is not within the folder", s.path, brief.Text(name))
		} else {
			err = s.add(file, func(tensor string) bool { other, ok := index.WeightMap[tensor]; return ok && other != name })
		}
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	for _, tensor := range slices.Sorted(maps.Keys(index.WeightMap)) {
		if s.shards[tensor] == nil {
			err := fmt.Errorf("%s: the tensor %q is not in the file %s", s.path, brief.Text(tensor), brief.Text(index.WeightMap[tensor]))
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// add opens a file, whose tensors are those of the model but for those of another file.
func (s *Sharded) add(path string, elsewhere func(tensor string) bool) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	s.files = append(s.files, f)
	for _, name := range f.names {
		if elsewhere != nil && elsewhere(name) {
			continue
		}
		if other := s.shards[name]; other != nil {
			return fmt.Errorf("%s: the tensor %q is in %s, too, and the index does not say which", path, brief.Text(name), other.path)
		}
		s.shards[name] = f
		s.names = append(s.names, name)
	}
	return nil
}

// An index says in which file each tensor is.
type index struct {
	Metadata  map[string]any    `json:"metadata"`
	WeightMap map[string]string `json:"weight_map"`
}

func readIndex(path string) (*index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxHeader {
		return nil, fmt.Errorf("%s: an index of %d bytes is longer than the %d that are allowed", path, info.Size(), maxHeader)
	}
	text := make([]byte, info.Size())
	if _, err := f.ReadAt(text, 0); len(text) > 0 && err != nil {
		return nil, err
	}
	i, err := parseIndex(text)
	if err == nil && len(i.WeightMap) == 0 {
		err = errors.New("it has no weight_map")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not an index of safetensors files: %w", path, err)
	}
	return i, nil
}

// parseIndex reads an index. What it has beside the two entries is left out.
func parseIndex(text []byte) (*index, error) {
	i := &index{WeightMap: map[string]string{}}
	p := &parser{d: json.NewDecoder(bytes.NewReader(text))}
	err := p.object(func(key string) error {
		switch key {
		case "metadata":
			return p.d.Decode(&i.Metadata)
		case "weight_map":
			return p.texts(i.WeightMap)
		}
		var other json.RawMessage
		return p.d.Decode(&other)
	})
	return i, err
}

// Names returns the names of the tensors: file by file, by the files' names.
func (s *Sharded) Names() []string { return slices.Clone(s.names) }

// Metadata returns the index's metadata, such as "total_size": 1.4e+09; it may be changed.
func (s *Sharded) Metadata() map[string]any { return maps.Clone(s.metadata) }

// Info is [File.Info].
func (s *Sharded) Info(name string) (Info, error) {
	f, err := s.shard(name)
	if err != nil {
		return Info{}, err
	}
	return f.Info(name)
}

// Describe is [File.Describe].
func (s *Sharded) Describe(name string) (torch.DType, []int, error) {
	info, err := s.Info(name)
	return info.DType, info.Shape, err
}

// Tensor is [File.Tensor].
func (s *Sharded) Tensor(name string) (*torch.Tensor, error) {
	f, err := s.shard(name)
	if err != nil {
		return nil, err
	}
	return f.Tensor(name)
}

func (s *Sharded) shard(name string) (*File, error) {
	f := s.shards[name]
	if f == nil {
		return nil, fmt.Errorf("safetensors: %s: there is no tensor %q", s.path, brief.Text(name))
	}
	return f, nil
}

// Close lets the files go. Tensors of them live on. A second Close fails.
func (s *Sharded) Close() (err error) {
	for _, f := range s.files {
		err = cmp.Or(err, f.Close())
	}
	return err
}

// LoadSharded is [Load] of a model that [OpenSharded] opens.
func LoadSharded(path string, options ...LoadOptions) (nn.StateDict, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	s, err := OpenSharded(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return load(s.names, s.Tensor, o)
}
