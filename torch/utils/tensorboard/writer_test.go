package tensorboard_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// golden is what Python's torch.utils.tensorboard writes.
type golden struct {
	Records map[string]string // events at the time when
	HParams map[string]string
	Images  map[string]struct {
		Sizes  []int // height, width, channels
		Pixels torchtest.Tensor
	}
}

var when = time.Unix(1500000000, 250000000)

func readGolden(t *testing.T) golden {
	var cases []golden
	torchtest.Golden(t, "testdata/tensorboard.json", &cases)
	require.Len(t, cases, 1)
	return cases[0]
}

// newWriter returns a writer into a folder of its own.
func newWriter(t *testing.T) *tensorboard.SummaryWriter {
	w, err := tensorboard.NewSummaryWriter(filepath.Join(t.TempDir(), "run"))
	require.NoError(t, err)
	return w
}

// records returns the events of the one event file in a folder, but the first one,
// which says what file it is. It checks lengths and checksums.
func records(t *testing.T, dir string) (frames [][]byte, events []event) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	require.NoError(t, err)
	require.Len(t, paths, 1, dir)
	data, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	for len(data) > 0 {
		require.GreaterOrEqual(t, len(data), 16)
		n := int(binary.LittleEndian.Uint64(data))
		require.GreaterOrEqual(t, len(data), n+16)
		frame := data[:n+16]
		assert.Equal(t, masked(frame[:8]), binary.LittleEndian.Uint32(frame[8:]), "the length's checksum")
		assert.Equal(t, masked(frame[12:12+n]), binary.LittleEndian.Uint32(frame[12+n:]), "the data's checksum")
		frames, events = append(frames, frame), append(events, event{decode(t, frame[12:12+n])})
		data = data[n+16:]
	}
	require.NotEmpty(t, events)
	assert.Equal(t, "brain.Event:2", events[0].text(3))
	return frames[1:], events[1:]
}

func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// event is a protocol buffer: the values of each field, which are uint64 or []byte.
type event struct{ fields map[int][]any }

func decode(t *testing.T, data []byte) map[int][]any {
	t.Helper()
	fields := map[int][]any{}
	varint := func() uint64 {
		v, n := binary.Uvarint(data)
		require.Positive(t, n)
		data = data[n:]
		return v
	}
	for len(data) > 0 {
		key := varint()
		number := int(key >> 3)
		var value any
		switch key & 7 {
		case 0:
			value = varint()
		case 1:
			value, data = binary.LittleEndian.Uint64(data), data[8:]
		case 2:
			n := varint()
			value, data = data[:n], data[n:]
		case 5:
			value, data = uint64(binary.LittleEndian.Uint32(data)), data[4:]
		default:
			require.Fail(t, "unknown wire type")
		}
		fields[number] = append(fields[number], value)
	}
	return fields
}

// message returns the message that the field path leads to, and text the string.
func (e event) message(t *testing.T, path ...int) event {
	t.Helper()
	for _, number := range path {
		require.NotEmpty(t, e.fields[number], "field %d", number)
		e = event{decode(t, e.fields[number][0].([]byte))}
	}
	return e
}

func (e event) text(number int) string {
	if len(e.fields[number]) == 0 {
		return ""
	}
	return string(e.fields[number][0].([]byte))
}

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
			w.AddHistogram("w", values, 2, tensorboard.HistogramOptions{WallTime: when, Bins: steps, MaxBins: 5})
		},
		"histogram default": func(w *tensorboard.SummaryWriter) {
			w.AddHistogram("w", values, 3, tensorboard.HistogramOptions{WallTime: when})
		},
	}
	want := readGolden(t).Records
	require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(adds)))
	for name, add := range adds {
		t.Run(name, func(t *testing.T) {
			w := newWriter(t)
			add(w)
			require.NoError(t, w.Close())
			frames, _ := records(t, w.LogDir())
			require.Len(t, frames, 1)
			assert.Equal(t, want[name], base64.StdEncoding.EncodeToString(frames[0]))
		})
	}
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

	summary := func(frame string) []byte {
		data, err := base64.StdEncoding.DecodeString(frame)
		require.NoError(t, err)
		return event{decode(t, data[12:len(data)-4])}.fields[5][0].([]byte)
	}
	_, one := records(t, filepath.Join(w.LogDir(), "one"))
	require.Len(t, one, 4)
	for i, name := range []string{"experiment", "start", "end"} {
		assert.Equal(t, summary(want[name]), one[i].fields[5][0], name)
	}
	assert.Equal(t, "accuracy", one[3].message(t, 5, 1).text(1))
	_, several := records(t, filepath.Join(w.LogDir(), "several"))
	require.Len(t, several, 5)
	assert.Equal(t, summary(want["several"]), several[0].fields[5][0])

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
	for want, add := range map[string]func(){
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
	} {
		assert.ErrorContains(t, torch.Try(add), want)
	}
	require.NoError(t, w.Close())
	frames, _ := records(t, w.LogDir())
	assert.Empty(t, bytes.Join(frames, nil))
}
