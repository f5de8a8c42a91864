package docs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
)

// codeOf returns the blocks of code of a language in a document, without indents and empty
// lines.
func codeOf(t *testing.T, document, language string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(document)
	require.NoError(t, err)
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// printed is a comment that says what a line prints.
var printed = regexp.MustCompile(`(?:Print(?:ln|f)\(.*\)|print\(.*\)|net\(.*\)) *(?://|#) (.*)`)

// says returns what the comments of a block say that it prints.
func says(block string) string {
	var lines []string
	for _, m := range printed.FindAllStringSubmatch(block, -1) {
		lines = append(lines, m[1])
	}
	return strings.Join(lines, "\n")
}

// The pitfalls' code in Go is that of the examples below, which print what its comments say.
func TestPitfallsPage(t *testing.T) {
	source, err := os.ReadFile("pitfalls_test.go")
	require.NoError(t, err)
	examples := regexp.MustCompile(`(?s)\nfunc Example_\w+\(\) \{\n(.*?)\t// Output:\n(.*?)\n\}\n`).FindAllStringSubmatch(string(source), -1)
	blocks := codeOf(t, "pitfalls.md", "go")
	require.Len(t, blocks, len(examples))
	require.Greater(t, len(blocks), 15)
	for i, block := range blocks {
		assert.Equal(t, flat(block), flat(examples[i][1]))
		assert.Equal(t, says(block), strings.ReplaceAll(strings.TrimPrefix(examples[i][2], "\t// "), "\n\t// ", "\n"))
	}
}

// The pitfalls' code in Python prints what its comments say.
func TestPythonPitfalls(t *testing.T) {
	python := torchtest.Python(t)
	blocks := codeOf(t, "pitfalls.md", "python")
	require.Greater(t, len(blocks), 15)
	const mark = "--- next ---"
	program := "import copy, numpy, torch\nfrom torch import nn, optim, utils\nimport torch.utils.data\n"
	var want []string
	for _, block := range blocks {
		program += block + "print('" + mark + "')\n"
		want = append(want, says(block))
	}
	out, err := exec.Command(python, "-c", program).Output() //nolint:gosec // it is the caller's
	require.NoError(t, err)
	got := strings.Split(strings.TrimSuffix(string(out), mark+"\n"), mark+"\n")
	require.Len(t, got, len(want))
	for i := range want {
		assert.Equal(t, want[i], strings.TrimSpace(got[i]), blocks[i])
	}
}

func Example_pitfallChangingATensor() {
	x := torch.Ones([]int{2})
	y := x
	x = x.Add(1)
	fmt.Println(torch.ToSlice[float32](y)) // [1 1]
	y.AddInplace(1)
	fmt.Println(torch.ToSlice[float32](y)) // [2 2]
	// Output:
	// [1 1]
	// [2 2]
}

func Example_pitfallDtypesOfGoSNumbers() {
	fmt.Println(torch.NewTensor([]float64{0.5}).DType())      // torch.float64
	fmt.Println(torch.NewTensor([]float32{0.5}).DType())      // torch.float32
	fmt.Println(torch.Ones([]int{1}).Mul(0.5).DType())        // torch.float32
	fmt.Println(torch.Ones([]int{1}).Mul(float64(2)).DType()) // torch.float32
	// Output:
	// torch.float64
	// torch.float32
	// torch.float32
	// torch.float32
}

func Example_pitfallIntegers() {
	x := torch.NewTensor([]int{9007199254740993})
	fmt.Println(x.DType(), torch.NewTensor([]int32{7}).DType()) // torch.int64 torch.int32
	fmt.Println(x.Int())                                        // 9007199254740993
	fmt.Printf("%.0f\n", x.Item())                              // 9007199254740992
	// Output:
	// torch.int64 torch.int32
	// 9007199254740993
	// 9007199254740992
}

func Example_pitfallDivisionOfConstants() {
	x := torch.Ones([]int{1})
	fmt.Println(x.Mul(1 / 2).Item())   // 0
	fmt.Println(x.Mul(1.0 / 2).Item()) // 0.5
	// Output:
	// 0
	// 0.5
}

func Example_pitfallComparing() {
	x, y := torch.Ones([]int{2}), torch.Ones([]int{2})
	fmt.Println(x == y)               // false
	fmt.Println(x.Eq(y).All().Bool()) // true
	fmt.Println(torch.Equal(x, y))    // true
	// Output:
	// false
	// true
	// true
}

func Example_pitfallConditionsLengthsAndLoops() {
	x := torch.NewTensor([]float32{1, 2})
	if x.Sum().Gt(0).Bool() {
		fmt.Println(x.Size(0)) // 2
	}
	for _, row := range x.Unbind(0) {
		fmt.Println(row.Item()) // 1
		break
	}
	// Output:
	// 2
	// 1
}

func Example_pitfallIndexes() {
	x := torch.Arange(0, 4, 1)
	fmt.Println(torch.ToSlice[int](x.Index(torch.From(-2))))      // [2 3]
	fmt.Println(torch.ToSlice[int](x.Index(torch.Between(2, 9)))) // [2 3]
	x.At(0).Set(7)
	fmt.Println(x.Index(0).Int())                     // 7
	fmt.Println(torch.Try(func() { _ = x.Index(4) })) // torch.Tensor.Index: index 4 is out of bounds for dimension 0 with size 4
	// Output:
	// [2 3]
	// [2 3]
	// 7
	// torch.Tensor.Index: index 4 is out of bounds for dimension 0 with size 4
}

func Example_pitfallViewsAndCopies() {
	x := torch.Zeros([]int{2})
	x.Index(0).AddInplace(1)
	x.Index([]int{1}).AddInplace(1)        //nolint:gotorchvet // to show it
	fmt.Println(torch.ToSlice[float32](x)) // [1 0]
	// Output:
	// [1 0]
}

func Example_pitfallMemoryOfSlices() {
	a := []float64{0}
	x := torch.FromSlice(a)
	a[0] = 1
	fmt.Println(x.Item()) // 0
	// Output:
	// 0
}

func Example_pitfallOptions() {
	fmt.Println(nn.NewLinear(2, 1, nn.LinearOptions{}).Bias == nil)                 // false
	fmt.Println(nn.NewLinear(2, 1, nn.LinearOptions{Bias: new(false)}).Bias == nil) // true
	p := nn.NewParameter(torch.Zeros([]int{1}))
	fmt.Println(optim.NewSGD([]*torch.Tensor{p}, optim.SGDOptions{LR: 0}).Groups()[0].LearningRate()) // 0.001
	// Output:
	// false
	// true
	// 0.001
}

func Example_pitfallReductionsWithTwoResults() {
	x := torch.NewTensor([][]float32{{1, 3}, {4, 2}})
	fmt.Println(x.Max().Item()) // 4
	_, indices := x.MaxDim(1)
	fmt.Println(torch.ToSlice[int](indices)) // [1 0]
	// Output:
	// 4
	// [1 0]
}

func Example_pitfallModules() {
	type net struct {
		nn.Module
		Layers []*nn.Linear
	}
	err := torch.Try(func() { nn.Init(&net{Layers: []*nn.Linear{nn.NewLinear(1, 1)}}) })
	fmt.Println(err != nil) // true
	type listed struct {
		nn.Module
		Layers *nn.ModuleList[nn.Layer]
	}
	fmt.Println(len(nn.Init(&listed{Layers: nn.NewModuleList[nn.Layer](nn.NewLinear(1, 1))}).Parameters())) // 2
	// Output:
	// true
	// 2
}

func Example_pitfallNamesInStateDicts() {
	type net struct {
		nn.Module
		FC1   *nn.Linear
		Conv2 *nn.Linear `nn:"conv_2"`
	}
	noBias := nn.LinearOptions{Bias: new(false)}
	m := nn.Init(&net{FC1: nn.NewLinear(1, 1, noBias), Conv2: nn.NewLinear(1, 1, noBias)})
	fmt.Println(m.StateDict().Names()) // [fc1.weight conv_2.weight]
	// Output:
	// [fc1.weight conv_2.weight]
}

func Example_pitfallCallingAModule() {
	net := nn.NewLinear(1, 1)
	net.RegisterForwardHook(func(_ nn.AnyModule, _, _ []*torch.Tensor) []*torch.Tensor {
		fmt.Println("hook") // hook
		return nil
	})
	net.Forward(torch.Ones([]int{1}))
	// Output:
	// hook
}

func Example_pitfallErrors() {
	err := torch.Try(func() { _ = torch.Ones([]int{2}).Add(torch.Ones([]int{3})) })
	var e *torch.Error
	fmt.Println(errors.As(err, &e)) // true
	_, err = torch.Load("nowhere.pt")
	fmt.Println(errors.Is(err, os.ErrNotExist)) // true
	// Output:
	// true
	// true
}

func Example_pitfallWhenMemoryIsFreed() {
	x := torch.Ones([]int{1})
	var lost, kept *torch.Tensor
	torch.Scope(func() {
		lost = x.Add(1)
		kept = x.Add(2).Keep()
	})
	fmt.Println(lost.IsClosed(), kept.IsClosed())                              // true false
	fmt.Println(torch.Scoped(func() *torch.Tensor { return x.Add(3) }).Item()) // 4
	// Output:
	// true false
	// 4
}

func Example_pitfallBatchesOfADataLoader() {
	loader := data.NewDataLoader(data.NewTensorDataset(torch.Arange(0, 2, 1)))
	var lost, kept *torch.Tensor
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			panic(err)
		}
		if kept == nil {
			lost, kept = batch[0], batch[0].Clone().Keep()
		}
	}
	fmt.Println(lost.IsClosed(), kept.Item()) // true 0
	// Output:
	// true 0
}

