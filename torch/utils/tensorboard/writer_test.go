package tensorboard_test

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// Each record has the bytes that Python writes.
func TestRecords(t *testing.T) {
	at := tensorboard.EventOptions{WallTime: when}
	values := torch.Arange(0, 40, 1).Sub(13).Div(8)
	steps := make([]float64, 14)
	for i := range steps {
		steps[i] = -2 + float64(i)/2
	}
	adds := map[string]func(w *tensorboard.SummaryWriter){
		"scalar": func(w *tensorboard.SummaryWriter) {
			w.AddScalar("loss", 0.1, 7, tensorboard.ScalarOptions{WallTime: when})
		},
		"scalar 0": func(w *tensorboard.SummaryWriter) {
			w.AddScalar("loss", 0, 0, tensorboard.ScalarOptions{WallTime: when})
		},
		"new style": func(w *tensorboard.SummaryWriter) {
			w.AddScalar("loss", 0.1, 7, tensorboard.ScalarOptions{WallTime: when, NewStyle: true})
		},
		"double": func(w *tensorboard.SummaryWriter) {
			w.AddScalar("loss", 0.1, 7, tensorboard.ScalarOptions{WallTime: when, NewStyle: true, DoublePrecision: true})
		},
		"text": func(w *tensorboard.SummaryWriter) { w.AddText("note", "ein *Text* – 数字", 1, at) },
		"histogram": func(w *tensorboard.SummaryWriter) {
			w.AddHistogram("w", values, 2, tensorboard.HistogramOptions{WallTime: when, Bins: []float64{-1, -0.5, 0, 0.5, 1.5, 2, 9, 10}})
		},
		"histogram joined": func(w *tensorboard.SummaryWriter) {
			w.AddHistogram("w", values, 2, tensorboard.HistogramOptions{WallTime: when, Bins: steps, MaxBins: new(5)})
		},
		"histogram default": func(w *tensorboard.SummaryWriter) {
			w.AddHistogram("w", values, 3, tensorboard.HistogramOptions{WallTime: when})
		},
	}
	checkRecords(t, readGolden(t).Records["basics"], adds)
}

func TestImages(t *testing.T) {
	gray := torch.Arange(0, 12, 1).Mul(20).To(torch.Uint8).Reshape(1, 3, 4)
	rgb := torch.Linspace(-0.25, 1.25, 36).Reshape(3, 3, 4)
	alpha := torch.Linspace(0, 1, 48).Reshape(4, 3, 4)
	batch := torch.Arange(0, 60, 1).To(torch.Uint8).Reshape(10, 1, 2, 3)
	for name, c := range map[string]struct {
		x      *torch.Tensor
		format string
	}{
		"gray":  {gray, ""},
		"color": {rgb, "CHW"},
		"alpha": {alpha, "CHW"},
		"HWC":   {rgb.Permute(1, 2, 0), "HWC"},
		"hw":    {rgb.Select(0, 1), "hw"},
		"WH":    {rgb.Select(0, 1).T(), "WH"},
		"batch": {batch, "NCHW"},
		"NHWC":  {rgb.Permute(1, 2, 0).Expand(2, 3, 4, 3), "NHWC"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t)
			o := tensorboard.ImageOptions{DataFormats: c.format}
			if name == "batch" {
				w.AddImages("i", c.x, 1)
			} else {
				w.AddImage("i", c.x, 1, o)
			}
			require.NoError(t, w.Close())
			_, events := records(t, w.LogDir())
			require.Len(t, events, 1)
			assert.Equal(t, "i", events[0].message(t, 5, 1).text(1))
			img := events[0].message(t, 5, 1, 4)
			want := readGolden(t).Images[name]
			for i, size := range want.Sizes {
				assert.EqualValues(t, size, img.fields[i+1][0])
			}
			decoded, err := png.Decode(strings.NewReader(img.text(4)))
			require.NoError(t, err)
			want.Pixels.Check(t, pixels(decoded, want.Sizes[2]), true, 0)
		})
	}
}

