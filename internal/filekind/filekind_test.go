package filekind

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
)

// archive is a zip of empty files.
func archive(t testing.TB, names ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		_, err := w.Create(name)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

// files are a file of each kind.
func files(t testing.TB) map[Kind][]string {
	tar := func(name string) string {
		return name + strings.Repeat("\x00", 257-len(name)) + "ustar\x0000" + strings.Repeat("\x00", 248)
	}
	torch := archive(t, "net/data.pkl", "net/data/0", "net/version", "net/byteorder")
	st := string(binary.LittleEndian.AppendUint64(nil, 16))
	return map[Kind][]string{
		Unknown:          {"hello", "{}", "\x08", "\x08\x0a\x99\x00\x00", st + "[1]             "},
		Empty:            {""},
		Zeros:            {strings.Repeat("\x00", 5000)},
		LFSPointer:       {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"},
		HTML:             {"<!DOCTYPE html>\n<html>", "\xef\xbb\xbf\n <HTML lang=en>", "<?xml version='1.0'?><Error><Code>AccessDenied</Code>"},
		Torch:            {torch, archive(t, "archive/data.pkl")},
		TorchLegacy:      {"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."},
		TorchTar:         {tar("sys_info"), tar("./storages")},
		TorchScript:      {archive(t, "net/data.pkl", "net/code/__torch__.py", "net/constants.pkl"), archive(t, "net/data.pkl", "net/code/__torch__.py")},
		PT2:              {archive(t, "m/archive_format", "m/models/model.json", "m/byteorder")},
		AOTInductor:      {archive(t, "m/archive_format", "m/data/aotinductor/model/a.wrapper.so")},
		Pickle:           {"\x80\x04\x95\x0f", "\x80\x02}q\x00."},
		Safetensors:      {st + `{"a":1}`, string(binary.LittleEndian.AppendUint64(nil, 2)) + "{}"},
		SafetensorsIndex: {`{"metadata": {}, "weight_map": {"x": "model-00001-of-00002.safetensors"}}`},
		GGUF:             {"GGUF\x03\x00\x00\x00"},
		GGML:             {"tjgg\x03\x00\x00\x00"},
		NPY:              {"\x93NUMPY\x01\x00"},
		NPZ:              {archive(t, "arr_0.npy", "x.npy")},
		ONNX:             {"\x08\x0a\x12\x07pytorch\x1a\x052.1.0", "\x08\x08:\x10\x0a\x04"},
		Keras:            {archive(t, "metadata.json", "config.json", "model.weights.h5")},
		HDF5:             {"\x89HDF\r\n\x1a\n\x00"},
		SavedModel:       {"\x08\x01\x12\xa4\x80\x01\x0a\x10"},
		Checkpoint:       {"\x00\x00\x08header\x57\xfb\x80\x8b\x24\x75\x47\xdb"},
		TFLite:           {"\x1c\x00\x00\x00TFL3\x14\x00"},
		Zip:              {archive(t), archive(t, "README"), archive(t, "a.npy", "b.txt")},
		CutZip:           {torch[:len(torch)-30], "PK\x03\x04"},
		Tar:              {tar("model/weights.bin")},
		Compressed:       {"\x1f\x8b\x08\x00", "\xfd7zXZ\x00"},
		Library:          {"\x7fELF\x02\x01"},
	}
}

func TestDetect(t *testing.T) {
	all := files(t)
	for k := range kinds {
		require.NotEmpty(t, all[k], k.String())
		assert.NotEmpty(t, k.String())
		for _, data := range all[k] {
			r, size := strings.NewReader(data), int64(len(data))
			assert.Equal(t, k.String(), Detect(r, size).String(), data)
			text := Describe(r, size)
			assert.Equal(t, k == Unknown, text == "")
			assert.True(t, strings.HasPrefix(k.String(), text) || strings.HasPrefix(text, k.String()+": "), text)
		}
	}
}

func TestExplain(t *testing.T) {
	err := errors.New("cut off")
	explain := func(k Kind, data string) error { return Explain(err, k, strings.NewReader(data), int64(len(data))) }
	assert.Equal(t, err, explain(Torch, "hello"))
	assert.Equal(t, err, explain(GGUF, "GGUF"))
	assert.EqualError(t, explain(Safetensors, "GGUF"), "not a safetensors file, but a GGUF file: package gguf reads it")
	assert.EqualError(t, explain(NPY, "\x7fELF"), "not a .npy file of NumPy, but a program or a library")
	assert.NoError(t, Explain(nil, Torch, strings.NewReader("GGUF"), 4))
}

func FuzzDetect(f *testing.F) {
	for _, list := range files(f) {
		for _, data := range list {
			f.Add([]byte(data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hostile.Read(t, len(data), func() {
			k := Detect(bytes.NewReader(data), int64(len(data)))
			assert.True(t, k >= 0 && k < kinds)
		})
	})
}
