// Package ptzip reads and writes the records of PyTorch's .pt files: zip archives
// that are not compressed, with all names in one folder, and in which every record
// starts at a multiple of 64 bytes.
package ptzip

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/wangkuiyi/gotorch/internal/brief"
)

// Reader reads the records of a file.
type Reader struct {
	files     map[string]*zip.File // by their names within the folder
	left      int64                // how much may be read: no more than the file has
	bigEndian bool
}

// Record is the content of a record. Reading fails at the end if the checksum is wrong.
type Record struct {
	io.ReadCloser
	Size int64 // in bytes
	file *zip.File
}

// Offset returns where in the file the content begins.
func (r *Record) Offset() (int64, error) { return r.file.DataOffset() }

const (
	pickleName = "data.pkl"
	alignment  = 64
)

// NewReader returns a reader of a file with size bytes. It fails on what is not
// one of PyTorch's files, and says what it is instead, if it can tell.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	result, err := NewReaderOf(r, size, pickleName)
	if err == nil && result.Has("constants.pkl") {
		return nil, errors.New("a TorchScript program, not data that torch.save wrote")
	}
	return result, err
}

// NewReaderOf returns a reader of another kind of PyTorch's archives: one with a record
// of the name, in the folder that all are in.
func NewReaderOf(r io.ReaderAt, size int64, record string) (*Reader, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, notZip(r, err)
	}
	folder := ""
	for _, f := range archive.File {
		if dir, name, ok := strings.Cut(f.Name, "/"); ok && name == record {
			folder = dir + "/"
		}
	}
	if folder == "" {
		return nil, errors.New("a zip file, but not PyTorch's: it has no " + record)
	}
	files := make(map[string]*zip.File, len(archive.File))
	for _, f := range archive.File {
		name, ok := strings.CutPrefix(f.Name, folder)
		if !ok {
			return nil, fmt.Errorf("record %q is not in the folder %s", brief.Text(f.Name), brief.Text(folder))
		}
		if files[name] != nil {
			return nil, fmt.Errorf("record %q is there twice", brief.Text(name))
		}
		files[name] = f
	}
	result := &Reader{files: files, left: size}
	return result, result.readOrder()
}

// notZip says more about a file that is not a zip archive.
func notZip(r io.ReaderAt, err error) error {
	var start [4]byte
	n, _ := r.ReadAt(start[:], 0)
	if bytes.HasPrefix(start[:n], []byte("PK\x03\x04")) {
		return errors.New("the zip file is cut off, or its directory is damaged")
	}
	return fmt.Errorf("not a PyTorch file: %w", err)
}

// readOrder reads which order of bytes the machine had that wrote the file.
func (r *Reader) readOrder() error {
	if !r.Has("byteorder") {
		return nil // as older PyTorch writes it: little
	}
	order, err := r.Read("byteorder")
	if err != nil {
		return err
	}
	r.bigEndian = string(order) == "big"
	if !r.bigEndian && string(order) != "little" {
		return fmt.Errorf("the order of bytes is %q, want little or big", brief.Text(string(order)))
	}
	return nil
}

// BigEndian reports whether numbers begin with the byte that counts most.
func (r *Reader) BigEndian() bool { return r.bigEndian }

// Has reports whether there is a record.
func (r *Reader) Has(name string) bool { return r.files[name] != nil }

// Names returns the names of the records, sorted.
func (r *Reader) Names() []string { return slices.Sorted(maps.Keys(r.files)) }

// Size returns how many bytes a record has when it is not compressed, as the file says.
func (r *Reader) Size(name string) uint64 {
	if f := r.files[name]; f != nil {
		return f.UncompressedSize64
	}
	return 0
}

// Inflate returns all of a record, which may be compressed. It fails on one of more than
// limit bytes.
func (r *Reader) Inflate(name string, limit int64) ([]byte, error) {
	f := r.files[name]
	switch {
	case f == nil:
		return nil, fmt.Errorf("record %q is missing", brief.Text(name))
	case f.UncompressedSize64 > uint64(max(limit, 0)):
		return nil, fmt.Errorf("record %q has %d bytes, more than %d", brief.Text(name), f.UncompressedSize64, limit)
	}
	content, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("record %q cannot be read: %w", brief.Text(name), err)
	}
	defer content.Close()
	data, err := io.ReadAll(content) // no more than the file says, else it fails
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", brief.Text(name), err)
	}
	return data, nil
}

