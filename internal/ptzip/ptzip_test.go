package ptzip

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
)

// file returns a file with a pickle and records of these names and contents.
func file(t testing.TB, records ...string) []byte {
	var buffer bytes.Buffer
	w, err := NewWriter(&buffer, []byte("pickle"))
	require.NoError(t, err)
	for i := 0; i < len(records); i += 2 {
		f, err := w.Create(records[i])
		require.NoError(t, err)
		_, err = io.WriteString(f, records[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return buffer.Bytes()
}

func open(data []byte) (*Reader, error) { return NewReader(bytes.NewReader(data), int64(len(data))) }

func TestRoundTrip(t *testing.T) {
	long := strings.Repeat("0123456789", 50)
	data := file(t, "data/0", "zero", "data/1", "", "data/2", long)
	r, err := open(data)
	require.NoError(t, err)
	for name, want := range map[string]string{"data/0": "zero", "data/1": "", "data/2": long, "version": "3\n", "byteorder": "little"} {
		got, err := r.Read(name)
		require.NoError(t, err)
		assert.Equal(t, want, string(got), name)
		assert.True(t, r.Has(name))
	}
	pickle, err := r.Pickle()
	require.NoError(t, err)
	assert.Equal(t, "pickle", string(pickle))
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for _, f := range archive.File {
		start, err := f.DataOffset()
		require.NoError(t, err)
		assert.Zero(t, start%64, f.Name)
	}
	_, err = r.Read("data/3")
	assert.EqualError(t, err, `record "data/3" is missing`)
}

// archive returns a zip archive that write makes.
func archive(t *testing.T, write func(w *zip.Writer)) []byte {
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	write(w)
	require.NoError(t, w.Close())
	return buffer.Bytes()
}

func put(t *testing.T, w *zip.Writer, names ...string) {
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name})
		require.NoError(t, err)
		_, err = io.WriteString(f, "content")
		require.NoError(t, err)
	}
}

func TestRefuses(t *testing.T) {
	good := file(t, "data/0", "zero")
	for want, data := range map[string][]byte{
		"not a PyTorch file: zip: not a valid zip":     []byte("GIF89a"),
		"not a PyTorch file":                           {},
		"the zip file is cut off":                      good[:len(good)-9],
		"it has no data.pkl":                           archive(t, func(w *zip.Writer) { put(t, w, "a/b", "data.pkl") }),
		`record "b" is not in the folder a/`:           archive(t, func(w *zip.Writer) { put(t, w, "a/data.pkl", "b") }),
		`record "x" is there twice`:                    archive(t, func(w *zip.Writer) { put(t, w, "a/data.pkl", "a/x", "a/x") }),
		"a TorchScript program":                        archive(t, func(w *zip.Writer) { put(t, w, "a/data.pkl", "a/constants.pkl") }),
		`the order of bytes is "content", want little`: archive(t, func(w *zip.Writer) { put(t, w, "a/data.pkl", "a/byteorder") }),
	} {
		_, err := open(data)
		assert.ErrorContains(t, err, want)
	}
}

// A record cannot make the reader take more memory than the file has bytes.
func TestHostileRecords(t *testing.T) {
	compressed := archive(t, func(w *zip.Writer) {
		put(t, w, "a/data.pkl")
		f, err := w.Create("a/bomb")
		require.NoError(t, err)
		_, err = f.Write(make([]byte, 1<<20))
		require.NoError(t, err)
		f, err = w.CreateRaw(&zip.FileHeader{Name: "a/huge", CompressedSize64: 1 << 60, UncompressedSize64: 1 << 60})
		require.NoError(t, err)
		_, err = io.WriteString(f, "x")
		require.NoError(t, err)
	})
	r, err := open(compressed)
	require.NoError(t, err)
	_, err = r.Read("bomb")
	assert.EqualError(t, err, `record "bomb" is compressed`)
	_, err = r.Read("huge")
	assert.ErrorContains(t, err, "more than the file has left")
	for range len(compressed) / len("content") { // as if records overlapped
		if _, err = r.Read("data.pkl"); err != nil {
			break
		}
	}
	_, err = r.Read("data.pkl")
	assert.ErrorContains(t, err, "more than the file has left")
}

func TestChecksum(t *testing.T) {
	data := bytes.Replace(file(t, "data/0", "zero"), []byte("zero"), []byte("nero"), 1)
	r, err := open(data)
	require.NoError(t, err)
	_, err = r.Read("data/0")
	assert.EqualError(t, err, `record "data/0": zip: checksum error`)
}

// A file of nothing but a directory takes no more than its size allows, and no error
// is as long as what is in the file.
func TestHostileDirectory(t *testing.T) {
	many := archive(t, func(w *zip.Writer) {
		put(t, w, "a/data.pkl")
		for i := range 50_000 {
			_, err := w.CreateRaw(&zip.FileHeader{Name: fmt.Sprintf("a/%x", i)})
			require.NoError(t, err)
		}
	})
	_, directory, ok := bytes.Cut(many, []byte("PK\x01\x02"))
	require.True(t, ok)
	hostile.Read(t, len(directory), func() {
		r, err := open(many)
		require.NoError(t, err)
		assert.Equal(t, 50_001, r.Len())
	})
	long := strings.Repeat("x", 60_000)
	for _, names := range [][]string{{"a/data.pkl", long}, {long + "/data.pkl", "b"}, {"a/data.pkl", "a/" + long, "a/" + long}} {
		_, err := open(archive(t, func(w *zip.Writer) { put(t, w, names...) }))
		assert.ErrorContains(t, err, "xxx...")
		assert.Less(t, len(err.Error()), 300)
	}
	r, err := open(file(t))
	require.NoError(t, err)
	_, err = r.Read(long)
	assert.EqualError(t, err, `record "`+long[:97]+`..." is missing`)
}

func FuzzReader(f *testing.F) {
	f.Add(file(f, "data/0", "zero"))
	var unchecked bytes.Buffer // without checksums, so that what is changed is read
	w := zip.NewWriter(&unchecked)
	for _, name := range []string{"a/data.pkl", "a/byteorder", "a/data/0"} {
		record, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: 6, UncompressedSize64: 6})
		require.NoError(f, err)
		_, err = io.WriteString(record, "little")
		require.NoError(f, err)
	}
	require.NoError(f, w.Close())
	f.Add(unchecked.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, len(data), func() {
			r, err := open(data)
			if err != nil {
				assert.Less(t, len(err.Error()), 1000)
				return
			}
			total := 0
			for name := range r.files {
				content, err := r.Read(name)
				if err != nil {
					assert.Less(t, len(err.Error()), 1000)
				}
				total += len(content)
			}
			assert.LessOrEqual(t, total, len(data))
		})
	})
}
