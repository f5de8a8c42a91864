package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// addIndex opens the files that the index of a file's parts names, in the order of their
// names, which is the model's.
func (f *Folder) addIndex(name string, open func(path string) (shard, error)) error {
	name += ".index.json"
	data, err := f.text(name)
	if err != nil {
		return err
	}
	places, err := readIndex(data)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var files []string
	for _, file := range places {
		files = append(files, file)
	}
	slices.Sort(files)
	opened := map[string]shard{}
	for _, file := range slices.Compact(files) {
		err := f.addShard(file, open)
		if errors.Is(err, os.ErrNotExist) {
			err = errors.New("the index names a file that is not there") // which is more than that there is no index
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", name, brief.Text(file), err)
		}
		opened[file] = f.shards[len(f.shards)-1]
	}
	for tensor, file := range places {
		if f.places[tensor] != opened[file] {
			return fmt.Errorf("%s: %q is not in %s, as it says", name, brief.Text(tensor), brief.Text(file))
		}
	}
	return nil
}

// readIndex returns the file of each tensor.
func readIndex(data []byte) (map[string]string, error) {
	var index struct {
		WeightMap json.RawMessage `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, err
	}
	places := map[string]string{}
	d := json.NewDecoder(bytes.NewReader(index.WeightMap))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("it has no weight_map from the names of tensors to those of files")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := d.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string) // a decoder allows nothing else
		file, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("weight_map: the file of %q is not a text", brief.Text(name))
		}
		if _, twice := places[name]; twice {
			return nil, fmt.Errorf("weight_map: %q is there twice", brief.Text(name))
		}
		places[name] = file
	}
	if len(places) == 0 {
		return nil, errors.New("its weight_map is empty")
	}
	return places, nil
}