// Len returns the number of records.
func (r *Reader) Len() int { return len(r.files) }

// find returns a record that is stored as it is.
func (r *Reader) find(name string) (*zip.File, error) {
	f := r.files[name]
	if f == nil {
		return nil, fmt.Errorf("record %q is missing", brief.Text(name))
	}
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, fmt.Errorf("record %q is compressed", brief.Text(name))
	}
	return f, nil
}

// Place returns where in the file a record's content begins, and its size in bytes, which
// may be more than the file has.
func (r *Reader) Place(name string) (offset int64, size uint64, err error) {
	f, err := r.find(name)
	if err != nil {
		return 0, 0, err
	}
	offset, err = f.DataOffset()
	return offset, f.UncompressedSize64, err
}

// Open returns a record's content.
func (r *Reader) Open(name string) (*Record, error) {
	f, err := r.find(name)
	if err != nil {
		return nil, err
	}
	if f.UncompressedSize64 > uint64(r.left) {
		return nil, fmt.Errorf("record %q has %d bytes, more than the file has left", brief.Text(name), f.UncompressedSize64)
	}
	r.left -= int64(f.UncompressedSize64)
	content, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("record %q cannot be read: %w", brief.Text(name), err)
	}
	return &Record{content, int64(f.UncompressedSize64), f}, nil
}

// Read returns all of a record.
func (r *Reader) Read(name string) ([]byte, error) {
	content, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	data := make([]byte, content.Size)
	_, err = io.ReadFull(content, data)
	if err == nil {
		err = Whole(content)
	}
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", brief.Text(name), err)
	}
	return data, nil
}

// Whole fails unless all of a record's content was read, with the right checksum.
func Whole(content io.Reader) error {
	_, err := content.Read(make([]byte, 1))
	if err == io.EOF {
		return nil
	}
	return err
}

// Pickle returns the record that says what the file holds.
func (r *Reader) Pickle() ([]byte, error) { return r.Read(pickleName) }

// Writer writes the records of a file.
type Writer struct {
	archive *zip.Writer
	count   *counter
	start   int64 // of the record's content
}

// counter counts what is written.
type counter struct {
	io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// NewWriter returns a writer of a file that starts with its pickle and PyTorch's
// own records.
func NewWriter(w io.Writer, pickle []byte) (*Writer, error) {
	result := NewWriterOf(w)
	for _, record := range []struct{ name, content string }{
		{pickleName, string(pickle)},
		{".format_version", "1"},
		{".storage_alignment", fmt.Sprint(alignment)},
		{"byteorder", "little"},
		{"version", "3\n"},
	} {
		if err := result.Write(record.name, []byte(record.content)); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// NewWriterOf returns a writer of another kind of PyTorch's archives, without any record.
func NewWriterOf(w io.Writer) *Writer {
	count := &counter{Writer: w}
	return &Writer{archive: zip.NewWriter(count), count: count}
}

// Write writes a record.
func (w *Writer) Write(name string, content []byte) error {
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write(content)
	}
	return err
}

// Create starts a record and returns what its content goes to, until the next one.
func (w *Writer) Create(name string) (io.Writer, error) {
	if err := w.archive.Flush(); err != nil {
		return nil, err
	}
	header := &zip.FileHeader{Name: "archive/" + name, Method: zip.Store}
	const local, extra = 30, 4 // what the zip format has before the content
	unpadded := w.count.n + w.descriptor() + local + int64(len(header.Name)) + extra
	padding := (alignment - unpadded%alignment) % alignment
	header.Extra = append([]byte{'F', 'B', byte(padding), 0}, make([]byte, padding)...)
	w.start = unpadded + padding
	return w.archive.CreateHeader(header)
}

// descriptor returns how many bytes the zip format has after the record before.
func (w *Writer) descriptor() int64 {
	switch size := w.count.n - w.start; {
	case w.count.n == 0:
		return 0
	case size >= math.MaxUint32:
		return 24
	}
	return 16
}

// Close writes the end of the file.
func (w *Writer) Close() error { return w.archive.Close() }
