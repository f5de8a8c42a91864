package safetensors

import (
	"bytes"
	"encoding/json"
	"io"
)

// Index says in which file each tensor of a model of several files is.
type Index struct {
	Metadata  map[string]any    `json:"metadata"`
	WeightMap map[string]string `json:"weight_map"`
}

// ParseIndex reads an index. What it has beside the two entries is left out.
func ParseIndex(text []byte) (*Index, error) {
	i := &Index{WeightMap: map[string]string{}}
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

// Write writes the index as Python's json.dumps does with an indent of 2 and sorted keys.
func (x *Index) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(x)
}
