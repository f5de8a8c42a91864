package docs_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/cgotorch"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/accelerator"
	"github.com/wangkuiyi/gotorch/torch/aoti"
	"github.com/wangkuiyi/gotorch/torch/autograd"
	"github.com/wangkuiyi/gotorch/torch/cuda"
	"github.com/wangkuiyi/gotorch/torch/distributed"
	distcheckpoint "github.com/wangkuiyi/gotorch/torch/distributed/checkpoint"
	"github.com/wangkuiyi/gotorch/torch/distributed/fsdp"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/hub"
	"github.com/wangkuiyi/gotorch/torch/jit"
	"github.com/wangkuiyi/gotorch/torch/library"
	"github.com/wangkuiyi/gotorch/torch/nn"
	F "github.com/wangkuiyi/gotorch/torch/nn/functional"
	"github.com/wangkuiyi/gotorch/torch/nn/utils"
	"github.com/wangkuiyi/gotorch/torch/optim"
	"github.com/wangkuiyi/gotorch/torch/optim/lrscheduler"
	"github.com/wangkuiyi/gotorch/torch/profiler"
	"github.com/wangkuiyi/gotorch/torch/safetensors"
	"github.com/wangkuiyi/gotorch/torch/serve"
	"github.com/wangkuiyi/gotorch/torch/utils/benchmark"
	"github.com/wangkuiyi/gotorch/torch/utils/checkpoint"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/utils/debugmode"
	"github.com/wangkuiyi/gotorch/torch/utils/flopcounter"
	"github.com/wangkuiyi/gotorch/torch/utils/snapshot"
	"github.com/wangkuiyi/gotorch/torch/vision/models/detection"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

// The guide's code in Go is the code below, which runs.
func TestGuide(t *testing.T) {
	source, err := os.ReadFile("guide_test.go")
	require.NoError(t, err)
	blocks := codeOf(t, "guide.md", "go")
	require.Greater(t, len(blocks), 10)
	for _, block := range blocks {
		assert.Contains(t, flat(string(source)), flat(block))
	}
}

