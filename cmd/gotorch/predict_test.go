package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/vision/models"
)

// saveResNet writes weights of a network of three classes, whose last layer takes
// everything for the class 2, and an image.
func saveResNet(t *testing.T) (weights, img string) {
	dir := t.TempDir()
	weights, img = filepath.Join(dir, "resnet18.pt"), filepath.Join(dir, "red.png")
	net := models.ResNet18(models.ResNetOptions{NumClasses: 3})
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