func Example_pitfallTheOrderOfADataLoader() {
	torch.ManualSeed(0)
	loader := data.NewDataLoader(data.NewTensorDataset(torch.Arange(0, 5, 1)), data.DataLoaderOptions{Shuffle: true, NumWorkers: 2})
	var order []int
	for batch, err := range loader.All(context.Background()) {
		if err != nil {
			panic(err)
		}
		order = append(order, batch[0].Int())
	}
	fmt.Println(order) // [1 4 2 3 0]
	// Output:
	// [1 4 2 3 0]
}

func Example_pitfallModesAndGoroutines() {
	torch.NoGrad(func() {
		within, beside := torch.IsGradEnabled(), make(chan bool)
		go func() { beside <- torch.IsGradEnabled() }()
		fmt.Println(within, <-beside) // false true
	})
	// Output:
	// false true
}

func Example_pitfallRandomNumbers() {
	torch.ManualSeed(0)
	fmt.Println(torch.Rand([]int{1}).Item()) // 0.49625658988952637
	g := torch.NewGenerator(torch.CPU).ManualSeed(0)
	fmt.Println(torch.Rand([]int{1}, torch.TensorOptions{Generator: g}).Item()) // 0.49625658988952637
	// Output:
	// 0.49625658988952637
	// 0.49625658988952637
}

func Example_pitfallPrinting() {
	x := torch.NewTensor([]float32{0.5, 0.25})
	fmt.Println(x)                 // tensor([0.5000, 0.2500])
	fmt.Printf("%.2f\n", x.Sum())  // 0.75
	fmt.Printf("%.2f\n", x)        // tensor([0.50, 0.25])
	fmt.Println(x.Index(1).Item()) // 0.25
	// Output:
	// tensor([0.5000, 0.2500])
	// 0.75
	// tensor([0.50, 0.25])
	// 0.25
}

func Example_pitfallCopiesOfTensorsAndModules() {
	x := torch.Ones([]int{1})
	y := x.Clone()
	x.AddInplace(1)
	fmt.Println(y.Item()) // 1
	net := nn.NewLinear(1, 1)
	twin := nn.DeepCopy(net)
	fmt.Println(twin.Weight == net.Weight, torch.Equal(twin.Weight, net.Weight)) // false true
	// Output:
	// 1
	// false true
}