// flat returns code without indents and empty lines.
func flat(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

func Example_tensors() {
	x := torch.NewTensor([][]float32{{1, 2}, {3, 4}})
	y := torch.Ones([]int{2, 2}, torch.TensorOptions{DType: torch.Float64})
	z := x.Mul(2).Add(y)
	fmt.Println(z)
	fmt.Println(z.Shape(), z.DType(), z.Sum().Item())
	fmt.Println(x.Matmul(x.T()).Mean(0))
	// Output:
	// tensor([[3., 5.],
	//         [7., 9.]], dtype=torch.float64)
	// [2 2] torch.float64 24
	// tensor([ 8., 18.])
}

func Example_indexing() {
	x := torch.Arange(0, 12, 1).Reshape(3, 4)
	fmt.Println(x.Index(1, -1).Item())                     // x[1, -1].item()
	fmt.Println(x.Index(torch.Colon, torch.Between(1, 3))) // x[:, 1:3]
	fmt.Println(x.Index(x.Gt(8)))                          // x[x > 8]
	x.At(0).Set(0)                                         // x[0] = 0
	x.At(torch.Ellipsis, torch.From(2)).Add(100)           // x[..., 2:] += 100
	x.At(1).Mul(2)                                         // x[1] *= 2
	x.AddInplace(1)                                        // x += 1
	fmt.Println(x)
	// Output:
	// 7
	// tensor([[ 1,  2],
	//         [ 5,  6],
	//         [ 9, 10]])
	// tensor([ 9, 10, 11])
	// tensor([[  1,   1, 101, 101],
	//         [  9,  11, 213, 215],
	//         [  9,  10, 111, 112]])
}

func Example_autograd() {
	w := torch.NewTensor([]float32{1, 2}, torch.TensorOptions{RequiresGrad: true})
	loss := w.Pow(2).Sum()
	loss.Backward()
	torch.NoGrad(func() { w.SubInplace(w.Grad().Mul(0.1)) })
	w.SetGrad(nil)
	fmt.Println(w)
	// Output: tensor([0.8000, 1.6000], requires_grad=True)
}

// Block is a residual block.
type Block struct {
	nn.Module
	Norm   *nn.LayerNorm
	FC     *nn.Linear
	Drop   *nn.Dropout
	Scale  *torch.Tensor
	Counts *torch.Tensor `nn:",buffer"`
}

// NewBlock returns a block of dim features.
func NewBlock(dim int) *Block {
	return nn.Init(&Block{
		Norm:   nn.NewLayerNorm([]int{dim}),
		FC:     nn.NewLinear(dim, dim, nn.LinearOptions{Bias: new(false)}),
		Drop:   nn.NewDropout(nn.DropoutOptions{P: new(0.1)}),
		Scale:  nn.NewParameter(torch.Ones([]int{dim})),
		Counts: torch.Zeros([]int{1}),
	})
}

// Forward returns x and what the block adds to it.
func (b *Block) Forward(x *torch.Tensor) *torch.Tensor {
	h := F.GELU(b.FC.Forward(b.Norm.Forward(x)))
	return x.Add(b.Drop.Forward(h).Mul(b.Scale))
}

func Example_modules() {
	torch.ManualSeed(0)
	net := nn.NewSequential(NewBlock(4), NewBlock(4), nn.NewLinear(4, 2))
	net.Eval()
	fmt.Println(net)
	for _, p := range net.NamedParameters()[:3] {
		fmt.Println(p.Name, p.Tensor.Shape())
	}
	fmt.Println(net.Forward(torch.Ones([]int{1, 4})).Shape())
	// Output:
	// Sequential(
	//   (0): Block(
	//     (norm): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
	//     (fc): Linear(in_features=4, out_features=4, bias=False)
	//     (drop): Dropout(p=0.1, inplace=False)
	//   )
	//   (1): Block(
	//     (norm): LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
	//     (fc): Linear(in_features=4, out_features=4, bias=False)
	//     (drop): Dropout(p=0.1, inplace=False)
	//   )
	//   (2): Linear(in_features=4, out_features=2, bias=True)
	// )
	// 0.scale [4]
	// 0.norm.weight [4]
	// 0.norm.bias [4]
	// [1 2]
}

func Example_hooks() {
	block := NewBlock(4)
	block.RegisterForwardHook(func(module nn.AnyModule, inputs, outputs []*torch.Tensor) []*torch.Tensor {
		fmt.Println(nn.TypeName(module), "gives", outputs[0].Shape())
		return nil // or what is to take the outputs' places
	})
	nn.Call(block, torch.Ones([]int{2, 4}))
	// Output: Block gives [2 4]
}

func Example_training() {
	torch.ManualSeed(0)
	x := torch.Randn([]int{256, 3})
	y := x.Matmul(torch.NewTensor([]float32{1, -2, 3})).Unsqueeze(1)
	loader := data.NewDataLoader(data.NewTensorDataset(x, y), data.DataLoaderOptions{BatchSize: new(32), Shuffle: true})

	net := nn.NewLinear(3, 1)
	criterion := nn.NewMSELoss()
	optimizer := optim.NewAdamW(net.Parameters(), optim.AdamWOptions{LR: 0.1})
	scheduler := lrscheduler.NewStepLR(optimizer, 5, lrscheduler.StepOptions{Gamma: new(0.5)})

	for range 20 {
		for batch, err := range loader.All(context.Background()) {
			if err != nil {
				panic(err)
			}
			torch.Scope(func() {
				inputs, targets := batch[0], batch[1]
				optimizer.ZeroGrad()
				loss := criterion.Forward(net.Forward(inputs), targets)
				loss.Backward()
				optimizer.Step()
			})
		}
		scheduler.Step()
	}
	fmt.Println(net.Weight.Round())
	// Output: tensor([[ 1., -2.,  3.]], grad_fn=<RoundBackward0>)
}

func Example_saving() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.pt")
	net := nn.NewLinear(2, 1)

	if err := torch.Save(net.StateDict(), path); err != nil {
		fmt.Println("not saved:", err)
	}

	other := nn.NewLinear(2, 1)
	dict, err := torch.LoadAs[nn.StateDict](path)
	if err != nil {
		fmt.Println("not loaded:", err)
	}
	if _, err := other.LoadStateDict(dict); err != nil {
		fmt.Println("does not fit:", err)
	}
	fmt.Println(other.Weight.Equal(net.Weight))
	// Output: true
}

