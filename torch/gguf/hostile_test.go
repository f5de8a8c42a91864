package gguf_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch/gguf"
)

// file is a file to be written, with what is wrong in it.
type file struct {
	metadata []value
	tensors  []stored
	keys     *uint64 // how many it says there are
	infos    *uint64
}

type value struct {
	key  string
	kind uint32
	data []byte
}

type stored struct {
	name   string
	dims   []uint64
	kind   uint32
	data   []byte
	offset *uint64 // what it says
}

// little returns values in little-endian order; a text has its length before it.
func little(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if text, ok := v.(string); ok {
			b.Write(little(uint64(len(text)), []byte(text)))
			continue
		}
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func (f file) bytes() []byte {
	keys, infos := uint64(len(f.metadata)), uint64(len(f.tensors))
	if f.keys != nil {
		keys = *f.keys
	}
	if f.infos != nil {
		infos = *f.infos
	}
	b := append([]byte("GGUF"), little(uint32(3), infos, keys)...)
	for _, v := range f.metadata {
		b = append(b, little(v.key, v.kind, v.data)...)
	}
	var data []byte
	for _, t := range f.tensors {
		offset := uint64(len(data))
		if t.offset != nil {
			offset = *t.offset
		}
		b = append(b, little(t.name, uint32(len(t.dims)), t.dims, t.kind, offset)...)
		data = append(data, t.data...)
		data = append(data, make([]byte, (32-len(data)%32)%32)...)
	}
	b = append(b, make([]byte, (32-len(b)%32)%32)...)
	return append(b, data...)
}

func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.gguf")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func TestHostile(t *testing.T) {
	const huge = 1 << 63
	x := stored{name: "x", dims: []uint64{2}, kind: 0, data: make([]byte, 8)}
	one := func(t stored) file { return file{tensors: []stored{t}} }
	deep := bytes.Repeat(little(uint32(9), uint64(1)), 100_000)
	dims := func(kind uint32, dims ...uint64) file {
		return one(stored{name: "x", dims: dims, kind: kind, data: make([]byte, 64)})
	}
	meta := func(kind uint32, values ...any) file { return file{metadata: []value{{"k", kind, little(values...)}}} }
	for want, data := range map[string][]byte{
		`it is no GGUF file`:                     []byte("GGML...."),
		`not a GGUF file, but an empty file`:     nil,
		`it ends within the header: 4 bytes`:     []byte("GGUF\x03\x00"),
		`it is of version 1 of the format`:       append([]byte("GGUF"), little(uint32(1))...),
		`it is of version 0 of the format`:       append([]byte("GGUF"), little(uint32(0))...),
		`it is of version 4 of the format`:       append([]byte("GGUF"), little(uint32(4))...),
		`it ends within the header: 8 bytes are`: append([]byte("GGUF"), little(uint32(3))...),

		`"" of the metadata: it ends within the header`:             file{keys: new(uint64(huge))}.bytes(),
		`it ends within the header`:                                 file{infos: new(uint64(huge))}.bytes(),
		`it counts 9223372036854775808 elements of 1 bytes or more`: file{metadata: []value{{"k", 8, little(uint64(huge))}}}.bytes(),
		`elements of 8 bytes or more, but only`:                     meta(9, uint32(10), uint64(huge)).bytes(),
		`elements of 8 bytes or more, but only `:                    meta(9, uint32(8), uint64(1<<60)).bytes(),
		`elements of 12 bytes or more`:                              meta(9, uint32(9), uint64(1<<60)).bytes(),
		`it counts 1152921504606846976 elements of 1 bytes`:         meta(9, uint32(8), uint64(1), uint64(1<<60)).bytes(),
		`there is no type 13 of values`:                             meta(13).bytes(),
		`there is no type 77 of values`:                             meta(9, uint32(77), uint64(1)).bytes(),
		`arrays are in arrays more than 8 deep`:                     meta(9, deep).bytes(),
		`the metadata have "k" twice`:                               file{metadata: []value{{"k", 7, []byte{1}}, {"k", 7, []byte{1}}}}.bytes(),

		`general.alignment is a uint32, want a power of two`: file{metadata: []value{{"general.alignment", 4, little(uint32(0))}}}.bytes(),
		`general.alignment is a uint32, want`:                file{metadata: []value{{"general.alignment", 4, little(uint32(24))}}}.bytes(),
		`general.alignment is a uint64, want`:                file{metadata: []value{{"general.alignment", 10, little(uint64(32))}}}.bytes(),

		`the tensor "x": 5 dimensions, want 4 at most`:                dims(0, 1, 1, 1, 1, 1).bytes(),
		`the tensor "x": a size of 9223372036854775808`:               dims(0, huge).bytes(),
		`the tensor "x": it has more elements than an int counts`:     dims(0, math.MaxInt64, math.MaxInt64).bytes(),
		`the tensor "x": it has more elements than an int`:            dims(2, 1<<62).bytes(),
		`the tensor "x": rows of 31 elements are not whole blocks of`: dims(2, 31).bytes(),
		`the tensor "x": rows of 1 elements are not whole`:            dims(12).bytes(),
		`the tensor "x": the type 4 is not known`:                     dims(4, 1).bytes(),
		`the tensor "x" has 400 bytes at 64, but the file has 128`:    dims(0, 100).bytes(),
		`the tensor "x": it is there twice`:                           file{tensors: []stored{x, x}}.bytes(),
		`the tensor "x" begins at 65, which is no multiple of 32`:     one(stored{name: "x", dims: []uint64{2}, data: make([]byte, 64), offset: new(uint64(1))}).bytes(),
		`the tensor "x" has 8 bytes at 4611686018427387936`:           one(stored{name: "x", dims: []uint64{2}, offset: new(uint64(1<<62 - 32))}).bytes(),
		`the tensor "x": it begins at 18446744073709551584`:           one(stored{name: "x", dims: []uint64{2}, offset: new(uint64(math.MaxUint64 - 31))}).bytes(),
		`the tensors "x" and "y" share bytes`: file{tensors: []stored{
			{name: "x", dims: []uint64{9}, data: make([]byte, 36)}, {name: "y", dims: []uint64{1}, data: make([]byte, 4), offset: new(uint64(32))},
		}}.bytes(),
		`the tensor "` + strings.Repeat("n", 97) + `...": a size of`: one(stored{name: strings.Repeat("n", 1<<20), dims: []uint64{huge}}).bytes(),
	} {
		f, err := gguf.Open(write(t, data))
		if assert.Error(t, err, want) {
			assert.ErrorContains(t, err, want)
			assert.Less(t, len(err.Error()), 600, want)
			assert.Nil(t, f)
		}
	}
	// Those with little in them are good.
	for i, good := range []file{{}, one(x), dims(0), dims(0, 0, huge-1), dims(12, 0), dims(12, 0, 5)} {
		f, err := gguf.Open(write(t, good.bytes()))
		require.NoError(t, err, i)
		readAll(f)
		require.NoError(t, f.Close())
	}
}

