package npy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/npy"
)

// file is an array with a header, and so many bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

// header is that of an array of a type and a shape.
func header(descr, shape string) string {
	return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }\n"
}

func TestRefused(t *testing.T) {
	whole := read(t, "float32.npy")
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "an empty file"},
		{[]byte("\x93NUMPY"), "cut off"},
		{whole[:50], "cut off"},
		{whole[:len(whole)-1], "an array of torch.float32 of shape [2 3] takes 24 bytes, and there are 23: it is cut off"},
		{append(bytes.Clone(whole), 0), "1 bytes follow the array: several arrays in one file"},
		{[]byte("hello, world"), "it does not begin as NumPy's arrays do"},
		{[]byte("GGUF\x03\x00\x00\x00\x00\x00\x00\x00"), "not a .npy file of NumPy, but a GGUF file"},
		{[]byte("\x93NUMPY\x04\x00\x00\x00\x00\x00"), "version 4.0 of the format is not known"},
		{[]byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"), "a header of 4294967295 bytes is longer than"},
		{[]byte("\x93NUMPY\x02\x00\xff"), "cut off"},
		{file("", 0), "it is not as NumPy writes it"},
		{file("{}", 0), "it is not as NumPy writes it"},
		{file("{'descr': '<f4'}", 4), "it is not as NumPy writes it"},
		{file("{'descr': 'shape': (1,), 'fortran_order': , }", 4), "it is not as NumPy writes it"},
		{file("{'descr': 'shape': (1,), }", 4), "npy: invalid dictionary"},
		{file("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,), }", 4), "fortran_order"},
		{file(header("''", "(1,)"), 4), "it has no type"},
		{file(header("'<f3'", "(1,)"), 4), "floats that PyTorch has not"},
		{file(header("'x'", "(1,)"), 4), `there is no dtype "x"`},
		{file(header("'<f4'", "(x,)"), 4), "invalid syntax"},
		{file(header("'<f4'", "(-1,)"), 4), "a size is negative"},
		{file(header("'<f4'", "(9223372036854775808,)"), 4), "value out of range"},
		{file(header("'<f4'", "(9223372036854775807, 9223372036854775807)"), 4), "more elements than an int counts"},
		{file(header("'<f4'", "("+strings.Repeat("1, ", 65)+")"), 4), "65 dimensions are more than the 64"},
		{read(t, "object.npy"), "an array of Python objects, which are not read"},
		{read(t, "text.npy"), "an array of texts"},
		{read(t, "date.npy"), "an array of dates"},
		{read(t, "structure.npy"), "an array of structures: save each field"},
		{read(t, "longdouble.npy"), "an array of floats that PyTorch has not: save its astype('float64')"},
		{read(t, "bytes.npy"), "an array of bytes of no type"},
		{read(t, "plain.npz"), "a .npz archive of NumPy: npy.OpenArchive reads it"},
	} {
		_, err := npy.LoadFrom(bytes.NewReader(c.data), int64(len(c.data)))
		assert.ErrorContains(t, err, c.want, string(c.data))
		path := filepath.Join(t.TempDir(), "x.npy")
		require.NoError(t, os.WriteFile(path, c.data, 0o600))
		_, err = npy.Load(path)
		assert.ErrorContains(t, err, path)
		assert.ErrorContains(t, err, c.want)
	}
	info, err := npy.ReadInfo(python + "structure.npy")
	require.NoError(t, err)
	assert.Equal(t, npy.Info{Format: "[('a', '<f4'), ('b', '<i4')]", Shape: []int{2}}, info)
	_, err = npy.ReadInfo("nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = npy.Load("nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Headers that others than NumPy of today write.
func TestUnusual(t *testing.T) {
	for _, text := range []string{header("'<f4'", "(2L, 1L)"), "{'descr': '<f4', 'fortran_order': False, 'shape': (2,1)}", header("'f4'", "(2, 1,)"), header("'=f4'", "(2, 1)")} {
		data := file(text, 8)
		x, err := npy.LoadFrom(bytes.NewReader(data), int64(len(data)))
		require.NoError(t, err, text)
		assert.Equal(t, []int{2, 1}, x.Shape(), text)
		assert.Equal(t, torch.Float32, x.DType())
		x.Close()
	}
}

// pack makes an archive.
func pack(t testing.TB, method uint16, names []string, data ...[]byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		require.NoError(t, err)
		_, err = f.Write(data[i])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestArchiveRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npz")
	open := func(data []byte, options ...npy.ArchiveOptions) (*npy.Archive, error) {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return npy.OpenArchive(path, options...)
	}
	one := file(header("'<f4'", "(1,)"), 4)
	damaged := pack(t, zip.Store, []string{"x.npy"}, one)
	damaged[bytes.Index(damaged, one)+len(one)-1] = 1
	for want, data := range map[string][]byte{
		"an empty file":                  {},
		"the array \"x\" is there twice": pack(t, zip.Store, []string{"x.npy", "x.npy"}, one, one),
		"a zip archive of other files":   pack(t, zip.Store, []string{"README"}, nil),
		"a zip archive without its end":  damaged[:len(damaged)-10],
		"not a .npz archive of NumPy, but a .npy file of NumPy: npy.Load reads it": one,
	} {
		_, err := open(data)
		assert.ErrorContains(t, err, want)
	}
	for want, data := range map[string][]byte{
		"checksum":                  damaged,
		"it does not begin as":      pack(t, zip.Store, []string{"x.npy"}, []byte("hello, world")),
		"it is cut off":             pack(t, zip.Store, []string{"x.npy"}, one[:len(one)-1]),
		"1 bytes follow the array":  pack(t, zip.Deflate, []string{"x.npy"}, append(bytes.Clone(one), 0)),
		"an array of Python object": pack(t, zip.Deflate, []string{"x.npy"}, read(t, "object.npy")),
	} {
		a, err := open(data)
		require.NoError(t, err)
		_, err = a.Tensor("x")
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, `array "x": `)
		require.NoError(t, a.Close())
	}
	// What is no array is left out; the rest is read.
	a, err := open(pack(t, zip.Store, []string{"README", "x.npy"}, nil, one))
	require.NoError(t, err)
	assert.Equal(t, []string{"x"}, a.Names())
	require.NoError(t, a.Close())
	a, err = open(pack(t, zip.Store, nil))
	require.NoError(t, err)
	assert.Empty(t, a.Names())
	require.NoError(t, a.Close())
}