func Example_savingSafetensors() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "net.safetensors")
	net, other := nn.NewLinear(2, 1), nn.NewLinear(2, 1)

	if err := safetensors.Save(net.StateDict(), path); err != nil {
		fmt.Println("not saved:", err)
	}

	weights, err := safetensors.Load(path)
	if err != nil {
		fmt.Println("not loaded:", err)
	}
	if _, err := other.LoadStateDict(weights); err != nil {
		fmt.Println("does not fit:", err)
	}
	fmt.Println(other.Weight.Equal(net.Weight))
	// Output: true
}

func Example_snapshot() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "checkpoint.pt")
	net := nn.NewLinear(2, 1)
	optimizer := optim.NewAdam(net.Parameters())
	epoch := 3

	training := snapshot.State{
		"model": net, "optimizer": optimizer,
		"rng": torch.DefaultGenerator(), "epoch": snapshot.Value(&epoch),
	}
	if err := snapshot.Save(training, path); err != nil {
		fmt.Println("not saved:", err)
	}
	if err := snapshot.Load(training, path); err != nil {
		fmt.Println("not loaded:", err)
	}
	fmt.Println(epoch)
	// Output: 3
}

// Bert is a network of a configuration.
type Bert struct {
	nn.Module
	Pooler *nn.Linear
}

// NewBert returns a network with random parameters.
func NewBert(config map[string]any) *Bert {
	width := int(config["hidden_size"].(float64))
	return nn.Init(&Bert{Pooler: nn.NewLinear(width, width)})
}

