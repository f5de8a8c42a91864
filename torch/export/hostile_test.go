package export_test

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch/export"
)

// record returns a record of a program's archive.
func record(t testing.TB, program, name string) string {
	t.Helper()
	r, err := zip.OpenReader(unpacked(t, program+".pt2"))
	require.NoError(t, err)
	defer r.Close()
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, name) {
			content, err := f.Open()
			require.NoError(t, err)
			data, err := io.ReadAll(content)
			require.NoError(t, err)
			return string(data)
		}
	}
	t.Fatalf("%s has no %s", program, name)
	return ""
}

// archive writes a file with a program and weights.
func archive(t testing.TB, model, weights string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hostile.pt2")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	w := zip.NewWriter(f)
	for name, content := range map[string]string{"archive_format": "pt2", "byteorder": "little", "models/model.json": model,
		"data/weights/model_weights_config.json": weights, "data/weights/weight_0": strings.Repeat("x", 64)} {
		record, err := w.CreateHeader(&zip.FileHeader{Name: "m/" + name, Method: zip.Store})
		require.NoError(t, err)
		_, err = io.WriteString(record, content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return path
}

func TestHostilePrograms(t *testing.T) {
	load(t, "block").Close()
	model, weights := record(t, "block", "model.json"), record(t, "block", "weights_config.json")
	for name, c := range map[string]struct{ old, new, want string }{
		"another version":     {`"major": 8`, `"major": 9`, "version 9.20 of the format, want 8"},
		"an unknown operator": {"torch.ops.aten.hardswish.default", "torch.ops.aten.hardly.default", "node hardswish"},
		"Python's own":        {"torch.ops.aten.hardswish.default", "os.system", "os.system"},
		"a file":              {"torch.ops.aten.hardswish.default", "torch.ops.aten.from_file.default", "a graph may not read or write files"},
		"a value of none":     {`{"as_tensor": {"name": "conv2d"}}, "kind"`, `{"as_tensor": {"name": "nothing"}}, "kind"`, "the value nothing is not there yet"},
		"a value of itself":   {`{"as_tensor": {"name": "x"}}, "kind"`, `{"as_tensor": {"name": "conv2d"}}, "kind"`, "the value conv2d is not there yet"},
		"an unknown kind":     {`"as_tensors"`, `"as_surprise"`, ""},
		"no union":            {`{"as_tensor": {"name": "x"}}`, `{}`, "a union has 0 entries"},
		"a huge weight":       {`"as_int": 4`, `"as_int": 4611686018427387904`, ""},
		"cut JSON":            {`"schema_version"`, `"schema_version`, "record"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := export.Load(archive(t, strings.Replace(model, c.old, c.new, 1), weights))
			require.Error(t, err)
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := export.Load(archive(t, model, strings.ReplaceAll(weights, `"as_int": 4`, `"as_int": 4611686018427387904`)))
	assert.ErrorContains(t, err, "does not fit into its")
	_, err = export.Load(archive(t, model, strings.ReplaceAll(weights, "weight_0", "../../weight_0")))
	assert.ErrorContains(t, err, "is missing")
	deep := strings.Repeat(`{"as_optional_tensor":`, 5000) + `{"as_none":true}` + strings.Repeat("}", 5000)
	_, err = export.Load(archive(t, strings.Replace(model, `{"as_tensor": {"name": "x"}}`, deep, 1), weights))
	assert.Error(t, err)
	_, err = export.Load("export_test.go")
	assert.ErrorContains(t, err, "zip: not a valid zip file")
}

// FuzzLoad loads any program.
func FuzzLoad(f *testing.F) {
	weights := record(f, "block", "weights_config.json")
	for _, name := range []string{"block", "branches", "mlp", "data_dependent", "cnn_decomposed", "loops", "relations", "derived", "constants"} {
		f.Add(record(f, name, "model.json"), weights)
	}
	f.Fuzz(func(t *testing.T, model, weights string) {
		path := archive(t, model, weights)
		hostile.Read(t, len(model)+len(weights), func() {
			p, err := export.Load(path)
			if err != nil {
				assert.Less(t, len(err.Error()), 5000)
				return
			}
			_ = p.Graph.String()
			p.Close()
		})
	})
}
