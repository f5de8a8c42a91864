package safetensors

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/safetensors"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// SaveShardedOptions are the options of [SaveSharded].
type SaveShardedOptions struct {
	MaxShardBytes *int              // how many bytes the tensors of a file take at most; default: 5 GB
	Metadata      map[string]string // texts for the index, or for the only file
	Sync          bool              // wait until the files are on the disk, as with torch.SaveOptions
}

// SaveSharded writes named tensors to a folder, which is made if it is not there, as
// huggingface_hub's save_torch_state_dict does: in their order to files such as
// model-00001-of-00003.safetensors, with the index model.safetensors.index.json, or to
// model.safetensors if one file is enough. A tensor larger than MaxShardBytes has a file
// of its own. Each file's metadata says "format": "pt".
//
// The index is written last, and then files of these names from a former model are
// removed. A program that is killed meanwhile may leave files of both. It fails where
// [Save] does, before anything is written.
//
// https://huggingface.co/docs/huggingface_hub/package_reference/serialization#huggingface_hub.save_torch_state_dict
func SaveSharded(tensors nn.StateDict, dir string, options ...SaveShardedOptions) error {
	if err := saveSharded(tensors, dir, options); err != nil {
		return fmt.Errorf("safetensors.SaveSharded: %w", err)
	}
	return nil
}

func saveSharded(tensors nn.StateDict, dir string, options []SaveShardedOptions) error {
	o, err := option.AtMostOne(options)
	if err != nil {
		return err
	}
	if err := checkMetadata(o.Metadata); err != nil {
		return err
	}
	most := option.Or(o.MaxShardBytes, 5_000_000_000)
	if most <= 0 {
		return fmt.Errorf("MaxShardBytes %d is not positive", most)
	}
	list, err := place(tensors)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errors.New("there are no tensors")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	shards := split(list, most)
	metadata := map[string]string{"format": "pt"}
	if len(shards) == 1 {
		maps.Copy(metadata, o.Metadata)
	}
	written := map[string]bool{}
	size := 0
	x := safetensors.Index{Metadata: map[string]any{}, WeightMap: map[string]string{}}
	for i, shard := range shards {
		name := modelName
		if len(shards) > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
		}
		l := layout{inOrder(shard), metadata}
		if err := atomicfile.Write(filepath.Join(dir, name), l.write, atomicfile.Options{Sync: o.Sync}); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
		}
		written[name] = true
		for _, p := range shard {
			x.WeightMap[p.Name] = name
			size += p.bytes
		}
	}
	if len(shards) > 1 {
		x.Metadata["total_size"] = size
		for key, text := range o.Metadata {
			x.Metadata[key] = text
		}
		if err := atomicfile.Write(filepath.Join(dir, indexName), x.Write, atomicfile.Options{Sync: o.Sync}); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(dir, indexName), err)
		}
		written[indexName] = true
	}
	return removeFormer(dir, written)
}

// split puts tensors into shards as huggingface_hub does.
func split(list []placed, most int) (shards [][]placed) {
	var current []placed
	size := 0
	for _, p := range list {
		if p.bytes > most {
			shards = append(shards, []placed{p})
			continue
		}
		if size+p.bytes > most {
			shards = append(shards, current)
			current, size = nil, 0
		}
		current = append(current, p)
		size += p.bytes
	}
	if len(current) > 0 {
		shards = append(shards, current)
	}
	return shards
}

var ours = regexp.MustCompile(`^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$`)

// removeFormer removes the files of a former model from a folder.
func removeFormer(dir string, written map[string]bool) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if ours.MatchString(e.Name()) && !written[e.Name()] && !e.IsDir() {
			err = cmp.Or(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
