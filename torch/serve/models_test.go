package serve_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/graph"
	"github.com/wangkuiyi/gotorch/torch/jit"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/serve"
)

// infer asks the model m for its only output, and returns its shape and elements.
func infer(t testing.TB, s *serve.Server, inputs ...serve.Array) ([]int, []float32) {
	t.Helper()
	outputs, err := s.Infer(t.Context(), serve.Request{Model: "m", Inputs: inputs})
	require.NoError(t, err)
	require.Len(t, outputs, 1)
	y := outputs[0].Tensor()
	defer y.Close()
	return y.Shape(), torch.ToSlice[float32](y)
}

// numbers is an input of rows of the same numbers.
func numbers(name string, rows int, row ...float32) serve.Array {
	var a serve.Array
	torch.Scope(func() {
		x := torch.FromSlice(row).Unsqueeze(0).Expand(rows, len(row))
		a = serve.NewArray(name, x)
	})
	return a
}

func TestModule(t *testing.T) {
	s, _ := newServer(t)
	net := nn.NewSequential(nn.NewLinear(2, 3), nn.NewReLU())
	net.Eval()
	require.NoError(t, s.Add("m", serve.NewModule(net, serve.Signature{Batch: true,
		Inputs: []serve.Spec{{Name: "x", DType: torch.Float32, Shape: []int{-1, 2}}}}), serve.ModelOptions{MaxWait: time.Millisecond, Threads: 1}))
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			rows := i%3 + 1
			shape, got := infer(t, s, numbers("x", rows, float32(i), -1))
			assert.Equal(t, []int{rows, 3}, shape)
			torch.Scope(func() {
				want := torch.NoGradValue(func() []float32 {
					return torch.ToSlice[float32](net.Forward(torch.NewTensor([][]float32{{float32(i), -1}})))
				})
				for r := range rows {
					assert.InDeltaSlice(t, want, got[3*r:3*r+3], 1e-6)
				}
			})
		})
	}
	group.Wait()
	for _, p := range net.Parameters() {
		p.Close()
	}
}

// A captured graph has one batch; what is missing of it is filled up.
func TestGraph(t *testing.T) {
	s, _ := newServer(t)
	x := torch.Ones([]int{4, 2})
	captured, err := graph.Capture(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{in[0].Mul(2).Add(1)}
	}, []*torch.Tensor{x})
	require.NoError(t, err)
	require.NoError(t, s.Add("m", serve.NewGraph(captured, true)))
	shape, y := infer(t, s, numbers("input_0", 3, 1, 5))
	assert.Equal(t, []int{3, 2}, shape)
	assert.Equal(t, []float32{3, 11, 3, 11, 3, 11}, y)
	_, err = s.Infer(t.Context(), serve.Request{Model: "m", Inputs: []serve.Array{numbers("input_0", 5, 1, 2)}})
	assert.ErrorContains(t, err, "has the shape [5 2], want [4 2]")
	captured.First[0].Close()
	x.Close()
}

// A program of TorchScript says the names of its arguments only.
func TestScripts(t *testing.T) {
	s, _ := newServer(t)
	for _, name := range []string{"cnn", "cnn_traced"} {
		path := torchtest.Unpack(t, "../jit/testdata/scripts/"+name+".pt.gz")
		m, err := serve.LoadScript(path, false)
		require.NoError(t, err)
		assert.Equal(t, serve.Signature{Inputs: []serve.Spec{{Name: "x"}}, Platform: "pytorch_torchscript"}, m.Signature())
		m.Close()
		program, err := jit.Load(path)
		require.NoError(t, err)
		if m, err = serve.LoadScript(path, true); err != nil {
			t.Fatal(err)
		}
		require.True(t, m.Signature().Batch)
		require.NoError(t, s.Add(name, m, serve.ModelOptions{MaxWait: time.Millisecond}))
		x := serve.Array{Name: "x", DType: torch.Float32, Shape: []int{2, 1, 8, 8}, Data: make([]byte, 2*4*64)}
		outputs, err := s.Infer(t.Context(), serve.Request{Model: name, Inputs: []serve.Array{x}})
		require.NoError(t, err)
		y := outputs[0].Tensor()
		assert.Equal(t, 2, y.Size(0))
		want, err := program.Run(torch.Zeros([]int{2, 1, 8, 8}))
		require.NoError(t, err)
		assert.InDeltaSlice(t, torch.ToSlice[float32](want.(*torch.Tensor)), torch.ToSlice[float32](y), 1e-5)
		y.Close()
	}
	_, err := serve.LoadScript(torchtest.Unpack(t, "../jit/testdata/scripts/values.pt.gz"), false)
	assert.Error(t, err)
	_, err = serve.NewScript(nil, false)
	assert.ErrorContains(t, err, "there is no program")
	_, err = serve.NewCompiled(nil, false)
	assert.ErrorContains(t, err, "there is no model")
	_, err = serve.NewProgram(nil)
	assert.ErrorContains(t, err, "there is no program")
}