// pixels returns an image as height × width × channels.
func pixels(img image.Image, channels int) *torch.Tensor {
	size := img.Bounds().Size()
	var data []uint8
	for y := range size.Y {
		for x := range size.X {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			data = append(data, []uint8{c.R, c.G, c.B, c.A}[:channels]...)
		}
	}
	return torch.FromSlice(data, size.Y, size.X, channels)
}

func TestAddFigure(t *testing.T) {
	w := newWriter(t)
	figure := image.NewRGBA(image.Rect(5, 5, 7, 6)) // transparent, but for a pixel
	draw.Draw(figure, image.Rect(6, 5, 7, 6), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	w.AddFigure("plot", figure, 0)
	require.NoError(t, w.Close())
	_, events := records(t, w.LogDir())
	decoded, err := png.Decode(strings.NewReader(events[0].message(t, 5, 1, 4).text(4)))
	require.NoError(t, err)
	assert.Equal(t, []uint8{255, 255, 255, 255, 0, 0}, torch.ToSlice[uint8](pixels(decoded, 3)))
}

func TestAddHParams(t *testing.T) {
	want := readGolden(t).HParams
	w := newWriter(t)
	w.AddHParams(map[string]any{"lr": 0.5}, map[string]float64{"accuracy": 1},
		tensorboard.HParamsOptions{RunName: "one", Domain: map[string][]any{"lr": {0.25, 0.5}}})
	w.AddHParams(map[string]any{"amp": true, "batch": 64, "net": "cnn", "none": nil},
		map[string]float64{"loss": 0.25, "accuracy": 0.5}, tensorboard.HParamsOptions{RunName: "several"})
	w.AddHParams(map[string]any{"x": torch.Full([]int{1}, 2)}, nil)
	require.NoError(t, w.Close())

	_, one := records(t, filepath.Join(w.LogDir(), "one"))
	require.Len(t, one, 4)
	for i, name := range []string{"experiment", "start", "end"} {
		assert.Equal(t, parse(t, want[name]).fields[5][0], one[i].fields[5][0], name)
	}
	assert.Equal(t, "accuracy", one[3].message(t, 5, 1).text(1))
	_, several := records(t, filepath.Join(w.LogDir(), "several"))
	require.Len(t, several, 5)
	assert.Equal(t, parse(t, want["several"]).fields[5][0], several[0].fields[5][0])

	entries, err := os.ReadDir(w.LogDir())
	require.NoError(t, err)
	assert.Len(t, entries, 4, "the writer's file, and three runs")
}

func TestAddScalars(t *testing.T) {
	w := newWriter(t)
	w.AddScalars("loss/all", map[string]float64{"train": 1, "test": 2}, 3)
	w.AddScalars("loss/all", map[string]float64{"train": 4}, 5)
	require.NoError(t, w.Close())
	_, train := records(t, filepath.Join(w.LogDir(), "loss_all_train"))
	_, test := records(t, filepath.Join(w.LogDir(), "loss_all_test"))
	require.Len(t, train, 2)
	require.Len(t, test, 1)
	last := train[1].message(t, 5, 1)
	assert.Equal(t, "loss/all", last.text(1))
	assert.EqualValues(t, math.Float32bits(4), last.fields[2][0])
	assert.EqualValues(t, 5, train[1].fields[2][0])
}

func TestFolderAndNames(t *testing.T) {
	t.Chdir(t.TempDir())
	w, err := tensorboard.NewSummaryWriter("", tensorboard.SummaryWriterOptions{
		Comment: "-lr1", FilenameSuffix: ".mine", PurgeStep: new(8)})
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	require.NoError(t, w.Close())
	host, err := os.Hostname()
	require.NoError(t, err)
	assert.Regexp(t, `^runs/[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_`+host+`-lr1$`, w.LogDir())
	paths, err := fs.Glob(os.DirFS(w.LogDir()), "*")
	require.NoError(t, err)
	require.Len(t, paths, 1)
	assert.Regexp(t, `^events\.out\.tfevents\.\d{10}\.`+host+`\.\d+\.\d+\.mine$`, paths[0])
	_, events := records(t, w.LogDir())
	require.Len(t, events, 2)
	for _, e := range events {
		assert.EqualValues(t, 8, e.fields[2][0])
	}
	assert.EqualValues(t, 1, events[1].message(t, 7).fields[1][0], "a session starts")
}

// What was added is in the file before Flush and Close, in whole records.
func TestWritesAtOnce(t *testing.T) {
	w := newWriter(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for step := range 50 {
				w.AddScalar("x", 1, step)
			}
		})
	}
	all.Wait()
	_, events := records(t, w.LogDir())
	assert.Len(t, events, 400)
	require.NoError(t, w.Close())
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := tensorboard.NewSummaryWriter(file)
	assert.ErrorContains(t, err, "not a directory")

	w := newWriter(t)
	require.NoError(t, os.WriteFile(w.LogDir()+"/a_b", nil, 0o644))
	w.AddScalars("a", map[string]float64{"b": 1}, 0)
	assert.ErrorContains(t, w.Flush(), "not a directory")
	assert.ErrorContains(t, w.Close(), "not a directory")

	w = newWriter(t)
	require.NoError(t, w.Close())
	w.AddScalar("late", 1, 1)
	w.AddScalars("late", map[string]float64{"b": 1}, 0)
	w.AddHParams(nil, nil)
	assert.ErrorContains(t, w.Flush(), "after Close")
	assert.ErrorContains(t, w.Close(), "after Close")
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	w := newWriter(t)
	before, err := os.ReadDir(w.LogDir())
	require.NoError(t, err)
	tensorboard.Redirect(w, "/dev/full")
	w.AddScalar("x", 1, 1)
	w.AddScalar("x", 1, 2)
	assert.ErrorContains(t, w.Flush(), "no space left on device")
	assert.ErrorContains(t, w.Close(), "no space left on device")
	assert.Len(t, before, 1)
}