// A small file does not fill the memory, unless it is allowed to.
func TestArchiveBomb(t *testing.T) {
	const size = 60 << 20
	path := filepath.Join(t.TempDir(), "x.npz")
	require.NoError(t, os.WriteFile(path, pack(t, zip.Deflate, []string{"x.npy"}, file(header("'|u1'", fmt.Sprintf("(%d,)", size)), size)), 0o600))
	a, err := npy.OpenArchive(path)
	require.NoError(t, err)
	defer a.Close()
	hostile.Read(t, 0, func() {
		_, err = a.Tensor("x")
		assert.ErrorContains(t, err, "its 62914560 bytes are more than the")
	})
	info, err := a.Info("x")
	require.NoError(t, err)
	assert.Equal(t, size, info.Bytes)
	b, err := npy.OpenArchive(path, npy.ArchiveOptions{MaxMemory: new(size)})
	require.NoError(t, err)
	defer b.Close()
	x, err := b.Tensor("x")
	require.NoError(t, err)
	assert.Equal(t, size, x.Numel())
	x.Close()
}

func FuzzLoad(f *testing.F) {
	entries, err := os.ReadDir(python)
	require.NoError(f, err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".npy") {
			f.Add(read(f, e.Name()))
		}
	}
	f.Add(file(header("'<f4'", "(2L, 1L)"), 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		var written bytes.Buffer
		hostile.Read(t, len(data), func() {
			x, err := npy.LoadFrom(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				assert.Less(t, len(err.Error()), 5000)
				return
			}
			defer x.Close()
			require.NoError(t, npy.SaveTo(x, &written))
			y, err := npy.LoadFrom(bytes.NewReader(written.Bytes()), int64(written.Len()))
			require.NoError(t, err)
			defer y.Close()
			assert.Equal(t, x.Shape(), y.Shape())
			assert.Equal(t, x.DType(), y.DType())
		})
	})
}

func FuzzOpenArchive(f *testing.F) {
	f.Add(read(f, "plain.npz"))
	f.Add(read(f, "compressed.npz"))
	// Without checksums, so that what is changed is read.
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	one := file(header("'<f4'", "(1,)"), 4)
	raw, err := w.CreateRaw(&zip.FileHeader{Name: "x.npy", CompressedSize64: uint64(len(one)), UncompressedSize64: uint64(len(one))})
	require.NoError(f, err)
	_, err = raw.Write(one)
	require.NoError(f, err)
	require.NoError(f, w.Close())
	f.Add(b.Bytes())
	path := filepath.Join(f.TempDir(), "x.npz")
	f.Fuzz(func(t *testing.T, data []byte) {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		hostile.Read(t, len(data), func() {
			a, err := npy.OpenArchive(path)
			if err != nil {
				assert.Less(t, len(err.Error()), 5000)
				return
			}
			for i, name := range a.Names() {
				if i > 20 {
					break
				}
				_, _ = a.Info(name)
				if x, err := a.Tensor(name); err == nil {
					x.Close()
				}
			}
			require.NoError(t, a.Close())
		})
	})
}
