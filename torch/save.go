package torch

import (
	"errors"
	"fmt"
	"io"

	"github.com/wangkuiyi/gotorch/internal/atomicfile"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/internal/pickle"
	"github.com/wangkuiyi/gotorch/internal/ptzip"
)

// SaveOptions are the options of [Save].
type SaveOptions struct {
	Sync bool // wait until the file is on the disk, as os.fsync in Python
}

// Save writes a value to a file that Python reads with torch.load(path), and Go
// with [Load] or [LoadAs]. What Go has becomes in Python:
//
//	nil                                None
//	bool, string, numbers              bool, str, int, float or complex
//	[]byte, [ByteArray]                bytes, a bytearray
//	slices and arrays                  a list; an array that is a key a tuple
//	[Tuple], [Size]                    a tuple, a torch.Size
//	maps                               a dict, sorted by the keys
//	[OrderedDict], nn.StateDict        a collections.OrderedDict
//	[Attributed]                       one with attributes
//	[Set], [Counter]                   a set, a collections.Counter
//	structs, optim.StateDict           a dict of the exported fields
//	*[Tensor]                          a tensor, also a sparse or quantized one
//	*[Storage]                         a storage
//	[DType], [Device]                  a dtype, a device
//	[Layout], [QScheme]                a layout, a quantization scheme
//	[Savable]                          whatever it says
//
// and pointers become what they point to. A slice or a map that holds itself does so in
// Python, too. A struct's field LearningRate is the
// dict's learning_rate; a tag `torch:"lr"` changes that, and `torch:"-"` leaves it
// out, as has to be said of fields that are not exported. Tensors that share memory do so in Python too, and all of a storage is
// written, even if a tensor sees a part of it: Clone such a part before. A tensor
// that requires gradients does so again, but is a leaf. One on [Meta] is without
// elements in the file, too.
//
// The file appears, or takes the place of an old one, when it is complete: whoever
// reads it finds all of it, even if the program was killed. As with Python's and
// os.WriteFile the system may write it to the disk later. With Sync, Save waits for that, and the
// same holds if the machine loses its power. As in Python links are followed, a device or a pipe is written to, a new file's
// permissions are up to the umask, and an old file keeps its permissions, its owner
// and its other names. An old file in a folder that may not be written, one with
// several names and one that somebody else owns are overwritten: if the program is
// killed meanwhile, they are cut off.
//
// It fails, and says where, on what it would lose: whatever has a state dict, such as a
// module, an optimizer or a scheduler, whose StateDict() is to be saved in its place;
// nested tensors; memory formats; values of other types; keys of a dict that
// are the same in Python, as 1 and true are. It fails too where the file may not be
// written, such as a read-only one.
//
// https://docs.pytorch.org/docs/stable/generated/torch.save.html
func Save(value any, path string, options ...SaveOptions) error {
	o, err := option.AtMostOne(options)
	if err == nil {
		err = atomicfile.Write(path, func(w io.Writer) error { return save(value, w) }, atomicfile.Options(o))
	}
	if err != nil {
		return fmt.Errorf("torch.Save: %s: %w", path, err)
	}
	return nil
}

// SaveTo is [Save] to a writer.
func SaveTo(value any, w io.Writer) error {
	if w == nil {
		return errors.New("torch.SaveTo: the writer is nil")
	}
	if err := save(value, w); err != nil {
		return fmt.Errorf("torch.SaveTo: %w", err)
	}
	return nil
}

// Savable is a type that [Save] writes as another value.
type Savable interface {
	// SaveValue returns the value to write.
	SaveValue() any
}

func save(value any, w io.Writer) error {
	s := newSaver()
	defer s.close()
	tree, err := s.encode(value, 0)
	if err != nil {
		return err
	}
	data, err := pickle.Write(tree)
	if err != nil {
		return err
	}
	archive, err := ptzip.NewWriter(w, data)
	if err != nil {
		return err
	}
	for _, storage := range s.storages {
		record, err := archive.Create("data/" + storage.key)
		if err != nil {
			return err
		}
		if err := storage.write(record); err != nil {
			return err
		}
	}
	return archive.Close()
}