func loadBert(folder string) error {
	dir, err := hub.Open(folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	var bert *Bert
	torch.WithDevice(torch.Meta, func() { bert = NewBert(dir.Config) })
	if _, err := nn.LoadInto(bert, dir, nn.LoadOptions{Assign: true}); err != nil {
		return err
	}
	fmt.Println(bert.Pooler.Weight.Shape())
	return nil
}

func Example_weights() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"hidden_size": 2}`), 0o600); err != nil {
		panic(err)
	}
	weights := nn.StateDict{{Name: "pooler.weight", Tensor: torch.Ones([]int{2, 2})}, {Name: "pooler.bias", Tensor: torch.Ones([]int{2})}}
	if err := safetensors.Save(weights, filepath.Join(dir, "model.safetensors")); err != nil {
		panic(err)
	}
	fmt.Println(loadBert(dir))
	// Output:
	// [2 2]
	// <nil>
}

// Example_graphs captures a training step.
func Example_graphs() {
	torch.ManualSeed(0)
	x, y := torch.Randn([]int{8, 3}), torch.Randn([]int{8, 1})
	train := func(net *nn.Linear) error {
		criterion := nn.NewMSELoss()
		optimizer := optim.NewAdamW(net.Parameters(), optim.AdamWOptions{LRTensor: torch.Full([]int{}, 0.1), Capturable: true})
		step := func(in []*torch.Tensor) []*torch.Tensor {
			optimizer.ZeroGrad()
			loss := criterion.Forward(net.Forward(in[0]), in[1])
			loss.Backward()
			optimizer.Step()
			return []*torch.Tensor{loss}
		}
		step([]*torch.Tensor{x, y})
		g, err := graph.Capture(step, []*torch.Tensor{x, y}, graph.CaptureOptions{Recapture: true})
		if err != nil {
			return err
		}
		loss := g.Run(x, y)[0]
		fmt.Println(loss.RequiresGrad())
		return nil
	}
	captured := nn.NewLinear(3, 1)
	eager := nn.NewLinear(3, 1)
	if _, err := eager.LoadStateDict(captured.StateDict()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(train(captured))
	criterion := nn.NewMSELoss()
	optimizer := optim.NewAdamW(eager.Parameters(), optim.AdamWOptions{LRTensor: torch.Full([]int{}, 0.1), Capturable: true})
	for range 3 {
		optimizer.ZeroGrad()
		criterion.Forward(eager.Forward(x), y).Backward()
		optimizer.Step()
	}
	fmt.Println(torch.Equal(eager.Weight, captured.Weight))
	// Output:
	// false
	// <nil>
	// true
}

func Example_memory() {
	x := torch.Zeros([]int{1000})
	var best *torch.Tensor
	for i := range 3 {
		torch.Scope(func() {
			y := x.Add(i).Mul(2)
			best = y.Max().Keep()
		})
	}
	fmt.Println(best.Item())
	best.Close()
	norm := torch.Scoped(func() *torch.Tensor { return x.Mul(x).Sum().Sqrt() })
	fmt.Println(norm.Item())
	// Output:
	// 4
	// 0
}

func Example_checkpoint() {
	block := nn.NewSequential(nn.NewLinear(64, 64), nn.NewReLU(), nn.NewLinear(64, 64))
	y := checkpoint.Checkpoint(block.Forward)(torch.Randn([]int{8, 64}))
	y.Sum().Backward()
	fmt.Println(block.Parameters()[1].Grad().Shape())
	// Output: [64]
}

func Example_errors() {
	a, b := torch.Ones([]int{2, 3}), torch.Ones([]int{2})
	err := torch.Try(func() { a.Add(b) })
	var failed *torch.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Op, failed.Kind == torch.RuntimeError)
	}
	fmt.Println(err)
	// Output:
	// aten::add.Tensor true
	// aten::add.Tensor: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1
	//   arguments: self Tensor[2, 3] Float cpu, other Tensor[2] Float cpu
}

func Example_lookingInside() {
	net := nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
	counter := flopcounter.New(flopcounter.Options{Modules: []nn.AnyModule{net}})
	counter.Count(func() { net.Forward(torch.Randn([]int{64, 784})).Sum().Backward() })
	fmt.Println(counter.TotalFlops())
	err := torch.Try(func() { debugmode.FindNaN(func() { torch.Full([]int{2}, -1.0).Log() }) })
	fmt.Println(err != nil)
	// Output:
	// 26181632
	// true
}

func Example_profiler() {
	run := func() error {
		net := nn.NewSequential(nn.NewLinear(784, 128), nn.NewReLU(), nn.NewLinear(128, 10))
		p := profiler.New(profiler.Options{RecordShapes: true, WithFLOPs: true})
		err := p.Run(func() {
			profiler.RecordFunction("pass", func() { net.Forward(torch.Randn([]int{64, 784})).Sum().Backward() })
		})
		if err != nil {
			return err
		}
		table := p.KeyAverages().Table(profiler.TableOptions{SortBy: profiler.SortSelfCPUTime, RowLimit: new(5)})
		fmt.Println(strings.Contains(table, "aten::addmm"))
		return nil
	}
	fmt.Println(run())
	// Output:
	// true
	// <nil>
}

func Example_benchmark() {
	x := torch.Randn([]int{64, 64})
	product := benchmark.NewTimer(func() { x.Matmul(x).Close() }, benchmark.TimerOptions{Label: "64 x 64", SubLabel: "product", Description: "float32"})
	sum := benchmark.NewTimer(func() { x.Add(x).Close() }, benchmark.TimerOptions{Label: "64 x 64", SubLabel: "sum", Description: "float32"})
	comparison := benchmark.NewCompare(product.Timeit(100), sum.Timeit(100))
	fmt.Println(strings.Count(comparison.String(), "\n") > 5)
	// Output: true
}

func Example_devices() {
	device := torch.CPU
	if cuda.IsAvailable() {
		device = torch.CUDA(0)
	}
	net := nn.NewLinear(4, 2)
	net.To(device)
	x := torch.Randn([]int{8, 4}, torch.TensorOptions{Device: device})
	fmt.Println(net.Forward(x).To(torch.CPU).Device())
	if accelerator.IsAvailable() {
		side := accelerator.NewStream()
		side.WaitStream(accelerator.CurrentStream())
		accelerator.WithStream(side, func() { net.Forward(x) })
		accelerator.CurrentStream().WaitStream(side)
	}
	fmt.Println(accelerator.MemoryAllocated()) // 0 without a GPU
	// Output:
	// cpu
	// 0
}

func Example_goroutines() {
	net := nn.NewLinear(4, 2)
	net.Eval()
	answers := make(chan []float32)
	for i := range 3 {
		go torch.WithNumThreads(1, func() {
			answers <- torch.InferenceValue(func() []float32 {
				return torch.ToSlice[float32](net.Forward(torch.Full([]int{1, 4}, float32(i))))
			})
		})
	}
	for range 3 {
		fmt.Println(len(<-answers))
	}
	// Output:
	// 2
	// 2
	// 2
}

// unpack writes a program of package export's tests to a file.
func unpack(source, path string) error {
	packed, err := os.Open(source)
	if err != nil {
		return err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

func Example_programs() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.pt2")
	if err := unpack("../torch/export/testdata/exported/cnn.pt2.gz", path); err != nil {
		panic(err)
	}
	program, err := export.Load(path)
	if err != nil {
		fmt.Println("not loaded:", err)
	}
	defer program.Close()
	x := torch.Zeros([]int{5, 1, 8, 8})
	y, err := program.Run(x)
	fmt.Println(y.(*torch.Tensor).Shape(), err)
	_, err = program.Run(torch.Zeros([]int{65, 1, 8, 8}))
	fmt.Println(err)
	if err := draw(program, x, filepath.Join(dir, "model.dot")); err != nil {
		panic(err)
	}
	// Output:
	// [5 5] <nil>
	// export: Guard failed: x.size()[0] <= 64, got 65
	// 26240
}

func Example_torchScript() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.pt")
	if err := unpack("../torch/jit/testdata/scripts/mlp.pt.gz", path); err != nil {
		panic(err)
	}
	net, err := jit.Load(path)
	if err != nil {
		fmt.Println("not loaded:", err)
	}
	defer net.Close()
	y, err := net.Run(torch.Ones([]int{2, 4}))
	fmt.Println(y.(*torch.Tensor).Shape(), err)
	_, err = net.Run("four")
	fmt.Println(err)
	// Output:
	// [2 3] <nil>
	// jit: forward: argument x: must be a Tensor, not a str
}

// draw prints how many operations a program takes, and draws it.
func draw(program *export.Program, x *torch.Tensor, drawing string) error {
	symbols, err := program.Symbols([]any{x}, nil)
	if err != nil {
		return err
	}
	flops, err := program.Graph.FLOPs(symbols)
	if err != nil {
		return err
	}
	fmt.Println(flops.Total)
	return os.WriteFile(drawing, []byte(program.Graph.DOT()), 0o600) // dot -Tsvg drawing -o drawing.svg
}

// TestCompiledPrograms is what the guide does with a package, of which there is none here.
func TestCompiledPrograms(t *testing.T) {
	path, x := filepath.Join(t.TempDir(), "model_aoti.pt2"), torch.Zeros([]int{5, 1, 8, 8})
	run := func() error {
		model, err := aoti.Load(path, aoti.LoadOptions{Runners: new(2)})
		if err != nil {
			return err
		}
		defer model.Close()
		y, err := model.Run(x)
		fmt.Println(y)
		return err
	}
	assert.ErrorIs(t, run(), os.ErrNotExist)
}

func TestGuideDetection(t *testing.T) {
	images := []*torch.Tensor{torch.Rand([]int{3, 40, 60})}
	targets := []detection.Target{{Boxes: torch.NewTensor([][]float32{{5, 5, 30, 35}}), Labels: torch.NewTensor([]int{1})}}
	net := detection.FasterRCNNMobileNetV3Large320FPN(detection.FasterRCNNOptions{NumClasses: new(2)})
	losses, _ := net.Forward(images, targets)
	losses.Sum().Backward()
	net.Eval()
	_, found := net.Forward(images, nil)
	assert.Len(t, found, 1)
}

// Example_operators defines an operator.
func Example_operators() {
	scale, err := library.Define("mylib::scale(Tensor x, float s=2) -> Tensor", func(in library.Args) []any {
		return []any{in.Tensor("x").Mul(in.Float("s"))}
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer scale.Close()
	scale.RegisterFake(func(in library.Args) []any { return []any{torch.EmptyLike(in.Tensor("x"))} })
	scale.RegisterAutograd(func(ctx *autograd.Context, grads ...*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{grads[0].Mul(ctx.Value.(float64))}
	}, library.AutogradOptions{SetupContext: func(ctx *autograd.Context, in library.Args, _ []any) {
		ctx.Value = in.Float("s")
	}})
	x := torch.Ones([]int{2}).SetRequiresGrad(true)
	y := scale.Call(x, 3.0)[0].(*torch.Tensor)
	y.Sum().Backward()
	fmt.Println(x.Grad())
	// Output:
	// tensor([3., 3.])
}

// Example_serving serves a network until its context ends, which is at once.
func Example_serving() {
	net := nn.NewLinear(4, 2)
	net.Eval()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	const address = "127.0.0.1:0" // any port
	server := serve.NewServer()
	err := server.Add("net", serve.NewModule(net, serve.Signature{
		Batch:   true, // rows do not depend on each other, so requests may be run together
		Inputs:  []serve.Spec{{Name: "x", DType: torch.Float32, Shape: []int{-1, 4}}},
		Outputs: []serve.Spec{{Name: "y", DType: torch.Float32, Shape: []int{-1, 2}}},
	}), serve.ModelOptions{MaxBatch: new(64), MaxWait: 2 * time.Millisecond})
	if err == nil {
		err = server.ListenAndServe(ctx, address) // until ctx ends, and what was taken is answered
	}
	fmt.Println(err)
	// Output: <nil>
}

// deepNet is a network of blocks.
type deepNet struct {
	nn.Module
	Blocks *nn.ModuleList[nn.Layer]
}

func (n *deepNet) Forward(x *torch.Tensor) *torch.Tensor {
	for _, block := range n.Blocks.All() {
		x = nn.Call(block, x)
	}
	return x
}

func trainDivided(net *deepNet, x *torch.Tensor, dir string) error {
	for _, block := range net.Blocks.All() {
		if _, err := fsdp.FullyShard(block); err != nil {
			return err
		}
	}
	root, err := fsdp.FullyShard(net)
	if err != nil {
		return err
	}

	optimizer := optim.NewAdamW(net.Parameters())
	for range 2 {
		optimizer.ZeroGrad()
		root.Forward(x).Square().Mean().Backward()
		utils.ClipGradNorm(net.Parameters(), 1)
		optimizer.Step()
	}

	return distcheckpoint.Save(net.StateDict(), dir)
}

// TestDivided trains in a job of one process.
func TestDivided(t *testing.T) {
	newNet := func() *deepNet {
		torch.ManualSeed(1)
		return nn.Init(&deepNet{Blocks: nn.NewModuleList[nn.Layer](nn.NewLinear(4, 4), nn.NewLinear(4, 4))})
	}
	net, dir := newNet(), filepath.Join(t.TempDir(), "checkpoint")
	if torch.Version() != cgotorch.SchemaVersion {
		assert.Error(t, trainDivided(net, torch.Ones([]int{2, 4}), dir))
		return
	}
	require.NoError(t, distributed.InitProcessGroup(distributed.InitOptions{
		InitMethod: "file://" + filepath.Join(t.TempDir(), "store"), Rank: new(0), WorldSize: 1,
	}))
	defer func() { require.NoError(t, distributed.DestroyProcessGroup()) }()
	require.NoError(t, trainDivided(net, torch.Ones([]int{2, 4}), dir))
	other := newNet()
	require.NoError(t, distcheckpoint.Load(other.StateDict(), dir))
	assert.True(t, torch.Equal(net.Parameters()[0].Detach(), other.Parameters()[0].Detach()))
}
