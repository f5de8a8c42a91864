package profiler_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/profiler"
)

// timelines are the networks of scripts/golden/memory_timeline.py.
var timelines = map[string]func() func(){
	"training": func() func() {
		net := nn.NewSequential(nn.NewLinear(8, 16), nn.NewReLU(), nn.NewLinear(16, 4))
		optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1, Momentum: 0.9})
		x, y := torch.Randn([]int{32, 8}), torch.Randint(0, 4, []int{32})
		return func() {
			optimizer.ZeroGrad()
			functional.CrossEntropy(net.Forward(x), y).Backward()
			optimizer.Step()
		}
	},
	"convolution": func() func() {
		net := nn.NewSequential(nn.NewConv2d(1, 4, 3), nn.NewBatchNorm2d(4), nn.NewReLU(), nn.NewFlatten(), nn.NewLinear(4*36, 3))
		optimizer := optim.NewSGD(net.Parameters(), optim.SGDOptions{LR: 0.1})
		x, y := torch.Randn([]int{5, 1, 8, 8}), torch.Randn([]int{5, 3})
		return func() {
			loss := net.Forward(x).Tanh().Sub(y).Pow(2).Mean()
			optimizer.ZeroGrad()
			loss.Backward()
			optimizer.Step()
		}
	},
	"inference": func() func() {
		net := nn.NewSequential(nn.NewLinear(8, 16), nn.NewReLU(), nn.NewLinear(16, 4))
		x := torch.Randn([]int{32, 8})
		return func() { torch.NoGrad(func() { net.Forward(x).Softmax(1).Sum() }) }
	},
}

// read reads a file of JSON.
func read(t *testing.T, path string, to any) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	if strings.HasSuffix(path, ".gz") {
		in, err := gzip.NewReader(file)
		require.NoError(t, err)
		require.NoError(t, json.NewDecoder(in).Decode(to))
		return
	}
	require.NoError(t, json.NewDecoder(file).Decode(to))
}

// What there is before, what is made and what changes is what PyTorch says, in its
// categories. What is given back is as much in all; Go gives it back at the end of the scope.
func TestMemoryTimelineIsPythons(t *testing.T) {
	var cases []struct {
		Name  string
		Steps [][3]int // action, bytes, category
		Most  []int
	}
	torchtest.Golden(t, "testdata/memory_timeline.json", &cases)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			step := timelines[c.Name]()
			torch.Scope(step)
			p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true})
			require.NoError(t, p.Run(func() { torch.Scope(step) }))
			path := filepath.Join(t.TempDir(), "timeline.raw.json.gz")
			require.NoError(t, p.ExportMemoryTimeline(path))
			var raw [][4]int
			read(t, path, &raw)
			count := map[string]int{}
			for _, row := range c.Steps {
				count[fmt.Sprint(row)]++
			}
			for _, row := range raw {
				count[fmt.Sprint(row[1:])]--
			}
			for row, n := range count {
				if n != 0 {
					t.Errorf("%s: Python has %d more", row, n)
				}
			}
		})
	}
}

func TestMemoryTimelineFiles(t *testing.T) {
	step := timelines["training"]()
	torch.Scope(step)
	dir := t.TempDir()
	path := func(ending string) string { return filepath.Join(dir, "timeline"+ending) }
	assert.ErrorContains(t, profiler.New(profiler.Options{ProfileMemory: true}).ExportMemoryTimeline(path(".json")), "needs Options.RecordShapes")
	p := profiler.New(profiler.Options{RecordShapes: true, ProfileMemory: true})
	assert.ErrorContains(t, p.ExportMemoryTimeline(path(".json")), "nothing has been recorded yet")
	require.NoError(t, p.Run(func() { torch.Scope(step) }))
	assert.ErrorContains(t, p.ExportMemoryTimeline(path(".txt")), "ends in .html, .json, .json.gz or .raw.json.gz")
	for _, ending := range []string{".json", ".json.gz", ".raw.json.gz", ".html"} {
		require.NoError(t, p.ExportMemoryTimeline(path(ending)))
	}

	var raw [][4]int
	read(t, path(".raw.json.gz"), &raw)
	assert.True(t, slices.IsSortedFunc(raw, func(a, b [4]int) int { return a[0] - b[0] }))
	var sum [8]int
	for _, row := range raw {
		sum[row[3]] += row[2]
	}
	parameters := 4 * (8*16 + 16 + 16*4 + 4)
	assert.Equal(t, parameters, sum[0], "parameters")
	assert.Equal(t, parameters, sum[1], "momenta")
	assert.Equal(t, parameters, sum[5], "gradients")
	assert.Equal(t, 0, sum[3]+sum[4], "what the step made is given back")

	var curve, zipped [2]json.RawMessage
	read(t, path(".json"), &curve)
	read(t, path(".json.gz"), &zipped)
	assert.Equal(t, curve, zipped)
	var times []int
	var sizes [][9]int
	require.NoError(t, json.Unmarshal(curve[0], &times))
	require.NoError(t, json.Unmarshal(curve[1], &sizes))
	require.Len(t, sizes, len(times))
	assert.True(t, slices.IsSorted(times))
	assert.Equal(t, sum, [8]int(sizes[len(sizes)-1][1:]), "at the end")

	page, err := os.ReadFile(path(".html"))
	require.NoError(t, err)
	assert.Equal(t, 8, strings.Count(string(page), "<polygon"))
	assert.Contains(t, string(page), ">OPTIMIZER_STATE<")
}
