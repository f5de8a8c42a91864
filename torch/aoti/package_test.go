package aoti

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
)

// Inspect says what a model takes and holds, without libtorch.
func TestInspect(t *testing.T) {
	all := parts(t)
	for _, path := range []string{pack(t, all), spread(t, all)} {
		list, err := Inspect(path)
		require.NoError(t, err)
		require.Len(t, list, 1)
		info := list[0]
		assert.Equal(t, "model", info.Model)
		assert.NoError(t, info.Trouble)
		assert.Equal(t, "INVALID_VEC_ISA", info.Metadata["AOTI_CPU_ISA"])
		assert.Equal(t, 3, info.Outputs)
		assert.Equal(t, "abc.wrapper.so", info.LibraryName)
		var takes []string
		for _, in := range info.Inputs {
			takes = append(takes, in.Name+" "+in.String())
		}
		assert.Equal(t, []string{"args[0] float32[0..16, 4]", "args[1]['k'] float32[2, 3]", "scale['s'] float32[3]"}, takes)
		assert.Equal(t, Constant{"layers.0.weight", torch.Float32, []int{8, 4}, "Parameter"}, info.Constants[0])
		assert.Len(t, info.Constants, 2, "AOTInductor makes small ones a part of the code")
	}
	assert.Equal(t, "3..", Dim{3, math.MaxInt}.String())
}

