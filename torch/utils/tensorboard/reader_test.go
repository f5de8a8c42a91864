package tensorboard_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

// run is what testdata/read.py finds in a folder.
type run struct {
	Scalars    map[string][][]float64 // step, value
	Histograms map[string][][]float64 // step, number of values, buckets
	Images     map[string][][]int     // step, width, height, number of frames
	Audio      map[string][]list      // step, sample rate, content type, samples
	Texts      map[string][]string
	Tensors    map[string]list
	Layouts    []list          // categories of title, charts of title and type
	Meshes     map[string]list // name, components, shape, configuration, elements
	Embeddings []list          // name, points, labels, size of an image and of the sprite
	PRCurves   map[string]list // number of thresholds, rows
	Graph      [][]string      // name, inputs
	HParams    map[string]any
}

// readBack lets TensorBoard read the event files below a folder.
func readBack(t *testing.T, dir string) map[string]run {
	python := os.Getenv("GOTORCH_TENSORBOARD")
	if python == "" {
		t.Skip("$GOTORCH_TENSORBOARD names no Python that has TensorBoard; \"make tensorboard\" does")
	}
	command := exec.Command(python, "testdata/read.py", dir)
	command.Stderr = os.Stderr
	out, err := command.Output()
	require.NoError(t, err)
	var runs map[string]run
	require.NoError(t, json.Unmarshal(out, &runs), "%s", out)
	return runs
}

// TensorBoard's own reader finds what was written.
func TestTensorBoardReads(t *testing.T) {
	w := newWriter(t)
	for step := range 3 {
		w.AddScalar("loss", 1/float64(1+step), step)
	}
	w.AddScalars("accuracy", map[string]float64{"train": 0.5, "test": 0.25}, 1)
	w.AddHistogram("weights", torch.NewTensor([]float64{1, 1, 4}), 2, tensorboard.HistogramOptions{Bins: []float64{0, 2, 3, 5}})
	w.AddImage("digit", torch.Zeros([]int{1, 3, 4}), 5)
	w.AddText("note", "hello", 0)
	w.AddHParams(map[string]any{"lr": 0.5, "net": "cnn"}, map[string]float64{"best": 0.75}, tensorboard.HParamsOptions{RunName: "hp"})
	w.AddGraph(nn.NewSequential(nn.NewFlatten(), nn.NewLinear(4, 2)), torch.Ones([]int{1, 2, 2}))
	require.NoError(t, w.Close())

	runs := readBack(t, w.LogDir())
	main := runs["."]
	assert.Equal(t, [][]string{
		{"input/input"}, {"Sequential/1/weight"}, {"Sequential/1/bias"},
		{"Sequential/0/View", "input/input"}, {"Sequential/1/T", "Sequential/1/weight"},
		{"Sequential/1/Addmm", "Sequential/1/bias", "Sequential/0/View", "Sequential/1/T"},
		{"output/output", "Sequential/1/Addmm"},
	}, main.Graph)
	assert.Equal(t, [][]float64{{0, 1}, {1, 0.5}, {2, float64(float32(1) / 3)}}, main.Scalars["loss"])
	assert.Equal(t, [][]float64{{2, 3, 0, 2, 0, 1}}, main.Histograms["weights"])
	assert.Equal(t, [][]int{{5, 4, 3, 1}}, main.Images["digit"])
	assert.Equal(t, map[string][]string{"note/text_summary": {"hello"}}, main.Texts)
	assert.Equal(t, [][]float64{{1, 0.5}}, runs["accuracy_train"].Scalars["accuracy"])
	assert.Equal(t, [][]float64{{1, 0.25}}, runs["accuracy_test"].Scalars["accuracy"])
	assert.Equal(t, map[string]any{"lr": 0.5, "net": "cnn"}, runs["hp"].HParams)
	assert.Equal(t, [][]float64{{0, 0.75}}, runs["hp"].Scalars["best"])
}

// list is a list in JSON.
type list = []any

func TestTensorBoardReadsMedia(t *testing.T) {
	w := newWriter(t)
	w.AddVideo("dream", torch.Zeros([]int{1, 2, 3, 4, 5}), 6)
	w.AddAudio("knock", torch.NewTensor([]float64{0, 1, -1}), 7, tensorboard.AudioOptions{SampleRate: new(8000)})
	w.AddTensor("matrix", torch.NewTensor([][]int{{1, -2}, {3, 4}}), 0)
	require.NoError(t, w.Close())

	main := readBack(t, w.LogDir())["."]
	assert.Equal(t, map[string][][]int{"dream": {{6, 5, 4, 2}}}, main.Images)
	assert.Equal(t, map[string][]list{"knock": {{7.0, 8000.0, "audio/wav", list{0.0, 32767.0, -32767.0}}}}, main.Audio)
	assert.Equal(t, map[string]list{"matrix": {list{list{1.0, -2.0}, list{3.0, 4.0}}}}, main.Tensors)
}

