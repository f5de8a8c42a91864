package jit_test

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/jit"
)

// records returns the records of a program.
func records(t testing.TB, name string) map[string]string {
	t.Helper()
	data := unpacked(t, name)
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	list := map[string]string{}
	for _, f := range r.File {
		content, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(content)
		require.NoError(t, err)
		list[strings.TrimPrefix(f.Name, "program/")] = string(text)
	}
	return list
}

// archive returns a file of records.
func archive(t testing.TB, records map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(records)) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: "m/" + name, Method: zip.Store})
		require.NoError(t, err)
		_, err = io.WriteString(f, records[name])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// loadBytes loads a file, and closes what it has.
func loadBytes(data []byte) error {
	m, err := jit.LoadFrom(bytes.NewReader(data), int64(len(data)))
	if err == nil {
		closeAll(m)
	}
	return err
}

const source = "code/__torch__/golden/torchscript.py"

func TestHostilePrograms(t *testing.T) {
	plain := records(t, "mlp.pt")
	require.NoError(t, loadBytes(archive(t, plain)))
	deepList := "\x80\x02" + strings.Repeat("]", 100_000) + strings.Repeat("a", 99_999) + "."
	calls := "def f0(x: Tensor) -> Tensor:\n  return x\n"
	for i := range 1500 {
		calls += strings.NewReplacer("NEW", "f"+strconv.Itoa(i+1), "OLD", "f"+strconv.Itoa(i)).Replace("def NEW(x: Tensor) -> Tensor:\n  return __torch__.golden.torchscript.OLD(x)\n")
	}
	for name, c := range map[string]struct{ record, old, new, want string }{
		"another class":      {"data.pkl", "c__torch__.golden.torchscript\n", "cos.golden.torchscript000\n", "is not what TorchScript writes"},
		"a short storage":    {"data/0", plain["data/0"], "xxxx", "has 4 bytes, too few for"},
		"no storage":         {"data.pkl", "X\x01\x00\x00\x000", "X\x01\x00\x00\x009", `record "data/9" is missing`},
		"a tensor outside":   {"data.pkl", "K\x08K\x04t", "K\xffK\x04t", "does not fit into its storage"},
		"deep values":        {"constants.pkl", plain["constants.pkl"], deepList, "values are nested more than 1000 deep"},
		"deep type":          {"constants.pkl", plain["constants.pkl"], "\x80\x02ctorch.jit._pickle\nrestore_type_tag\n]X" + "\x91\x1f\x00\x00" + strings.Repeat("List[", 1346) + strings.Repeat("]", 1351) + "\x86R\x85.", "nested more than 1000 deep"},
		"deep code":          {source, "return ", "return " + strings.Repeat("- ", 5000), "the code is nested more than 1000 deep"},
		"a long sum":         {source, "return ", "return " + strings.Repeat("1 + ", 5000), "the code is nested more than 1000 deep"},
		"a long chain":       {source, "class MLP", calls + "class MLP", "classes and functions need each other more than 1000 deep"},
		"an unknown op":      {source, "return ", "return torch.hardly_any(", ""},
		"a file is read":     {source, "    return ", "    y = torch.from_file(\"/etc/passwd\", False, 4)\n    return ", "the program calls aten::from_file, and may not read or write files"},
		"a file is written":  {source, "    return ", "    torch.save(1, \"/tmp/none\")\n    return ", "the program calls aten::save"},
		"no version":         {"version", plain["version"], "x", `version "x" of the format`},
		"a later version":    {"version", plain["version"], "999\n", "999"},
		"another byte order": {"byteorder", "little", "big", "the order of bytes is big, want little"},
		"bytes for a text":   {"data.pkl", "training", "train\xffng", "a string is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := maps.Clone(plain)
			require.Contains(t, changed[c.record], c.old)
			changed[c.record] = strings.Replace(changed[c.record], c.old, c.new, 1)
			err := loadBytes(archive(t, changed))
			require.Error(t, err)
			assert.ErrorContains(t, err, c.want)
			assert.Less(t, len(err.Error()), 5000)
		})
	}
	t.Run("cut", func(t *testing.T) {
		data := archive(t, plain)
		for _, n := range []int{0, 1, 100, len(data) / 2, len(data) - 1} {
			assert.Error(t, loadBytes(data[:n]))
		}
		assert.ErrorContains(t, loadBytes(data[:len(data)/2]), "a zip archive without its end")
	})
	t.Run("a bomb", func(t *testing.T) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, name := range slices.Sorted(maps.Keys(plain)) {
			header, text := &zip.FileHeader{Name: "m/" + name, Method: zip.Store}, plain[name]
			if name == source {
				header.Method = zip.Deflate
				text += strings.Repeat("#", 100<<20)
			}
			f, err := w.CreateHeader(header)
			require.NoError(t, err)
			_, err = io.WriteString(f, text)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		hostile.Read(t, out.Len(), func() {
			assert.ErrorContains(t, loadBytes(out.Bytes()), "LoadOptions.MaxMemory allows it more")
		})
	})
}

// Files of other kinds are told by name.
func TestOtherFiles(t *testing.T) {
	dir := t.TempDir()
	state := filepath.Join(dir, "state.pt")
	require.NoError(t, torch.Save(map[string]any{"w": torch.Ones([]int{2})}, state))
	text := filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(text, []byte("<html>"), 0o600))
	for path, want := range map[string]string{
		state:                            "not a TorchScript program, but a file of torch.save: torch.Load reads it",
		text:                             "not a TorchScript program, but a web page",
		filepath.Join(dir, "nowhere.pt"): "no such file or directory",
		dir:                              "not a regular file",
	} {
		_, err := jit.Load(path)
		assert.ErrorContains(t, err, "jit.Load: ")
		assert.ErrorContains(t, err, want)
	}
	_, err := jit.LoadFrom(nil, 0)
	assert.EqualError(t, err, "jit.LoadFrom: the reader is nil")
	_, err = torch.Load(writeFile(t, unpacked(t, "mlp.pt")))
	assert.ErrorContains(t, err, "a TorchScript program: jit.Load runs it")
}

func writeFile(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pt")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

// FuzzLoad loads programs of any records.
func FuzzLoad(f *testing.F) {
	programs := map[string]map[string]string{}
	for _, name := range []string{"mlp", "cnn_traced", "values"} {
		r := records(f, name+".pt")
		programs[name] = r
		f.Add(r["data.pkl"], r["constants.pkl"], r[source])
	}
	base := programs["values"]
	f.Fuzz(func(t *testing.T, data, constants, code string) {
		changed := maps.Clone(base)
		changed["data.pkl"], changed["constants.pkl"], changed[source] = data, constants, code
		file := archive(t, changed)
		hostile.Read(t, len(file), func() {
			if err := loadBytes(file); err != nil {
				assert.Less(t, len(err.Error()), 5000)
			}
		})
	})
}
