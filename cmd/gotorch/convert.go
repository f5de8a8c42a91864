package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
	"github.com/wangkuiyi/gotorch/internal/commandline"
	"github.com/wangkuiyi/gotorch/internal/filekind"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/npy"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

const convertUsage = `Usage: gotorch convert [options] IN OUT

Writes the tensors of a file to one of another format. IN is a file of torch.save, safetensors (also an index, or a folder
with one), GGUF, .npy or .npz, whatever its name; OUT says by its name what it is to be: .pt (or .pth, .bin), .safetensors
or .npz. Quantized tensors of GGUF become what they stand for. What OUT cannot hold is an error that names it.

  -part NAME     convert the dict of this name within IN, such as model, or model.encoder
  -drop-others   leave out what are no tensors: other values and metadata
  -copy-shared   write tensors that share memory, which safetensors cannot say, each with elements of its own
`

// converter is a command line of convert.
type converter struct {
	in, out, part          string
	dropOthers, copyShared bool
}

// runConvert writes the tensors of a file to another.
func runConvert(arguments []string, stdout, stderr io.Writer) int {
	var c converter
	flags := flag.NewFlagSet("convert", flag.ContinueOnError)
	flags.StringVar(&c.part, "part", "", "")
	flags.BoolVar(&c.dropOthers, "drop-others", false, "")
	flags.BoolVar(&c.copyShared, "copy-shared", false, "")
	_, status, done := commandline.Line{Usage: convertUsage, Arguments: arguments, Stdout: stdout, Stderr: stderr}.Parse(flags, func(others []string) error {
		if len(others) != 2 {
			return errors.New("want two files, IN and OUT")
		}
		if c.in, c.out = others[0], others[1]; c.writer() == nil {
			return fmt.Errorf("%s: the name does not say a format that can be written: .pt, .pth, .bin, .safetensors or .npz", c.out)
		}
		return nil
	})
	if done {
		return status
	}
	var err error
	torch.Scope(func() { err = c.convert() })
	if err != nil {
		fmt.Fprintf(stderr, "gotorch convert: %v\n", err)
		return 1
	}
	return 0
}

// writer returns what writes OUT, or nil.
func (c *converter) writer() func(tensors nn.StateDict, metadata map[string]string) error {
	switch strings.ToLower(filepath.Ext(c.out)) {
	case ".pt", ".pth", ".bin":
		return func(tensors nn.StateDict, _ map[string]string) error { return torch.Save(tensors, c.out) }
	case ".npz":
		return func(tensors nn.StateDict, _ map[string]string) error { return npy.SaveArchive(tensors, c.out) }
	case ".safetensors":
		return func(tensors nn.StateDict, metadata map[string]string) error {
			return safetensors.Save(c.separate(tensors), c.out, safetensors.SaveOptions{Metadata: metadata})
		}
	}
	return nil
}

// separate returns contiguous tensors, each with memory of its own if that is wanted.
func (c *converter) separate(tensors nn.StateDict) nn.StateDict {
	dict := slices.Clone(tensors)
	for i, n := range dict {
		switch {
		case n.Tensor.Layout() != torch.Strided || n.Tensor.IsNested():
			// It is refused by name.
		case c.copyShared:
			dict[i].Tensor = n.Tensor.Contiguous().Clone()
		default:
			dict[i].Tensor = n.Tensor.Contiguous()
		}
	}
	return dict
}

func (c *converter) convert() error {
	kind, err := kindOf(c.in)
	if err != nil {
		return err
	}
	var tensors nn.StateDict
	metadata := map[string]string{}
	if isTorch(kind) {
		if tensors, err = c.readTorch(); err == nil {
			metadata["format"] = "pt"
		}
	} else {
		tensors, err = c.read(kind, metadata)
	}
	if err != nil {
		return err
	}
	return c.writer()(tensors, metadata)
}

// read returns the tensors of a file that torch.save did not write. What the metadata can
// hold of the file's goes there.
func (c *converter) read(kind filekind.Kind, metadata map[string]string) (nn.StateDict, error) {
	f, err := openWeights(c.in, kind)
	if err != nil {
		return nil, err
	}
	tensors, err := c.readFrom(f, metadata)
	return tensors, errors.Join(err, f.close())
}

func (c *converter) readFrom(f *weights, metadata map[string]string) (tensors nn.StateDict, err error) {
	if c.part != "" {
		return nil, fmt.Errorf("%s: only files of torch.save have parts", c.in)
	}
	keeps := strings.EqualFold(filepath.Ext(c.out), ".safetensors")
	var lost []string
	for _, key := range slices.Sorted(maps.Keys(f.metadata)) {
		text, ok := f.metadata[key].(string)
		switch {
		case ok && keeps:
			metadata[key] = text
		case key != "format" && key != "total_size": // these are of the file, not of the tensors
			lost = append(lost, "the metadata "+key)
		}
	}
	if err := c.refuse(lost); err != nil {
		return nil, err
	}
	for _, name := range f.Names() {
		x, err := f.Tensor(name)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, nn.NamedTensor{Name: name, Tensor: x})
	}
	return tensors, nil
}

// readTorch returns the tensors of a dict in a file of torch.save.
func (c *converter) readTorch() (tensors nn.StateDict, err error) {
	value, err := torch.Load(c.in, torch.LoadOptions{MapLocation: torch.CPU})
	if err != nil {
		return nil, err
	}
	if value, err = c.find(value); err != nil {
		return nil, err
	}
	var lost []string
	add := func(key, value any) {
		name, isText := key.(string)
		x, isTensor := value.(*torch.Tensor)
		if isText && isTensor {
			tensors = append(tensors, nn.NamedTensor{Name: name, Tensor: x})
			return
		}
		text := fmt.Sprintf("%s, %s", printable(brief.Value(key)), brief.Value(value))
		if eachEntry(value, func(_, _ any) {}) {
			text = fmt.Sprintf("%s, a dict, which -part takes", printable(brief.Value(key)))
		}
		lost = append(lost, text)
	}
	if !eachEntry(value, add) {
		return nil, fmt.Errorf("%s: it holds %s, no dict of tensors", c.in, brief.Value(value))
	}
	return tensors, c.refuse(lost)
}

// find returns the part that is wanted. A name with dots may be one key.
func (c *converter) find(value any) (any, error) {
	for rest := c.part; rest != ""; {
		var found any
		var used string
		eachEntry(value, func(key, value any) {
			name, ok := key.(string)
			if ok && len(name) > len(used) && (rest == name || strings.HasPrefix(rest, name+".")) {
				found, used = value, name
			}
		})
		if used == "" {
			return nil, fmt.Errorf("%s: there is no part %q", c.in, c.part)
		}
		value, rest = found, strings.TrimPrefix(rest[len(used):], ".")
	}
	return value, nil
}

// refuse is the error of what would be lost.
func (c *converter) refuse(lost []string) error {
	if len(lost) == 0 || c.dropOthers {
		return nil
	}
	const most = 5
	more := ""
	if len(lost) > most {
		more = fmt.Sprintf("; and %d more", len(lost)-most)
	}
	return fmt.Errorf("%s: these are no tensors, and would be lost: %s%s; -drop-others leaves them out", c.in,
		strings.Join(lost[:min(len(lost), most)], "; "), more)
}
