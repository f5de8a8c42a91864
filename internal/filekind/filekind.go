// Package filekind tells by its content what kind of file a file is, among those in
// which people keep networks and arrays, and what is to be done with it.
package filekind

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// Kind is a kind of file.
type Kind int

// The kinds.
const (
	Unknown Kind = iota
	Empty
	Zeros
	LFSPointer
	HTML
	Torch
	TorchLegacy
	TorchTar
	TorchScript
	PT2
	AOTInductor
	Pickle
	Safetensors
	SafetensorsIndex
	GGUF
	GGML
	NPY
	NPZ
	ONNX
	Keras
	HDF5
	SavedModel
	Checkpoint
	TFLite
	Zip
	CutZip
	Tar
	Compressed
	Library
	kinds
)

// texts are what a kind is, and what to do with it.
var texts = [kinds]struct{ name, remedy string }{
	Unknown:          {"a file of an unknown kind", ""},
	Empty:            {"an empty file", "it was not written, or not downloaded: get it again"},
	Zeros:            {"a file that begins with zeros only", "its download or copy did not finish: get it again"},
	LFSPointer:       {"a pointer of Git LFS, not the file itself", "\"git lfs pull\" gets that"},
	HTML:             {"a web page", "a download got it in the file's place: look into it, and mind the address and whether one must log in"},
	Torch:            {"a file of torch.save", "torch.Load reads it"},
	TorchLegacy:      {"a file of torch.save from before PyTorch 1.6", "torch.Load reads it"},
	TorchTar:         {"a tar of torch.save from before PyTorch 0.2", "load and save it with Python's torch: torch.save(torch.load(path, weights_only=False), new)"},
	TorchScript:      {"a TorchScript program", "jit.Load runs it"},
	PT2:              {"a program of torch.export", "export.Load runs it"},
	AOTInductor:      {"a program that AOTInductor compiled", "aoti.Load runs it, and reads its weights"},
	Pickle:           {"a Python pickle that torch.save did not write", "save what it holds with torch.save, or its arrays with numpy.savez"},
	Safetensors:      {"a safetensors file", "package safetensors reads it"},
	SafetensorsIndex: {"the index of a model in several safetensors files", "safetensors.OpenSharded reads it"},
	GGUF:             {"a GGUF file", "package gguf reads it"},
	GGML:             {"a file of llama.cpp from before GGUF", "convert it to GGUF with llama.cpp"},
	NPY:              {"a .npy file of NumPy", "npy.Load reads it"},
	NPZ:              {"a .npz archive of NumPy", "npy.OpenArchive reads it"},
	ONNX:             {"an ONNX model", "save its initializers with Python's onnx.numpy_helper.to_array and numpy.savez"},
	Keras:            {"a Keras model", "save its weights with Python's keras and numpy.savez"},
	HDF5:             {"an HDF5 file, such as Keras and TensorFlow write", "save its arrays with Python's h5py and numpy.savez"},
	SavedModel:       {"the saved_model.pb of a TensorFlow SavedModel", "save its variables with Python's tensorflow and numpy.savez"},
	Checkpoint:       {"the index of a TensorFlow checkpoint", "save its variables with Python's tf.train.load_checkpoint and numpy.savez"},
	TFLite:           {"a TensorFlow Lite model", "save its tensors with Python's tensorflow and numpy.savez"},
	Zip:              {"a zip archive of other files", "unpack it, and take the file that is wanted"},
	CutZip:           {"a zip archive without its end, such as a file of torch.save or a .npz that is cut off", "get it again"},
	Tar:              {"a tar archive of other files", "unpack it, and take the file that is wanted"},
	Compressed:       {"a compressed file", "unpack it, and take the file that is wanted"},
	Library:          {"a program or a library", ""},
}

// String says what a file of the kind is, such as "an ONNX model".
func (k Kind) String() string { return texts[k].name }

// Describe says what a file of a size is, and what to do with it, in a sentence without
// a capital and a full stop; "" if that is not known.
//
//	"an ONNX model: save its initializers with Python's onnx.numpy_helper.to_array and numpy.savez"
func Describe(r io.ReaderAt, size int64) string { return Detect(r, size).Describe() }

// Describe says what a file of the kind is, and what to do with it.
func (k Kind) Describe() string {
	switch {
	case k == Unknown:
		return ""
	case texts[k].remedy == "":
		return k.String()
	}
	return k.String() + ": " + texts[k].remedy
}

// Explain returns the error of a reader of one kind of files, or if the file is of
// another kind, an error that says which and what to do with it.
func Explain(err error, reader Kind, r io.ReaderAt, size int64) error {
	if err == nil || Detect(r, size) == reader {
		return err
	}
	if text := Describe(r, size); text != "" {
		return fmt.Errorf("not %s, but %s", reader, text)
	}
	return err
}

// beginning is how much of a file is looked at.
const beginning = 4096