// program returns the path of a program of export's tests, unpacked.
func program(t testing.TB, name string) string {
	t.Helper()
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	return torchtest.Unpack(t, "../export/testdata/exported/"+name+".pt2.gz")
}

// Programs of Python's are served as they are; each request gets what it gets alone.
func TestPrograms(t *testing.T) {
	entries, err := filepath.Glob("../export/testdata/exported/*.pt2.gz")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	s, _ := newServer(t)
	served, batched, training := 0, 0, 0
	for _, entry := range entries {
		name := strings.TrimSuffix(filepath.Base(entry), ".pt2.gz")
		path := program(t, name)
		m, err := serve.LoadProgram(path)
		if err != nil {
			if strings.HasSuffix(name, "_train") {
				training++
				assert.ErrorContains(t, err, "trains, so requests would change each other's results")
			}
			assert.Regexp(t, "no tensor|eval|takes nothing|no counterpart|node scale", err.Error())
			continue
		}
		if err := s.Add(name, m, serve.ModelOptions{MaxBatch: new(2)}); err != nil {
			t.Log(name, err)
			continue
		}
		served++
		if m.Signature().Batch {
			batched++
		}
	}
	assert.Greater(t, served, 10)
	assert.Greater(t, batched, 3)
	assert.Equal(t, 2, training)
}

// The rows of a program's batch are those of the requests.
func TestProgramBatches(t *testing.T) {
	if torchtest.Old() {
		t.Skipf("libtorch %s lacks operators that programs of PyTorch 2.15 have", torch.Version())
	}
	s, _ := newServer(t)
	net := nn.NewSequential(nn.NewLinear(2, 2))
	x := torch.Ones([]int{3, 2})
	p, err := export.Trace(func(in []*torch.Tensor) []*torch.Tensor {
		return []*torch.Tensor{net.Forward(in[0])}
	}, []*torch.Tensor{x}, export.TraceOptions{Module: net, DynamicShapes: []map[int]export.Dim{{0: {Name: "batch", Max: 12}}}})
	require.NoError(t, err)
	m, err := serve.NewProgram(p)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 4, 8, 12}, m.Signature().BatchSizes)
	require.NoError(t, s.Add("m", m, serve.ModelOptions{MaxWait: time.Millisecond}))
	var group sync.WaitGroup
	for i := range 30 {
		group.Go(func() {
			shape, got := infer(t, s, numbers("input_0", i%5+1, float32(i), 1))
			assert.Equal(t, []int{i%5 + 1, 2}, shape)
			torch.Scope(func() {
				want := torch.NoGradValue(func() []float32 {
					return torch.ToSlice[float32](net.Forward(torch.NewTensor([][]float32{{float32(i), 1}})))
				})
				assert.InDeltaSlice(t, want, got[:2], 1e-5)
			})
		})
	}
	group.Wait()
	_, err = s.Infer(t.Context(), serve.Request{Model: "m", Inputs: []serve.Array{numbers("input_0", 13, 1, 2)}})
	assert.ErrorContains(t, err, "13 rows, and the model takes 12")
	for _, p := range net.Parameters() {
		p.Close()
	}
	x.Close()
}

// Texts of several lengths go together, filled up, and each gets its own length back.
func TestPadding(t *testing.T) {
	s, _ := newServer(t)
	var widths sync.Map
	m := serve.NewModel(serve.Signature{Batch: true,
		Inputs:  []serve.Spec{{Name: "x", DType: torch.Float32, Shape: []int{-1, -1}, Sizes: []string{"", "length"}}},
		Outputs: []serve.Spec{{Name: "y", DType: torch.Float32, Shape: []int{-1, -1}, Sizes: []string{"", "length"}}},
	}, func(in []*torch.Tensor) ([]*torch.Tensor, error) {
		widths.Store([2]int{in[0].Size(0), in[0].Size(1)}, in[0].Sum().Item())
		return []*torch.Tensor{in[0].Add(1)}, nil
	}, nil)
	require.NoError(t, s.Add("m", m, serve.ModelOptions{Pad: map[string]float64{"x": 100}, MaxBatch: new(3), MaxWait: time.Minute}))
	var group sync.WaitGroup
	for _, row := range [][]float32{{1}, {2, 3, 4}, {5, 6}} {
		group.Go(func() {
			shape, y := infer(t, s, numbers("x", 1, row...))
			assert.Equal(t, []int{1, len(row)}, shape)
			for i := range row {
				assert.Equal(t, row[i]+1, y[i])
			}
		})
	}
	group.Wait()
	sum, ok := widths.Load([2]int{3, 3})
	assert.True(t, ok)
	assert.Equal(t, 1.0+2+3+4+5+6+3*100, sum)
}

