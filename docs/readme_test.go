package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	return string(text)
}

// The commands of the README make a module of an empty folder that builds and runs the
// program beside them. What installs libtorch is left out.
func TestREADMEModule(t *testing.T) {
	_, section, _ := strings.Cut(readme(t), "\n## In a module of your own\n")
	block := regexp.MustCompile("(?s)```\n(git clone .*?)```").FindStringSubmatch(section)
	require.NotNil(t, block)
	program := regexp.MustCompile("(?s)```go\n(.*?)```").FindStringSubmatch(section)
	require.NotNil(t, program)
	example, err := os.ReadFile("../examples/xor/main.go")
	require.NoError(t, err)
	assert.Equal(t, string(example), program[1])
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	commands := strings.NewReplacer("git clone <this repository> gotorch\n", "", "../gotorch", "'"+root+"'",
		"go tool gotorch install", "go tool gotorch version").Replace(block[1])
	dir := t.TempDir()
	shell := func(dir, commands string) string {
		t.Helper()
		command := exec.Command("bash", "-euc", commands)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOWORK=off")
		out, err := command.CombinedOutput()
		if err != nil && regexp.MustCompile(`dial tcp|no such host|connection refused|timeout|module lookup disabled`).Match(out) {
			t.Skip("go mod tidy asks for modules, and there is no network: " + string(out))
		}
		require.NoError(t, err, string(out))
		return string(out)
	}
	assert.Contains(t, shell(dir, commands), "gotorch ")
	hello := filepath.Join(dir, "hello")
	module, err := os.ReadFile(filepath.Join(hello, "go.mod"))
	require.NoError(t, err)
	assert.Contains(t, string(module), "github.com/wangkuiyi/gotorch v0.0.0", "tidy left it")
	require.NoError(t, os.WriteFile(filepath.Join(hello, "main.go"), []byte(program[1]), 0o644))
	assert.Contains(t, shell(hello, "go run ."), "[false true true false]\n")
}

// pitfalls show what the README says of each.
var pitfalls = map[string]func(t *testing.T){
	"float64 slices": func(t *testing.T) {
		layer := nn.NewLinear(2, 1)
		x := torch.NewTensor([]float64{1, 2})
		assert.Equal(t, torch.Float64, x.DType())
		assert.ErrorContains(t, torch.Try(func() { layer.Forward(x) }), "Double")
		assert.Equal(t, []int{1}, layer.Forward(x.To(torch.Float32)).Shape())
		assert.Equal(t, []int{1}, layer.Forward(torch.NewTensor([]float32{1, 2})).Shape())
	},
	"Batches": func(t *testing.T) {
		var lost, kept []*torch.Tensor
		for batch, err := range data.NewDataLoader(data.NewTensorDataset(torch.Arange(0, 4, 1))).All(t.Context()) {
			require.NoError(t, err)
			if lost == nil {
				lost = batch
			} else {
				kept = append(kept, batch[0].Keep())
			}
		}
		assert.ErrorIs(t, torch.Try(func() { lost[0].Item() }), &torch.Error{Kind: torch.ClosedError})
		assert.Equal(t, 2, kept[1].Int())
	},
	"Scope and caches": func(t *testing.T) {
		cache := map[string]*torch.Tensor{}
		torch.Scope(func() {
			cache["lost"] = torch.Ones([]int{2})
			cache["kept"] = torch.Ones([]int{2}).Keep()
		})
		cache["value"] = torch.Scoped(func() *torch.Tensor { return torch.Ones([]int{2}) })
		assert.ErrorIs(t, torch.Try(func() { cache["lost"].Sum() }), &torch.Error{Kind: torch.ClosedError})
		assert.Equal(t, 2.0, cache["kept"].Sum().Item())
		assert.Equal(t, 2.0, cache["value"].Sum().Item())
		assert.ErrorIs(t, torch.Try(func() { torch.Scoped(func() *nn.Linear { return nil }) }), &torch.Error{Kind: torch.TypeError})
	},
	"Hooks": func(t *testing.T) {
		calls := 0
		count := func(nn.AnyModule, []*torch.Tensor, []*torch.Tensor) []*torch.Tensor {
			calls++
			return nil
		}
		block := NewBlock(4)
		block.RegisterForwardHook(count)
		x := torch.Ones([]int{1, 4})
		block.Forward(x)
		assert.Equal(t, 0, calls, "its own")
		nn.Call(block, x)
		assert.Equal(t, 1, calls)
		block.FC.RegisterForwardHook(count)
		block.Forward(x)
		assert.Equal(t, 2, calls, "its layer's")
	},
	"A learning rate of 0": func(t *testing.T) {
		w := nn.NewParameter(torch.Ones([]int{1}))
		optimizer := optim.NewSGD([]*torch.Tensor{w}, optim.SGDOptions{LR: 0})
		assert.Equal(t, 1e-3, optimizer.Groups()[0].LearningRate())
		optimizer.Groups()[0].SetLearningRate(0)
		w.Sum().Backward()
		optimizer.Step()
		assert.Equal(t, 1.0, w.Item())
	},
	"A C compiler": func(t *testing.T) {
		command := exec.Command("go", "build", "../cgotorch")
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		out, err := command.CombinedOutput()
		assert.Error(t, err)
		assert.Contains(t, string(out), "gotorch_needs_cgo__install_a_C_compiler_and_unset_CGO_ENABLED")
	},
}

func TestPitfalls(t *testing.T) {
	_, section, _ := strings.Cut(readme(t), "\n## Pitfalls\n")
	section, _, _ = strings.Cut(section, "\n## ")
	titles := regexp.MustCompile(`(?m)^- \*\*(.*?)\.\*\*`).FindAllStringSubmatch(section, -1)
	require.Len(t, titles, len(pitfalls))
	for _, title := range titles {
		require.Contains(t, pitfalls, title[1])
		t.Run(title[1], pitfalls[title[1]])
	}
}
