package safetensors_test

import (
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
	"github.com/wangkuiyi/gotorch/torch/safetensors"
)

// file is a file with a header, and so many bytes of data.
func file(header string, data int) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), make([]byte, data)...)
}

// entry is a tensor in a header.
func entry(name, dtype, shape string, begin, end uint64) string {
	return fmt.Sprintf(`%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, begin, end)
}

func TestRefused(t *testing.T) {
	x := entry("x", "F32", "[1]", 0, 4)
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "not a safetensors file, but an empty file: it was not written"},
		{[]byte("GGUF\x03\x00\x00\x00\x00"), "not a safetensors file, but a GGUF file: package gguf reads it"},
		{[]byte("1234567"), "too short"},
		{binary.LittleEndian.AppendUint64(nil, 1<<63), "a header of 9223372036854775808 bytes is longer than"},
		{binary.LittleEndian.AppendUint64(nil, 100_000_001), "longer than the 100000000"},
		{binary.LittleEndian.AppendUint64(nil, 5), "the header of 5 bytes ends after the file of 8"},
		{file("", 0), "a file that begins with zeros only"},
		{file(" {}", 0), "does not begin with {"},
		{file("{", 0), "EOF"},
		{file("{}x", 0), "something follows its end"},
		{file("{} {}", 0), "something follows its end"},
		{file("{\"\xff\":1}", 0), "not UTF-8"},
		{file(`{"\ud800":1}`, 0), `half of a character, \ud800`},
		{file(`{"\udc00":1}`, 0), `half of a character, \udc00`},
		{file(`{"x":1}`, 0), `"x": 1 is not an object`},
		{file(`{"x":{}}`, 0), `"x": it has no dtype`},
		{file("{"+x+","+x+"}", 4), `"x": it is there twice`},
		{file(`{"__metadata__":{},"__metadata__":{}}`, 0), "it is there twice"},
		{file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `"a": it is there twice`},
		{file(`{"__metadata__":{"a":1}}`, 0), `"__metadata__": "a": 1 is not a text`},
		{file(`{"__metadata__":[]}`, 0), "[ is not an object"},
		{file(`{"x":{"dtype":"F32","dtype":"F32"}}`, 0), `"dtype": it is there twice`},
		{file(`{"x":{"DType":"F32"}}`, 0), `"DType": a tensor has no such entry`},
		{file(`{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4,8]}}`, 4), "more than 2 sizes"},
		{file(`{"x":{"dtype":"F32","shape":[],"data_offsets":[0]}}`, 4), "not a begin and an end"},
		{file(`{"x":{"dtype":"F32","shape":[],"data_offsets":[4,0]}}`, 4), "not a begin and an end"},
		{file(`{"x":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4), "1.0 is not a size"},
		{file(`{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "-1 is not a size"},
		{file(`{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, 4), "1 is not a size"},
		{file(`{"x":{"dtype":"F32","shape":[[[]]],"data_offsets":[0,4]}}`, 4), "[ is not a size"},
		{file(`{"x":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, 4), "<nil> is not a list"},
		{file("{"+entry("x", "F33", "[1]", 0, 4)+"}", 4), `there is no dtype "F33"`},
		{file("{"+entry("x", "F32", "[2]", 0, 4)+"}", 4), `tensor "x": F32 of shape [2] takes 8 bytes, and has 4`},
		{file("{"+entry("x", "F32", "[0]", 0, 4)+"}", 4), "takes 0 bytes, and has 4"},
		{file("{"+entry("x", "F32", "[1]", 4, 8)+"}", 8), `tensor "x": it begins at byte 4 of the data, after a hole from 0 on`},
		{file("{"+x+","+entry("y", "F32", "[1]", 2, 6)+"}", 6), `tensor "y": it begins at byte 2 of the data, within another that ends at 4`},
		{file("{"+x+","+entry("y", "F32", "[0]", 2, 2)+"}", 4), `within another`},
		{file("{"+x+"}", 3), "the tensors take 4 bytes, and the file has 3 of them: it is cut off"},
		{file("{"+x+"}", 5), "the tensors end at byte 4 of the data, and the file has 5"},
		{file("{"+entry("x", "F32", "[9223372036854775807,2]", 0, 4)+"}", 4), "more bits than an int counts"},
		{file("{"+entry("x", "F32", "[9223372036854775808]", 0, 4)+"}", 4), "is not a size"},
		{file("{"+entry("x", "F32", "[1]", 0, 1<<63-1)+"}", 4), "takes 4 bytes, and has 9223372036854775807"},
		{file("{"+entry("x", "F4", "[3]", 0, 2)+"}", 2), "does not end with a byte"},
		{file("{"+entry("x", "F4", "[]", 0, 1)+"}", 1), "does not end with a byte"},
		{file("{"+entry("x", "F4", "[2,3]", 0, 3)+"}", 3), "has half of an element in each row"},
		{file("{"+entry("x", "F32", "["+strings.Repeat("1,", 64)+"1]", 0, 4)+"}", 4), "more than 64 sizes"},
	} {
		_, err := safetensors.LoadFrom(bytes.NewReader(c.data), int64(len(c.data)))
		assert.ErrorContains(t, err, c.want, string(c.data))
		path := filepath.Join(t.TempDir(), "x.safetensors")
		require.NoError(t, os.WriteFile(path, c.data, 0o600))
		_, err = safetensors.Open(path)
		assert.ErrorContains(t, err, path)
		assert.ErrorContains(t, err, c.want)
	}
	_, err := safetensors.Open(t.TempDir())
	assert.ErrorContains(t, err, "not a regular file")
	_, err = safetensors.Load("nowhere")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// What the reference library reads is read: any order, spaces, escapes, elements that are
// not aligned.
func TestUnusual(t *testing.T) {
	text := "{ " + entry("last", "I16", "[1]", 1, 3) + ",\n" + entry("first", "U8", "[1]", 0, 1) + "," + entry("none", "F32", "[0,9223372036854775807]", 3, 3) +
		`,"\ud83d\ude00":{"data_offsets":[3,4],"shape":[2],"dtype":"F4"}, "__metadata__":{}}` + "\t\r\n "
	data := file(text, 4)
	path := filepath.Join(t.TempDir(), "x.safetensors")
	data[len(data)-3] = 3
	require.NoError(t, os.WriteFile(path, data, 0o600))
	f, err := safetensors.Open(path)
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, []string{"first", "last", "none", "\U0001f600"}, f.Names())
	x, err := f.Tensor("last")
	require.NoError(t, err)
	assert.Equal(t, []int16{3}, torch.ToSlice[int16](x))
	x.Close()
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"dtypes", "odd", "empty", "small", "model-00001-of-00003"} {
		data, err := os.ReadFile(python + name + ".safetensors")
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add(file("{"+entry("x", "F32", "[9223372036854775807,2]", 0, 4)+`,"__metadata__":{"a":"\ud83d\ude00"}}`, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		var read, written bytes.Buffer
		hostile.Read(t, len(data), func() {
			dict, err := safetensors.LoadFrom(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				assert.Less(t, len(err.Error()), 5000)
				return
			}
			defer closeAll(dict)
			require.NoError(t, safetensors.SaveTo(dict, &written))
		})
		if written.Len() == 0 {
			return
		}
		// What was read and written is read and written the same.
		again, err := safetensors.LoadFrom(bytes.NewReader(written.Bytes()), int64(written.Len()))
		require.NoError(t, err)
		defer closeAll(again)
		require.NoError(t, safetensors.SaveTo(again, &read))
		assert.Equal(t, written.Bytes(), read.Bytes())
	})
}
