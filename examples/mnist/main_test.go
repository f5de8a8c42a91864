package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestParse(t *testing.T) {
	standard := options{data: "mnist", model: "mlp", optimizer: "sgd", device: torch.CPU, epochs: 5, batch: 64, lr: 0.01}
	with := func(change func(o *options)) options {
		o := standard
		change(&o)
		return o
	}
	for _, c := range []struct {
		args string
		want options
	}{
		{"", standard},
		{"-data random", with(func(o *options) { o.data, o.epochs = "random", 10 })},
		{"-data random -epochs 5 -lr 1", with(func(o *options) { o.data, o.lr = "random", 1 })},
		{"-root here -device cpu -epochs 1 -batch 32 -lr 0.1 -seed -7", with(func(o *options) {
			o.root, o.epochs, o.batch, o.lr, o.seed = "here", 1, 32, 0.1, -7
		})},
		{"-optimizer adam-fused -capture", with(func(o *options) { o.optimizer, o.lr, o.capture = "adam-fused", 0.001, true })},
		{"-data fashion -model cnn -optimizer adamw -amp -out there -resume", with(func(o *options) {
			o.data, o.model, o.optimizer, o.lr, o.amp, o.out, o.resume = "fashion", "cnn", "adamw", 0.001, true, "there", true
		})},
	} {
		t.Run(c.args, func(t *testing.T) {
			var help bytes.Buffer
			got, err := parse(strings.Fields(c.args), &help)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Empty(t, help.String())
		})
	}
}

func TestRunRefuses(t *testing.T) {
	for args, want := range map[string]string{
		"-data cifar":              `-data is "cifar", want mnist, fashion or random`,
		"-data random -batch 64":   "-batch does not go with -data random, which is PyTorch's sample as it is",
		"-data random -root .":     "-root does not go with -data random",
		"-model rnn":               `-model is "rnn", want one of cnn, mlp`,
		"-optimizer lion":          `-optimizer is "lion", want one of adam, adam-fused, adamw, sgd`,
		"-capture -optimizer adam": "-capture does not go with -optimizer adam, which counts its steps outside of tensors: adam-fused and sgd do not",
		"-capture -data random":    "-capture does not go with -data random",
		"-resume":                  "-resume needs -out, the folder with the checkpoint",
		"-device gpu":              `invalid value "gpu" for flag -device: torch.ParseDevice: invalid device string: "gpu"`,
		"-device cuda:900":         `invalid value "cuda:900" for flag -device: torch.ParseDevice: invalid device string`,
		"-epochs 0":                "-epochs is 0, want 1 or more",
		"-epochs many":             `invalid value "many" for flag -epochs`,
		"-batch -1":                "-batch is -1, want 1 or more",
		"-lr 0":                    "-lr is 0, want more than 0",
		"-lr nan":                  "-lr is NaN, want more than 0",
		"-lr inf":                  "-lr is +Inf, want more than 0",
		"-momentum 1":              "flag provided but not defined: -momentum",
		"mnist":                    `"mnist" is not a flag`,
	} {
		t.Run(args, func(t *testing.T) {
			var out, log bytes.Buffer
			err := run(t.Context(), strings.Fields(args), &out, &log)
			assert.ErrorContains(t, err, want)
			assert.Empty(t, out.String())
			assert.Empty(t, log.String())
		})
	}
}

func TestCaptureRefusesScaling(t *testing.T) {
	o := options{data: "mnist", model: "mlp", optimizer: "sgd", device: torch.CUDA(0), epochs: 1, batch: 64, amp: true, capture: true}
	assert.ErrorContains(t, o.complete(nil), "-capture does not go with -amp on CUDA")
	o.device = torch.CPU
	assert.NoError(t, o.complete(nil))
}

func TestHelp(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-h"}, &out, &log))
	assert.Empty(t, log.String())
	assert.Contains(t, readFile(t, "README.md"), "```\n"+strings.ReplaceAll(out.String(), "\t", "        ")+"```\n",
		"the README has another text")
	_, err := parse([]string{"-help"}, &out)
	assert.True(t, errors.Is(err, flag.ErrHelp))
}

// What the sample prints is what sample.py prints: to the letter where libtorch and
// the vector instructions are those of the golden file, else with losses within
// 1e-5 of it, relatively, and counts within 0.1 % of the images.
func TestSample(t *testing.T) {
	var cases []struct {
		Losses []float64
		Right  []int
		Total  []int
		Output []string
	}
	header := torchtest.Golden(t, "testdata/sample.json", &cases)
	require.Len(t, cases, 1)
	want := cases[0]
	require.Len(t, want.Losses, 10)

	var out, log bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-data", "random", "-seed", "0"}, &out, &log))
	assert.Empty(t, log.String())
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if header.Exact() {
		assert.Equal(t, want.Output, got)
		return
	}
	require.Len(t, got, len(want.Output))
	number := regexp.MustCompile(`[0-9.]+`)
	for i, line := range got {
		numbers := number.FindAllString(line, -1)
		last, err := strconv.ParseFloat(numbers[len(numbers)-1], 64)
		require.NoError(t, err)
		switch i -= len(want.Losses); {
		case i < 0:
			assert.InEpsilon(t, want.Losses[i+len(want.Losses)], last, 1e-5, line)
		case i < len(want.Right):
			right, err := strconv.Atoi(numbers[0])
			require.NoError(t, err)
			assert.InDelta(t, want.Right[i], right, float64(want.Total[i])/1000, line)
			assert.Equal(t, want.Total[i], int(last), line)
		default:
			assert.Equal(t, want.Output[len(want.Output)-1], line)
		}
	}
}

// The README shows the code as it is, and what it prints.
func TestREADME(t *testing.T) {
	readme := readFile(t, "README.md")
	lines := func(text string) (kept []string) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				kept = append(kept, line)
			}
		}
		return kept
	}
	blocks := func(language string) (text string) {
		for _, block := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(readme, -1) {
			text += block[1]
		}
		return text
	}
	assert.Equal(t, lines(readFile(t, "sample.py")), lines(blocks("python")))

	source := readFile(t, "main.go")
	source = source[strings.Index(source, "type Net struct"):strings.Index(source, "// train is")]
	source = regexp.MustCompile(`(?m)^//.*\n`).ReplaceAllString(source, "")
	assert.Equal(t, lines(source), lines(blocks("go")))

	var cases []struct{ Output []string }
	torchtest.Golden(t, "testdata/sample.json", &cases)
	assert.Contains(t, readme, "\n"+strings.Join(cases[0].Output, "\n")+"\n```\n")
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
