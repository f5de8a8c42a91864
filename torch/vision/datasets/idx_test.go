package datasets

import (
	"bytes"
	"compress/gzip"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
)

// idxBytes returns an IDX file of unsigned bytes.
func idxBytes(data []byte, shape ...byte) []byte {
	file := []byte{0, 0, 8, byte(len(shape))}
	for _, size := range shape {
		file = append(file, 0, 0, 0, size)
	}
	return append(file, data...)
}

// pack returns data packed with gzip.
func pack(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestReadIDX(t *testing.T) {
	for _, c := range []struct {
		name string
		file []byte
		want array
	}{
		{"labels", idxBytes([]byte{5, 0, 4}, 3), array{[]int{3}, []byte{5, 0, 4}}},
		{"images", idxBytes([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 2, 2, 2), array{[]int{2, 2, 2}, []byte{1, 2, 3, 4, 5, 6, 7, 8}}},
		{"as many as the limit", idxBytes(make([]byte, 12), 3, 4), array{[]int{3, 4}, make([]byte, 12)}},
		{"none", idxBytes(nil, 0, 3), array{[]int{0, 3}, []byte{}}},
		{"one, without dimensions", idxBytes([]byte{7}), array{[]int{}, []byte{7}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := readIDX(bytes.NewReader(c.file), 12)
			require.NoError(t, err)
			assert.Equal(t, &c.want, got)
		})
	}
}

func TestReadIDXRefuses(t *testing.T) {
	good := idxBytes([]byte{1, 2, 3, 4}, 2, 2)
	changed := func(at int, b byte) []byte {
		file := bytes.Clone(good)
		file[at] = b
		return file
	}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "the IDX header: the file is cut off"},
		{"cut off in the magic number", good[:3], "the IDX header: the file is cut off"},
		{"cut off in the sizes", good[:9], "the IDX header: the file is cut off"},
		{"no elements", good[:12], "the 4 IDX elements: the file is cut off"},
		{"one element short", good[:15], "the 4 IDX elements: the file is cut off"},
		{"one element more", append(bytes.Clone(good), 5), "the IDX file goes on after its 4 elements"},
		{"wrong first byte", changed(0, 1), "not an IDX file: it starts with 01 00, want 00 00"},
		{"a web page", []byte("<html>"), "not an IDX file: it starts with 3c 68, want 00 00"},
		{"floats", changed(2, 0x0d), "the IDX element type is 0x0d, want 0x08, unsigned bytes"},
		{"more dimensions than sizes", changed(3, 255), "the IDX header: the file is cut off"},
		{"one over the limit", idxBytes(make([]byte, 13), 13), "the IDX header says sizes [13], more than 12 elements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			idx, err := readIDX(bytes.NewReader(c.file), 12)
			assert.EqualError(t, err, c.want)
			assert.Nil(t, idx)
		})
	}
}

// Sizes that say too much, also where their product would overflow, are refused
// before memory is taken.
func TestReadIDXHostileSizes(t *testing.T) {
	const huge = "\xff\xff\xff\xff"
	for _, sizes := range []string{huge, huge + huge, huge + huge + huge + huge, "\x00\x00\x00\x00" + huge,
		"\x80\x00\x00\x00\x80\x00\x00\x00\x00\x00\x00\x04", "\x00\x01\x00\x00\x00\x01\x00\x00"} {
		file := append([]byte{0, 0, 8, byte(len(sizes) / 4)}, sizes...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readIDX(bytes.NewReader(file), 1<<30)
		runtime.ReadMemStats(&after)
		assert.ErrorContains(t, err, "more than 1073741824 elements", "% x", sizes)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "% x", sizes)
	}
	// The greatest limit does not overflow either.
	file := append([]byte{0, 0, 8, 2}, huge+huge...)
	_, err := readIDX(bytes.NewReader(file), math.MaxUint32)
	assert.ErrorContains(t, err, "more than 4294967295 elements")
}

func TestUnpack(t *testing.T) {
	want := idxBytes([]byte{1, 2, 3}, 3)
	for name, file := range map[string][]byte{"plain": want, "gz": pack(t, want)} {
		t.Run(name, func(t *testing.T) {
			r, err := unpack(bytes.NewReader(file))
			require.NoError(t, err)
			idx, err := readIDX(r, 10)
			require.NoError(t, err)
			assert.Equal(t, &array{[]int{3}, []byte{1, 2, 3}}, idx)
		})
	}
	r, err := unpack(bytes.NewReader(nil))
	require.NoError(t, err)
	_, err = readIDX(r, 10)
	assert.EqualError(t, err, "the IDX header: the file is cut off")
}

func TestUnpackRefuses(t *testing.T) {
	packed := pack(t, idxBytes([]byte{1, 2, 3}, 3))
	_, err := unpack(bytes.NewReader(packed[:5]))
	assert.Error(t, err, "cut off in gzip's header")

	r, err := unpack(bytes.NewReader(packed[:len(packed)-1]))
	require.NoError(t, err)
	_, err = readIDX(r, 10)
	assert.EqualError(t, err, "after the 3 IDX elements: unexpected EOF", "cut off in gzip's checksum")

	packed[len(packed)-8] ^= 1
	r, err = unpack(bytes.NewReader(packed))
	require.NoError(t, err)
	_, err = readIDX(r, 10)
	assert.ErrorIs(t, err, gzip.ErrChecksum)
}

// FuzzReadIDX reads any file, packed or not, and looks for input that panics, gives
// more data than its limit, or takes more memory or time than is due.
func FuzzReadIDX(f *testing.F) {
	for _, file := range [][]byte{idxBytes([]byte{1, 2, 3, 4}, 2, 2), {0, 0, 8, 255}} {
		f.Add(file)
		f.Add(pack(f, file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		hostile.Read(t, len(file), func() {
			r, err := unpack(bytes.NewReader(file))
			if err != nil {
				return
			}
			idx, err := readIDX(r, 64)
			if err != nil {
				assert.Less(t, len(err.Error()), 4000) // 255 sizes
				return
			}
			n := 1
			for _, size := range idx.Shape {
				n *= size
			}
			assert.Len(t, idx.Data, n)
			assert.LessOrEqual(t, n, 64)
		})
	})
}