func TestTensorBoardReadsChartsAndMeshes(t *testing.T) {
	w := newWriter(t)
	w.AddPRCurve("curve", torch.NewTensor([]bool{true, false, true}), torch.NewTensor([]float64{1, 0.5, 0}), 0,
		tensorboard.PRCurveOptions{NumThresholds: new(3)})
	w.AddCustomScalars([]tensorboard.Category{{Title: "all", Charts: []tensorboard.Chart{
		{Title: "lines", Tags: []string{"loss"}},
		{Title: "band", Type: tensorboard.Margin, Tags: []string{"loss", "low", "high"}},
	}}})
	w.AddMesh("cube", torch.NewTensor([][][]float64{{{0, 1, 2}}}), 0, tensorboard.MeshOptions{
		Faces: torch.Zeros([]int{1, 2, 3}), ConfigDict: map[string]any{"camera": "far"}})
	require.NoError(t, w.Close())

	main := readBack(t, w.LogDir())["."]
	assert.Equal(t, map[string]list{"curve": {3.0, list{
		list{2.0, 1.0, 1.0}, list{1.0, 1.0, 0.0}, list{0.0, 0.0, 1.0}, list{0.0, 1.0, 1.0},
		list{float64(float32(2) / 3), 0.5, 1.0}, list{1.0, 0.5, 0.5},
	}}}, main.PRCurves)
	assert.Equal(t, []list{{list{"all", list{list{"lines", "multiline"}, list{"band", "margin"}}}}}, main.Layouts)
	config := map[string]any{"camera": "far"}
	assert.Equal(t, map[string]list{
		"cube_VERTEX": {"cube", 6.0, list{1.0, 1.0, 3.0}, config, list{list{list{0.0, 1.0, 2.0}}}},
		"cube_FACE":   {"cube", 6.0, list{1.0, 2.0, 3.0}, config, list{list{list{0.0, 0.0, 0.0}, list{0.0, 0.0, 0.0}}}},
	}, main.Meshes)
}

func TestTensorBoardReadsEmbeddings(t *testing.T) {
	w := newWriter(t)
	w.AddEmbedding(torch.NewTensor([][]float64{{1, 2, 3}, {4, 5, 6}}), 1)
	w.AddEmbedding(torch.NewTensor([][]int{{1}, {-2}, {3}}), 2, tensorboard.EmbeddingOptions{
		Metadata: [][]string{{"a", "1"}, {"b", "2"}, {"c", "3"}}, MetadataHeader: []string{"letter", "digit"},
		LabelImg: torch.Ones([]int{3, 1, 4, 5}), Tag: `a/"b"`})
	require.NoError(t, w.Close())

	assert.Equal(t, []list{
		{"default:00001", list{list{1.0, 2.0, 3.0}, list{4.0, 5.0, 6.0}}},
		{`a/"b":00002`, list{list{1.0}, list{-2.0}, list{3.0}}, "letter\tdigit\na\t1\nb\t2\nc\t3\n",
			list{list{5.0, 4.0}, list{10.0, 10.0}}},
	}, readBack(t, w.LogDir())["."].Embeddings)
}

// A file that a killed process left, whose last record is cut off, is read up to
// there, wherever that is.
func TestTensorBoardReadsCutOff(t *testing.T) {
	w := newWriter(t)
	w.AddScalar("loss", 1, 0)
	w.AddScalar("loss", 2, 1)
	frames, _ := records(t, w.LogDir())
	require.NoError(t, w.Close())
	paths, err := filepath.Glob(w.LogDir() + "/*")
	require.NoError(t, err)
	data, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	dir := t.TempDir()
	last := len(frames[1])
	names := []string{"1", "7", "8", "11", "12", "20", "cut"}
	for i, left := range []int{1, 7, 8, 11, 12, 20, last - 1} {
		folder := filepath.Join(dir, names[i])
		require.NoError(t, os.Mkdir(folder, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, filepath.Base(paths[0])), data[:len(data)-last+left], 0o644))
	}
	runs := readBack(t, dir)
	require.Len(t, runs, len(names))
	for name, r := range runs {
		assert.Equal(t, [][]float64{{0, 1}}, r.Scalars["loss"], name)
	}
}