func TestRefuses(t *testing.T) {
	w := newWriter(t)
	x := torch.Zeros([]int{2, 3, 4})
	checkRefuses(t, w, map[string]func(){
		`the format "CHW" does not fit the shape [4]`:       func() { w.AddImage("i", torch.Zeros([]int{4}), 0) },
		`the format "CHH" does not fit the shape [2 3 4]`:   func() { w.AddImage("i", x, 0, tensorboard.ImageOptions{DataFormats: "CHH"}) },
		`the format "ABCDE" does not fit the shape [2 3 4]`: func() { w.AddImage("i", x, 0, tensorboard.ImageOptions{DataFormats: "ABCDE"}) },
		"want 1, 3 or 4 channels, not 2":                    func() { w.AddImage("i", x, 0) },
		"the shape (N, C, H, W) is [1 2 3 4]":               func() { w.AddImages("i", x.Unsqueeze(0), 0) },
		"The input has no element.":                         func() { w.AddHistogram("h", torch.Zeros([]int{0}), 0) },
		"no element is in a bin":                            func() { w.AddHistogram("h", x, 0, tensorboard.HistogramOptions{Bins: []float64{1, 2}}) },
		"must increase monotonically":                       func() { w.AddHistogram("h", x, 0, tensorboard.HistogramOptions{Bins: []float64{2, 1}}) },
		`the hyperparameter "a" is a []int`:                 func() { w.AddHParams(map[string]any{"a": []int{1}}, nil) },
		`the domain of "a" is given, but no value`: func() {
			w.AddHParams(nil, nil, tensorboard.HParamsOptions{Domain: map[string][]any{"a": {1}}})
		},
		`the domain of "a" holds a string, but its value is a int`: func() {
			w.AddHParams(map[string]any{"a": 1}, nil, tensorboard.HParamsOptions{Domain: map[string][]any{"a": {"1"}}})
		},
	})
}
