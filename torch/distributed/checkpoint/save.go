package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// The names that Python's checkpoint storage has.
const (
	shardingKey = "DCP_SHARDING_INFO"
	versionKey  = "DCP_VERSION"
	version     = "1.0"
)

// manifestName is the file that is written last.
const manifestName = "checkpoint.json"

// manifest is what it says.
type manifest struct {
	Version   int              `json:"version"`
	WorldSize int              `json:"world_size"`
	Files     map[string]int64 `json:"files"` // and their bytes
}

// savedOffsets is where Python's files say that a part begins.
type savedOffsets struct {
	Offsets []int `json:"saved_offsets"`
}

// SaveOptions are the options of [Save].
type SaveOptions struct {
	Group *distributed.ProcessGroup // nil is the default group, or this process alone
	Sync  bool                      // wait until the files are on the disk, as with torch.SaveOptions
}

// Save writes the state of all processes to a folder. Every process of the group calls it, with
// its tensors, and it returns when all is written, or with an error on each of them. A
// checkpoint that was there stays until then.
//
// It fails on what safetensors.Save refuses, and where processes have tensors of one name that
// differ in dtype or in the shape of the whole.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict_saver.save
func Save(state nn.StateDict, dir string, options ...SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = newSaving(dir, o).all(state)
	}
	return failed("Save", dir, err)
}

func failed(op, dir string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("checkpoint.%s: %s: %w", op, dir, err)
}

// saving is a checkpoint that is being written.
type saving struct {
	team
	dir, temporary string
	o              SaveOptions
}

func newSaving(dir string, o SaveOptions) *saving {
	dir = filepath.Clean(dir)
	return &saving{newTeam(o.Group), dir, dir + ".saving", o}
}

func (s *saving) all(state nn.StateDict) error {
	own, err := s.plan(state)
	if err != nil {
		return err
	}
	return s.write(own)
}

// plan returns what this process is to write.
func (s *saving) plan(state nn.StateDict) (nn.StateDict, error) {
	list, err := entries(state)
	if base := filepath.Base(s.dir); err == nil && (base == "." || base == ".." || base == string(filepath.Separator)) {
		err = errors.New("a checkpoint is a folder of its own, which must have a name")
	}
	if err == nil && s.rank == 0 {
		if err = os.RemoveAll(s.temporary); err == nil {
			err = os.MkdirAll(s.temporary, 0o777)
		}
	}
	if err := s.agree(err); err != nil {
		return nil, err
	}
	all, err := exchange(s.team, list)
	if err != nil {
		return nil, err
	}
	owners, err := owned(all)
	if err != nil {
		return nil, err
	}
	var own nn.StateDict
	for _, n := range state {
		if owners[s.rank][n.Name] {
			own = append(own, n)
		}
	}
	return own, nil
}

// written is a file that a process wrote.
type written struct {
	Name  string
	Bytes int64
}

// write writes this process's file, and the rest when all have theirs.
func (s *saving) write(own nn.StateDict) error {
	var file written
	var err error
	if len(own) > 0 {
		file, err = s.writeFile(own)
	}
	if err := s.agree(err); err != nil {
		return err
	}
	files, err := exchange(s.team, file)
	if err != nil {
		return err
	}
	if s.rank == 0 {
		err = s.finish(files)
	}
	return s.agree(err)
}