// What is no package, damaged, or made for something else is an error that says so.
func TestRefusedPackages(t *testing.T) {
	all := parts(t)
	gone := func([]byte) []byte { return nil }
	replace := func(old, new string) func([]byte) []byte {
		return func(data []byte) []byte {
			require.Contains(t, string(data), old)
			return bytes.ReplaceAll(data, []byte(old), []byte(new))
		}
	}
	with := func(name string) map[string][]byte {
		changed := alter(all, "none", gone)
		changed[name] = []byte("x")
		return changed
	}
	other := func(data []byte) []byte {
		const machine = 18 // where in an ELF file it is
		binary.LittleEndian.PutUint16(data[machine:], 62+183-binary.LittleEndian.Uint16(data[machine:]))
		return data
	}
	cuda := alter(all, "_metadata.json", replace(`"AOTI_DEVICE_KEY": "cpu"`, `"AOTI_DEVICE_KEY": "cuda"`))
	for want, c := range map[string]struct {
		parts   map[string][]byte
		options LoadOptions
	}{
		"it was compiled for another processor: its library is for EM_":        {alter(all, ".so", other), LoadOptions{}},
		"its library is none of Linux's":                                       {alter(all, ".so", replace("\x7fELF", "MZxx")), LoadOptions{}},
		"it was compiled for win32, and this is linux":                         {alter(all, "_metadata.json", replace(`"linux"`, `"win32"`)), LoadOptions{}},
		"it was compiled for the instructions AVX10, of which nothing":         {alter(all, "_metadata.json", replace("INVALID_VEC_ISA", "AVX10")), LoadOptions{}},
		"it was compiled for cuda, and is to run on cpu":                       {cuda, LoadOptions{Device: torch.CPU}},
		"it was compiled for cpu, and is to run on cuda:1":                     {all, LoadOptions{Device: torch.CUDA(1)}},
		`it has the models ["model"]: LoadOptions.Model says which`:            {all, LoadOptions{Model: "other"}},
		"there are -1 runners":                                                 {all, LoadOptions{Runners: new(-1)}},
		"it has C++ only, which is not compiled here":                          {alter(all, ".so", gone), LoadOptions{}},
		"it has no library with its C++ beside it":                             {alter(all, "wrapper.cpp", gone), LoadOptions{}},
		`record "data/aotinductor/model/abc.wrapper_metadata.json" is missing`: {alter(all, "_metadata.json", gone), LoadOptions{}},
		"does not say which device":                                            {alter(all, "_metadata.json", replace("AOTI_DEVICE_KEY", "DEVICE")), LoadOptions{}},
		"its metadata: invalid character":                                      {alter(all, "_metadata.json", replace("{", "[")), LoadOptions{}},
		"it does not say how arguments and results lie":                        {alter(all, "wrapper.cpp", replace("_spec_ = R", "_spec = R")), LoadOptions{}},
		"input 0: nothing says which tensors it may be":                        {alter(all, "wrapper.cpp", replace("check_input_0", "check_input_9")), LoadOptions{}},
		"input 0: it is of dtype float0":                                       {alter(all, "wrapper.cpp", replace("aoti_torch_dtype_float32", "aoti_torch_dtype_float0")), LoadOptions{}},
		"how its arguments lie: version 2":                                     {alter(all, "wrapper.cpp", replace(`in_spec_ = R"([1, `, `in_spec_ = R"([2, `)), LoadOptions{}},
		"it gives 3 tensors as 1 results": {alter(all, "wrapper.cpp", func(data []byte) []byte {
			return specLine.ReplaceAll(data, []byte("in_spec_ = R\"([1, {\"type\": \"builtins.tuple\", \"children_spec\": [{\"type\": \"builtins.tuple\", \"children_spec\": [{\"type\": null, \"children_spec\": []},{\"type\": null, \"children_spec\": []},{\"type\": null, \"children_spec\": []}]}, {\"type\": \"builtins.dict\", \"context\": \"[]\", \"children_spec\": []}]}])\";\n out_spec_ = R\"([1, {\"type\": null, \"children_spec\": []}])\";"))
		}), LoadOptions{}},
		`file "../../evil" is not below its folder`:                     {with("data/aotinductor/model/../../evil"), LoadOptions{}},
		`file "/evil" is not below its folder`:                          {with("data/aotinductor/model//evil"), LoadOptions{}},
		"no program that AOTInductor compiled, but one of torch.export": {map[string][]byte{"archive_format": []byte("pt2"), "models/model.json": []byte("{}"), "byteorder": []byte("little")}, LoadOptions{}},
	} {
		_, err := Load(pack(t, c.parts), c.options)
		assert.ErrorContains(t, err, want)
	}
	_, err := Load(spread(t, cuda))
	assert.ErrorContains(t, err, "it was compiled for cuda")
	whole, err := os.ReadFile(pack(t, all))
	require.NoError(t, err)
	damaged := bytes.Clone(whole)
	damaged[bytes.Index(damaged, []byte("\x7fELF"))+2000] ^= 1
	if !old(t) {
		path := filepath.Join(t.TempDir(), "damaged.pt2")
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		_, err = Load(path)
		assert.ErrorContains(t, err, "zip: checksum error")
	}
	for want, data := range map[string][]byte{
		"a zip archive without its end": whole[:len(whole)-100],
		"but a safetensors file":        append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, "{}"...),
		"an empty file":                 nil,
	} {
		path := filepath.Join(t.TempDir(), "x.pt2")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		_, err := Load(path)
		assert.ErrorContains(t, err, want)
	}
	_, err = Load(filepath.Join(t.TempDir(), "none.pt2"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = Load(t.TempDir())
	assert.ErrorContains(t, err, "no folder of a package that AOTInductor compiled")
	_, err = Load(pack(t, all), LoadOptions{}, LoadOptions{})
	assert.Error(t, err)
}

// A library that was compiled for another libtorch lacks functions of this one.
func TestOtherLibtorch(t *testing.T) {
	loadHere(t, pack(t, parts(t)))
	dir := t.TempDir()
	source := filepath.Join(dir, "other.cc")
	require.NoError(t, os.WriteFile(source, []byte("extern \"C\" int aoti_torch_of_another();\nint f() { return aoti_torch_of_another(); }\n"), 0o600))
	compile(t, "-shared", "-fPIC", source, "-o", filepath.Join(dir, "other.so"))
	code, err := os.ReadFile(filepath.Join(dir, "other.so"))
	require.NoError(t, err)
	_, err = Load(pack(t, alter(parts(t), ".so", func([]byte) []byte { return code })))
	assert.ErrorContains(t, err, "it was compiled for another libtorch than this, "+torch.Version())
}

func TestInstructions(t *testing.T) {
	assert.NoError(t, checkInstructions("AVX2", []string{"avx2", "fma"}))
	assert.NoError(t, checkInstructions("AVX512", nil), "where nothing is known")
	assert.NotEmpty(t, processor())
	assert.NoError(t, checkInstructions("INVALID_VEC_ISA", nil))
	assert.NoError(t, checkInstructions("ASIMD", nil))
	assert.EqualError(t, checkInstructions("AVX512 AVX512_VNNI", []string{"avx512f", "avx512dq", "avx512vl", "avx512bw", "fma"}),
		"it was compiled for a processor with AVX512_VNNI, and this one has no avx512_vnni: compile it on such a machine, or for less")
	assert.ErrorContains(t, checkInstructions("SVE256", []string{"asimd"}), "has no sve")
}

// A model with further files is in a temporary folder until it is loaded; what others have
// left, which nobody uses, is removed.
func TestTemporaryFolders(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	all := parts(t)
	all["data/aotinductor/model/more/kernel.bin"] = []byte("more")
	path := pack(t, all)
	f, err := openFiles(path)
	require.NoError(t, err)
	defer f.Close()
	names, err := f.list()
	require.NoError(t, err)
	m, err := readModel(f, names, "model")
	require.NoError(t, err)
	age := func(dir string) {
		long := time.Now().Add(-time.Hour)
		require.NoError(t, os.Chtimes(dir, long, long))
	}
	used, err := unpack(f, m)
	require.NoError(t, err)
	data, err := os.ReadFile(filepath.Join(used.kernels, "more/kernel.bin"))
	require.NoError(t, err)
	assert.Equal(t, "more", string(data))
	age(used.folder)
	left := filepath.Join(tmp, folders+"left")
	require.NoError(t, os.MkdirAll(filepath.Join(left, "x"), 0o700))
	age(left)
	young := filepath.Join(tmp, folders+"young")
	require.NoError(t, os.Mkdir(young, 0o700))
	again, err := openFiles(path)
	require.NoError(t, err)
	defer again.Close()
	another, err := unpack(again, m)
	require.NoError(t, err)
	assert.NoDirExists(t, left)
	assert.DirExists(t, young)
	assert.DirExists(t, used.folder)
	used.loaded("cuda")
	assert.FileExists(t, used.library)
	for _, u := range []*unpacked{used, another} {
		u.loaded("cpu")
		assert.NoFileExists(t, u.library)
		u.remove()
	}
	list, err := os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Len(t, list, 1)

	loaded := loadHere(t, pack(t, all))
	list, err = os.ReadDir(tmp)
	require.NoError(t, err)
	assert.Len(t, list, 1)
	got, err := examples(t)[0].run(loaded)
	require.NoError(t, err)
	equal(t, examples(t)[0].Results, got, exact(t))
}

// The C++ of a stranger makes errors, not panics.
func FuzzSource(f *testing.F) {
	text, err := os.ReadFile(compiledDir + "wrapper.cpp")
	require.NoError(f, err)
	_, facts, _ := strings.Cut(string(text), "inputs_info_[0]")
	facts = "inputs_info_[0]" + facts
	f.Add(facts)
	for _, change := range [][2]string{{"_size[1]", "_size[99999999999999999999]"}, {"_size[1]", "_size[63]"}, {"[0]", "[7]"}, {"{8, 4}", "{-8, 4}"}, {"3", "4"}} {
		f.Add(strings.ReplaceAll(facts, change[0], change[1]))
	}
	f.Fuzz(func(t *testing.T, text string) {
		hostile.Read(t, len(text), func() {
			if s, err := readSource(text); err == nil {
				for _, in := range s.inputs {
					assert.NotEmpty(t, fmt.Sprint(in.String(), in.check(nil)))
				}
			}
		})
	})
}