// prefixes are what files of a kind begin with.
var prefixes = []struct {
	text string
	kind Kind
}{
	{"version https://git-lfs.github.com/spec/", LFSPointer},
	{"GGUF", GGUF},
	{"lmgg", GGML}, {"fmgg", GGML}, {"tjgg", GGML}, {"algg", GGML},
	{"\x93NUMPY", NPY},
	{"\x89HDF\r\n\x1a\n", HDF5},
	{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", TorchLegacy},
	{"\x80\x02", Pickle}, {"\x80\x03", Pickle}, {"\x80\x04", Pickle}, {"\x80\x05", Pickle},
	{"\x1f\x8b", Compressed}, {"\x28\xb5\x2f\xfd", Compressed}, {"\xfd7zXZ\x00", Compressed}, {"BZh", Compressed},
	{"7z\xbc\xaf\x27\x1c", Compressed}, {"Rar!", Compressed},
	{"\x7fELF", Library}, {"MZ", Library}, {"\xcf\xfa\xed\xfe", Library},
}

// DetectFile is [Detect] for the file of a name.
func DetectFile(name string) (Kind, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return Detect(f, info.Size()), nil
}

// Detect returns the kind of a file of a size. It reads its beginning and its end.
func Detect(r io.ReaderAt, size int64) Kind {
	if size <= 0 {
		return Empty
	}
	buffer := make([]byte, min(size, beginning))
	n, _ := r.ReadAt(buffer, 0) // what cannot be read is of an unknown kind
	head := buffer[:n]
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) {
		return detectZip(r, size)
	}
	if isSafetensors(head) {
		return Safetensors
	}
	for _, p := range prefixes {
		if bytes.HasPrefix(head, []byte(p.text)) {
			return p.kind
		}
	}
	switch {
	case n == len(buffer) && len(bytes.Trim(head, "\x00")) == 0:
		return Zeros
	case len(head) >= 8 && string(head[4:8]) == "TFL3":
		return TFLite
	case len(head) >= 262 && string(head[257:262]) == "ustar":
		return detectTar(head)
	case isCheckpoint(r, size):
		return Checkpoint
	}
	if k := detectProtobuf(head); k != Unknown {
		return k
	}
	return detectText(head)
}

// isSafetensors reports whether a file begins with the length of a header and that.
func isSafetensors(head []byte) bool {
	const most = 100_000_000
	return len(head) > 9 && head[8] == '{' && strings.IndexByte("\"}", head[9]) >= 0 && binary.LittleEndian.Uint64(head) <= most
}

// isCheckpoint reports whether a file ends as a table of LevelDB does.
func isCheckpoint(r io.ReaderAt, size int64) bool {
	var end [8]byte
	n, _ := r.ReadAt(end[:], max(size-8, 0))
	return n == len(end) && binary.LittleEndian.Uint64(end[:]) == 0xdb4775248b80fb57
}

// detectProtobuf tells the two messages that begin with a small version: ONNX's, which
// goes on with names and numbers, and TensorFlow's, with a message.
func detectProtobuf(head []byte) Kind {
	if len(head) < 5 || head[0] != 0x08 || head[1] == 0 || head[1] > 100 {
		return Unknown
	}
	if head[1] == 1 && head[2] == 0x12 && slices.Contains([]byte{0x0a, 0x12}, afterVarint(head[3:])) {
		return SavedModel
	}
	if strings.IndexByte("\x12\x1a\x22\x28\x32\x3a\x42", head[2]) >= 0 {
		return ONNX
	}
	return Unknown
}

// afterVarint returns the byte after a number, or 0.
func afterVarint(data []byte) byte {
	if _, n := binary.Uvarint(data); n > 0 && n < len(data) {
		return data[n]
	}
	return 0
}

// detectText tells texts.
func detectText(head []byte) Kind {
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, begin := range []string{"<!doctype html", "<html", "<head", "<?xml", "<error"} {
		if bytes.HasPrefix(text, []byte(begin)) {
			return HTML
		}
	}
	if bytes.HasPrefix(text, []byte("{")) && bytes.Contains(text, []byte(`"weight_map"`)) && bytes.Contains(text, []byte(".safetensors")) {
		return SafetensorsIndex
	}
	return Unknown
}

// detectTar tells the tar of old torch.save by its first file.
func detectTar(head []byte) Kind {
	name, _, _ := bytes.Cut(head[:100], []byte{0})
	switch path.Base(string(name)) {
	case "sys_info", "pickle", "storages", "tensors":
		return TorchTar
	}
	return Tar
}

// detectZip tells archives by the names of what is in them.
func detectZip(r io.ReaderAt, size int64) Kind {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return CutZip
	}
	has := func(match func(name string) bool) bool {
		return slices.ContainsFunc(archive.File, func(f *zip.File) bool { return match(f.Name) })
	}
	// below drops the folder that PyTorch puts all into.
	below := func(match func(name string) bool) bool {
		return has(func(name string) bool {
			_, rest, ok := strings.Cut(name, "/")
			return ok && match(rest)
		})
	}
	is := func(want string) func(string) bool { return func(name string) bool { return name == want } }
	begins := func(want string) func(string) bool {
		return func(name string) bool { return strings.HasPrefix(name, want) }
	}
	switch {
	case below(begins("data/aotinductor/")):
		return AOTInductor
	case below(is("archive_format")), below(begins("models/")) && below(is("byteorder")):
		return PT2
	case below(is("constants.pkl")), below(begins("code/")) && below(is("data.pkl")):
		return TorchScript
	case below(is("data.pkl")):
		return Torch
	case has(is("model.weights.h5")):
		return Keras
	case len(archive.File) > 0 && !has(func(name string) bool { return !strings.HasSuffix(name, ".npy") }):
		return NPZ
	}
	return Zip
}
