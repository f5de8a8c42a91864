package hub

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/safetensors"
)

// addIndex opens the files that the index of a file's parts names, in the order of their
// names, which is the model's.
func (f *Folder) addIndex(name string, open func(path string) (shard, error)) error {
	name += ".index.json"
	data, err := f.text(name)
	if err != nil {
		return err
	}
	index, err := safetensors.ParseIndex(data) // that of .bin files is the same
	if err == nil && len(index.WeightMap) == 0 {
		err = errors.New("it has no weight_map, from the names of tensors to those of files")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	opened := map[string]shard{}
	for _, file := range slices.Compact(slices.Sorted(maps.Values(index.WeightMap))) {
		err := f.addShard(file, open)
		if errors.Is(err, os.ErrNotExist) {
			err = errors.New("the index names a file that is not there") // which is more than that there is no index
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, brief.Text(file), err)
		}
		opened[file] = f.shards[len(f.shards)-1]
	}
	for tensor, file := range index.WeightMap {
		if f.places[tensor] != opened[file] {
			return fmt.Errorf("%s: %q is not in %s, as it says", name, brief.Text(tensor), brief.Text(file))
		}
	}
	return nil
}
