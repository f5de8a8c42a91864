package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// saveResNet writes weights of a network of three classes, whose last layer takes
// everything for the class 2, and an image.
func saveResNet(t *testing.T) (weights, img string) {
	dir := t.TempDir()
	weights, img = filepath.Join(dir, "resnet18.pt"), filepath.Join(dir, "red.png")
	net := models.ResNet18(models.ResNetOptions{NumClasses: new(3)})
	torch.NoGrad(func() {
		net.FC.Weight.ZeroInplace()
		net.FC.Bias.CopyInplace(torch.NewTensor([]float64{1, 0, 2}))
	})
	require.NoError(t, torch.Save(net.StateDict(), weights))
	picture := image.NewRGBA(image.Rect(0, 0, 300, 260))
	draw.Draw(picture, picture.Rect, image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, picture))
	require.NoError(t, os.WriteFile(img, file.Bytes(), 0o644))
	return weights, img
}

func TestPredict(t *testing.T) {
	weights, img := saveResNet(t)
	labels := filepath.Join(filepath.Dir(img), "labels")
	require.NoError(t, os.WriteFile(labels, []byte("cat\ndog\ngopher\n"), 0o644))
	for _, test := range []struct {
		more []string
		want string
	}{
		{nil, "2 (66.5 %), 0 (24.5 %), 1 (9.0 %)"},
		{[]string{"--labels", labels, "--top", "1"}, "gopher (66.5 %)"},
	} {
		var stdout, stderr bytes.Buffer
		arguments := append([]string{"predict", "--model", "resnet18", "--weights", weights}, append(test.more, img)...)
		assert.Equal(t, 0, run(arguments, &stdout, &stderr), stderr.String())
		assert.Equal(t, fmt.Sprintf("%s: %s\n", img, test.want), stdout.String())
	}

	require.NoError(t, os.WriteFile(labels, []byte("cat\ndog\n"), 0o644))
	for _, test := range []struct {
		model, labels, image string
		want                 string
	}{
		{"resnet18", labels, img, "names 2 classes, and the network knows 3"},
		{"resnet18", "nowhere", img, "nowhere: no such file"},
		{"resnet18", "", weights, "image: unknown format"},
		{"resnet34", "", img, "Missing key(s) in state_dict"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 1, run([]string{"predict", "--model", test.model, "--weights", weights, "--labels", test.labels, test.image}, &stdout, &stderr))
		assert.Contains(t, stderr.String(), test.want)
		assert.Empty(t, stdout.String())
	}
}

// Weights of half precision are as good, and so are those of every family.
func TestTrained(t *testing.T) {
	for _, name := range []string{"resnet18", "mobilenet_v3_small", "vit_b_32"} {
		net := architectures[name](4)
		net.Eval()
		net.To(torch.Float16)
		path := filepath.Join(t.TempDir(), name+".pt")
		require.NoError(t, torch.Save(net.(interface{ StateDict() nn.StateDict }).StateDict(), path))
		loaded, classes, err := trained(name, path)
		require.NoError(t, err, name)
		assert.Equal(t, 4, classes)
		net.To(torch.Float32)
		torch.NoGrad(func() {
			x := torch.Rand([]int{1, 3, 224, 224})
			assert.True(t, net.Forward(x).Equal(loaded.Forward(x)), name)
		})
	}
}

// A small file with a large tensor does not make a large network.
func TestTrainedHostile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hostile.pt")
	view := nn.StateDict{{Name: strings.Repeat("x", 1000), Tensor: torch.Zeros([]int{1}).Expand(1 << 30)}}
	require.NoError(t, torch.Save(view, path))
	_, _, err := trained("resnet18", path)
	assert.ErrorContains(t, err, "xxx... is a view of other elements: save a Clone of it")
	const classes = 1_000_000
	require.NoError(t, torch.Save(nn.StateDict{{Name: "fc.bias", Tensor: torch.Zeros([]int{classes}, torch.TensorOptions{DType: torch.Uint8})}}, path))
	hostile.Read(t, classes, func() { _, _, err = trained("resnet18", path) })
	assert.ErrorContains(t, err, "Missing key(s) in state_dict")
}

// The pixels of an image are counted before they are read.
func TestPredictImageBomb(t *testing.T) {
	weights, _ := saveResNet(t)
	for want, size := range map[string][2]int{
		"the image has 100000 × 100000 pixels of 8 byte(s), more than 512 MiB: make it smaller": {100_000, 100_000},
		"an image of 500 × 2 pixels is more than 100 times as long as wide: cut a part out":     {500, 2},
	} {
		file := encodePNG(t, size[0], size[1])
		path := filepath.Join(t.TempDir(), "bomb.png")
		require.NoError(t, os.WriteFile(path, file, 0o644))
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 1, run([]string{"predict", "--model", "resnet18", "--weights", weights, path}, &stdout, &stderr))
		assert.Contains(t, stderr.String(), path+": "+want)
	}
}

// encodePNG returns an image of 16-bit colours, without its pixels if they are many.
func encodePNG(t *testing.T, width, height int) []byte {
	t.Helper()
	size := image.Rect(0, 0, min(width, 1000), min(height, 1000))
	var file bytes.Buffer
	require.NoError(t, png.Encode(&file, image.NewNRGBA64(size)))
	data := file.Bytes()
	header := data[12:29] // IHDR and what it holds, up to the checksum
	binary.BigEndian.PutUint32(header[4:], uint32(width))
	binary.BigEndian.PutUint32(header[8:], uint32(height))
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(header))
	return data
}

func TestPredictRefuses(t *testing.T) {
	const want = "gotorch predict: want --model NAME, --weights FILE and files of images (--help says more)\n"
	for _, arguments := range [][]string{
		nil,
		{"--model", "lenet", "--weights", "a", "b"},
		{"--model", "resnet18", "b"},
		{"--model", "resnet18", "--weights", "a"},
		{"--model", "resnet18", "--weights", "a", "--top", "0", "b"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, 2, run(append([]string{"predict"}, arguments...), &stdout, &stderr))
		assert.Equal(t, want, stderr.String(), arguments)
	}
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 0, run([]string{"predict", "--help"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "mobilenet_v3_small")
	assert.Equal(t, 1, run([]string{"predict", "--model", "resnet18", "--weights", "nowhere.pt", "x.png"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "nowhere.pt: no such file")
}

// Each name makes a network of its classes; the small ones are tried.
func TestArchitectures(t *testing.T) {
	for _, name := range []string{"resnet18", "mobilenet_v3_small"} {
		net := architectures[name](4)
		net.Eval()
		torch.NoGrad(func() {
			assert.Equal(t, []int{1, 4}, net.Forward(torch.Zeros([]int{1, 3, 64, 64})).Shape(), name)
		})
	}
}