// Without padding they are in batches of their own.
func TestShapesApart(t *testing.T) {
	s, _ := newServer(t)
	m := serve.NewModel(serve.Signature{Batch: true, Inputs: []serve.Spec{{Name: "x"}}}, nothing, nil)
	require.NoError(t, s.Add("m", m, serve.ModelOptions{MaxWait: 5 * time.Millisecond}))
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			row := []float32{1, 2, 3, 4}[:i%4+1]
			shape, y := infer(t, s, numbers("x", 1, row...))
			assert.Equal(t, []int{1, len(row)}, shape)
			assert.Equal(t, row, y)
		})
	}
	group.Wait()
}

// load returns what reads the model files of these tests: a number that is added.
func load(closed *atomic.Int64) func(path string) (serve.Model, error) {
	return func(path string) (serve.Model, error) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var n float64
		if _, err := fmt.Sscan(string(text), &n); err != nil {
			return nil, fmt.Errorf("no number: %w", err)
		}
		return serve.NewModel(pair(torch.Float32), func(in []*torch.Tensor) ([]*torch.Tensor, error) {
			if n < 0 {
				panic("below 0")
			}
			return []*torch.Tensor{in[0].Add(n)}, nil
		}, func() { closed.Add(1) }), nil
	}
}

// A file that changes takes the old one's place while requests come, and none of them is
// lost. One that is no good does not.
func TestWatch(t *testing.T) {
	s, c := newServer(t, serve.ServerOptions{Logger: quiet(), Poll: new(2 * time.Millisecond)})
	path := filepath.Join(t.TempDir(), "model")
	write := func(text string) { // at once, else an empty file may be seen
		require.NoError(t, os.WriteFile(path+".new", []byte(text), 0o600))
		require.NoError(t, os.Rename(path+".new", path))
	}
	var closed atomic.Int64
	assert.ErrorContains(t, s.Watch("m", path, load(&closed)), "no such file")
	write("no")
	assert.ErrorContains(t, s.Watch("m", path, load(&closed)), "no number")
	err := s.Watch("m", path, func(copied string) (serve.Model, error) { return nil, os.Remove(filepath.Join(copied, "x")) })
	assert.ErrorContains(t, err, filepath.Join(path, "x"), "it names the file, not its copy")
	assert.ErrorIs(t, err, syscall.ENOTDIR)
	write("1")
	require.NoError(t, s.Watch("m", path, load(&closed)))
	stop := make(chan bool)
	var asked atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				_, y := infer(t, s, numbers("x", 1, 0, 0))
				assert.Contains(t, []float32{1, 2, 3, 4}, y[0])
				asked.Add(1)
			}
		})
	}
	becomes := func(want float32) {
		t.Helper()
		require.Eventually(t, func() bool {
			_, y := infer(t, s, numbers("x", 1, 0, 0))
			return y[0] == want
		}, 20*time.Second, time.Millisecond)
	}
	failed := func(n int) {
		t.Helper()
		require.Eventually(t, func() bool {
			_, metrics := c.do("GET", "/metrics", "")
			return strings.Contains(metrics, fmt.Sprintf(`gotorch_model_loads_total{model="m",result="error",version="1"} %d`, n))
		}, 20*time.Second, time.Millisecond)
	}
	becomes(1)
	write("2.0")
	becomes(2)
	write("nothing")
	failed(1)
	write("-1")
	failed(2)
	becomes(2)
	require.NoError(t, os.Remove(path))
	time.Sleep(20 * time.Millisecond)
	becomes(2)
	write("3")
	becomes(3)
	require.NoError(t, os.WriteFile(path, []byte("4"), 0o600)) // in its place
	becomes(4)
	close(stop)
	group.Wait()
	assert.Positive(t, asked.Load())
	require.Eventually(t, func() bool { return closed.Load() == 4 }, 20*time.Second, time.Millisecond, "the three old ones, and the one that panicked")
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "gotorch-*"))
	require.NoError(t, err)
	for _, name := range left {
		assert.NotContains(t, name, "gotorch-model")
	}
}

// A program's file that is written again in its place disturbs nobody.
func TestProgramIsWrittenAgain(t *testing.T) {
	s, _ := newServer(t, serve.ServerOptions{Logger: quiet(), Poll: new(time.Hour)})
	path := program(t, "cnn")
	require.NoError(t, s.Watch("m", path, serve.LoadProgram))
	require.NoError(t, os.Truncate(path, 0))
	spec := func() serve.Array {
		x := serve.Array{Name: "x", DType: torch.Float32, Shape: []int{1, 1, 8, 8}}
		x.Data = make([]byte, 4*64)
		return x
	}
	shape, _ := infer(t, s, spec())
	assert.Equal(t, []int{1, 5}, shape)
}