// A file that counts much takes no more memory than its size is worth.
func TestMemoryIsBounded(t *testing.T) {
	many := little(uint32(9), uint64(50_000)) // of empty arrays
	for range 50_000 {
		many = append(many, little(uint32(0), uint64(0))...)
	}
	path := write(t, file{metadata: []value{{"k", 9, many}, {"n", 9, little(uint32(9), uint64(1<<50))}}}.bytes())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := gguf.Open(path)
	runtime.ReadMemStats(&after)
	assert.Error(t, err)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20*len(many)))
}

// readAll reads what a file has; errors are fine.
func readAll(f *gguf.File) {
	for _, name := range f.Names() {
		if x, err := f.Tensor(name); err == nil {
			x.Close()
		}
	}
	_, _ = f.Tokenizer()
	if l, err := gguf.NewLlama(f); err == nil {
		for _, name := range l.Names() {
			if x, err := l.Tensor(name); err == nil {
				x.Close()
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"little.gguf", "version2.gguf", "llama.gguf"} {
		data, err := os.ReadFile("testdata/files/" + name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add(file{
		metadata: []value{{"a", 9, little(uint32(9), uint64(2), uint32(8), uint64(1), "x", uint32(0), uint64(0))}, {"general.architecture", 8, little("llama")}},
		tensors:  []stored{{name: "q", dims: []uint64{32, 2}, kind: 3, data: make([]byte, 40)}, {name: "k", dims: []uint64{256}, kind: 12, data: make([]byte, 144)}},
	}.bytes())
	path := filepath.Join(f.TempDir(), "file.gguf")
	f.Fuzz(func(t *testing.T, data []byte) {
		require.NoError(t, os.WriteFile(path, data, 0o600))
		file, err := gguf.Open(path)
		if err != nil {
			assert.Less(t, len(err.Error()), 2000)
			return
		}
		readAll(file)
		assert.NoError(t, file.Close())
	})
}