// writeFile writes this process's file.
func (s *saving) writeFile(own nn.StateDict) (written, error) {
	places := map[string]savedOffsets{}
	plain := make(nn.StateDict, len(own))
	for i, n := range own {
		r, _ := regionOf(n.Tensor)
		places[n.Name] = savedOffsets{r.Offsets}
		plain[i] = nn.NamedTensor{Name: n.Name, Tensor: n.Tensor.Detach().Contiguous()}
	}
	text, err := json.Marshal(places)
	if err != nil {
		return written{}, err
	}
	name := fmt.Sprintf("shard-%05d-model-00001-of-00001.safetensors", s.rank+1)
	path := filepath.Join(s.temporary, name)
	err = safetensors.Save(plain, path, safetensors.SaveOptions{Sync: s.o.Sync,
		Metadata: map[string]string{shardingKey: string(text), versionKey: version, "format": "pt"}})
	if err != nil {
		return written{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return written{}, err
	}
	return written{name, info.Size()}, nil
}

// finish writes the manifest and puts the folder in its place.
func (s *saving) finish(files []written) error {
	m := manifest{Version: 1, WorldSize: s.size, Files: map[string]int64{}}
	for _, f := range files {
		if f.Name != "" {
			m.Files[f.Name] = f.Bytes
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	err = atomicfile.Write(filepath.Join(s.temporary, manifestName), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	}, atomicfile.Options{Sync: s.o.Sync})
	if err != nil {
		return err
	}
	old := formerOf(s.dir)
	switch err := os.Rename(s.dir, old); {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
	default:
		if err := os.RemoveAll(old); err != nil { // of a program that was killed
			return err
		}
		if err := os.Rename(s.dir, old); err != nil {
			return err
		}
	}
	if err := os.Rename(s.temporary, s.dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// formerOf returns where the folder's former content is for a moment.
func formerOf(dir string) string { return dir + ".former" }

// Saving is a checkpoint that [AsyncSave] writes.
type Saving struct {
	done chan struct{}
	err  error
}

// AsyncSave is [Save] that goes on while the program trains: it returns when it has copies of
// the tensors in the CPU's memory. Every process of the default group calls it. The next one
// to the same folder must wait for it.
//
// https://docs.pytorch.org/docs/stable/distributed.checkpoint.html#torch.distributed.checkpoint.state_dict_saver.async_save
func AsyncSave(state nn.StateDict, dir string, options ...SaveOptions) (*Saving, error) {
	o, err := option.AtMostOne(options)
	if err != nil {
		return nil, err
	}
	if o.Group != nil && o.Group != distributed.DefaultGroup() {
		return nil, failed("AsyncSave", dir, errors.New("it is for the default group: use Save"))
	}
	s := newSaving(dir, o)
	own, err := s.plan(state)
	if err != nil {
		return nil, failed("AsyncSave", dir, err)
	}
	var copies nn.StateDict
	if err := torch.Try(func() { copies = copied(own) }); err != nil {
		return nil, failed("AsyncSave", dir, err)
	}
	if s.size > 1 { // its messages may not be among those of the training
		if s.group, err = distributed.NewGroup(nil); err != nil {
			return nil, failed("AsyncSave", dir, err)
		}
	}
	w := &Saving{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.err = failed("AsyncSave", dir, s.write(copies))
		if s.size > 1 {
			w.err = errors.Join(w.err, distributed.DestroyProcessGroup(s.group))
		}
		for _, n := range copies {
			n.Tensor.Close()
		}
	}()
	return w, nil
}

// copied returns copies on the CPU, which know of what they are parts.
func copied(state nn.StateDict) nn.StateDict {
	copies := make(nn.StateDict, len(state))
	torch.NoGrad(func() {
		for i, n := range state {
			x := torch.Empty(n.Tensor.Shape(), torch.TensorOptions{DType: n.Tensor.DType(), Device: torch.CPU}).CopyInplace(n.Tensor)
			copies[i] = nn.NamedTensor{Name: n.Name, Tensor: asPartOf(x.Keep(), n.Tensor)}
		}
	})
	return copies
}

// Wait waits until the checkpoint is there, and returns why it is not, if so.
func (s *Saving) Wait() error {
	if s.done == nil {
		return errors.New("checkpoint.Saving: AsyncSave did not make it")
	}
	<-s.done
	return s.err
}

// IsDone reports whether the checkpoint is there, or has failed.
func (s *Saving) IsDone() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
