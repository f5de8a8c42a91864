package checkpoint

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// LoadOptions are the options of [Load].
type LoadOptions struct {
	Group *distributed.ProcessGroup // nil is the default group, or this process alone
	// AllowPartialLoad leaves tensors as they are that the checkpoint lacks; else they are an
	// error. It is Python's DefaultLoadPlanner(allow_partial_load=True).
	AllowPartialLoad bool
}

// Load reads a checkpoint into the tensors of a state, each process what it has: whole
// tensors, or the elements of parts, however the checkpoint was divided. They keep their
// dtypes and devices. Every process of the group calls it.
//
// It fails, on every process, where the folder is not complete, where it lacks a tensor or
// elements of one, and where a tensor has another shape there. Some tensors may be loaded
// then.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict_loader.load
func Load(state nn.StateDict, dir string, options ...LoadOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	return failed("Load", dir, newTeam(o.Group).agree(load(state, dir, o.AllowPartialLoad)))
}

func load(state nn.StateDict, dir string, partial bool) error {
	c, err := open(dir)
	if err != nil {
		return err
	}
	defer c.close()
	for _, n := range state {
		t := c.tensors[n.Name]
		if t == nil && partial {
			continue
		}
		if t == nil {
			return fmt.Errorf("Missing key in checkpoint state_dict: %s.", brief.Text(n.Name)) //nolint:staticcheck // Python's words
		}
		var failed error
		err := torch.Try(func() { torch.NoGrad(func() { torch.Scope(func() { failed = t.readInto(n.Tensor) }) }) })
		if err = cmp.Or(err, failed); err != nil {
			return fmt.Errorf("tensor %q: %w", brief.Text(n.Name), err)
		}
	}
	return nil
}

// reading is an open checkpoint.
type reading struct {
	names   []string
	tensors map[string]*saved
	files   []*safetensors.File
}

// saved is a tensor of a checkpoint.
type saved struct {
	name   string
	dtype  torch.DType
	whole  []int
	chunks []chunk
}

// chunk is a part of a tensor in a file.
type chunk struct {
	region
	file *safetensors.File
}

// open reads the headers of all files.
func open(dir string) (*reading, error) {
	dir = filepath.Clean(dir)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(filepath.Join(formerOf(dir), manifestName)); err == nil {
			dir = formerOf(dir) // a program was killed between two renames
		}
	}
	if err := checkManifest(dir); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(escaped(dir), "*.safetensors"))
	if err == nil && len(paths) == 0 {
		if _, err = os.Stat(dir); err == nil {
			err = errors.New("there are no safetensors files")
		}
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	c := &reading{tensors: map[string]*saved{}}
	for _, path := range paths {
		if err := c.add(path); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// escaped returns a folder's name as a pattern that it alone fits.
func escaped(dir string) string {
	var text []rune
	for _, r := range dir {
		if slices.Contains([]rune(`*?[\`), r) {
			text = append(text, '\\')
		}
		text = append(text, r)
	}
	return string(text)
}

// checkManifest looks whether the files are there that Save wrote. Python writes no manifest.
func checkManifest(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var m manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	for name, bytes := range m.Files {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("the checkpoint of %d processes is not complete: %w", m.WorldSize, err)
		}
		if info.Size() != bytes {
			return fmt.Errorf("the checkpoint is not complete: %s has %d bytes, of %d", brief.Text(name), info.Size(), bytes)
		}
	}
	return nil
}

// add adds the tensors of a file.
func (c *reading) add(path string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	c.files = append(c.files, f)
	var places map[string]savedOffsets
	if text := f.Metadata()[shardingKey]; text != "" {
		if err := json.Unmarshal([]byte(text), &places); err != nil {
			return fmt.Errorf("%s: the metadata %s: %w", path, shardingKey, err)
		}
	}
	for _, name := range f.Names() {
		dtype, shape, err := f.Describe(name)
		if err != nil {
			return err
		}
		r := region{make([]int, len(shape)), shape}
		if places != nil {
			place, ok := places[name]
			if !ok || len(place.Offsets) != len(shape) || slices.ContainsFunc(place.Offsets, func(n int) bool { return n < 0 }) {
				return fmt.Errorf("%s: the metadata %s does not say where tensor %q of shape %v begins", path, shardingKey, brief.Text(name), shape)
			}
			r.Offsets = place.Offsets
		}
		t := c.tensors[name]
		if t == nil {
			t = &saved{name: name, dtype: dtype, whole: make([]int, len(shape))}
			c.tensors[name] = t
			c.names = append(c.names, name)
		}
		if t.dtype != dtype || len(t.whole) != len(shape) {
			return fmt.Errorf("%s: a part of tensor %q is %v of shape %v, another one %v of %d dimensions", path, brief.Text(name), dtype, shape, t.dtype, len(t.whole))
		}
		for d, n := range shape {
			t.whole[d] = max(t.whole[d], r.Offsets[d]+n)
		}
		t.chunks = append(t.chunks, chunk{r, f})
	}
	return nil
}

func (c *reading) close() (err error) {
	for _, f := range c.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// readInto copies what a tensor has of the whole.
func (t *saved) readInto(x *torch.Tensor) error {
	target, whole := regionOf(x)
	if !slices.Equal(whole, t.whole) {
		return fmt.Errorf("size mismatch between saved %v and current %v", t.whole, whole)
	}
	var done []region
	count := 0
	for _, c := range t.chunks {
		both, any := target.overlap(c.region)
		if !any {
			continue
		}
		for _, other := range done {
			if _, any := both.overlap(other); any {
				return fmt.Errorf("two parts have the elements at %v", both.Offsets)
			}
		}
		part, err := c.file.Tensor(t.name)
		if err != nil {
			return err
		}
		target.of(x.Detach(), both).CopyInplace(c.of(part, both))
		done = append(done, both)
		count += both.numel()
	}
	if count < target.numel() {
		return fmt.Errorf("the checkpoint has %d of the %d elements at %v", count, target.numel(), target.Offsets)
	}
	return nil
}
