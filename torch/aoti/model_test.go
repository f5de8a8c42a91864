package aoti

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// A package gives what Python's gives, from a file and from a folder, as often as it runs.
func TestModel(t *testing.T) {
	all := parts(t)
	for _, path := range []string{pack(t, all), spread(t, all)} {
		m := loadHere(t, path)
		for range 2 {
			for _, e := range examples(t) {
				got, err := e.run(m)
				require.NoError(t, err)
				equal(t, e.Results, got, exact(t))
			}
		}
		assert.Equal(t, "golden", m.Metadata()["author"])
		assert.Equal(t, "cpu", m.Info().Device)
	}
}

// Arguments that the model was not compiled for are errors that say which and why.
func TestRefusedArguments(t *testing.T) {
	m := loadHere(t, pack(t, parts(t)))
	ones := func(shape ...int) *torch.Tensor { return torch.Ones(shape) }
	k, s := map[string]any{"k": ones(2, 3)}, map[string]any{"scale": map[string]any{"s": ones(3)}}
	for want, c := range map[string]struct {
		x      any
		kwargs map[string]any
	}{
		"args[0] has the sizes [3 5], and the model was compiled for float32[0..16, 4]":              {ones(3, 5), s},
		"args[0] has the sizes [17 4], and":                                                          {ones(17, 4), s},
		"args[0] has the sizes [4], and":                                                             {ones(4), s},
		"args[0] has the sizes [1 3 4], and":                                                         {ones(1, 3, 4), s},
		"args[0] is of dtype torch.float64, and the model was compiled for torch.float32":            {ones(3, 4).To(torch.Float64), s},
		"args[0] has the strides [1 3], and the model was compiled for [4 1]: give its Contiguous()": {ones(4, 3).T(), s},
		"args[0] has the strides [8 1], and":                                                         {ones(3, 8).Narrow(1, 0, 4), s},
		"args[0] is on meta, and the model was compiled for cpu":                                     {torch.Ones([]int{3, 4}, torch.TensorOptions{Device: torch.Meta}), s},
		"args[0] is a tensor of layout torch.sparse_coo":                                             {ones(3, 4).ToSparse(), s},
		"args[0] is nil or closed":                                                                   {(*torch.Tensor)(nil), s},
		"the model takes 3 tensors, and there are 2 among the arguments":                             {1.5, s},
		"Ran into a kwarg keyword mismatch: Got the following keywords [] but expected ['scale']":    {ones(3, 4), nil},
		"scale['s'] has the sizes [1], and the model was compiled for float32[3]":                    {ones(3, 4), map[string]any{"scale": map[string]any{"s": ones(1)}}},
		"scale is a map[string]int, want a map with the keys [s]":                                    {ones(3, 4), map[string]any{"scale": map[string]int{}}},
	} {
		_, err := m.RunNamed([]any{c.x, k}, c.kwargs)
		assert.ErrorContains(t, err, want)
	}
	_, err := m.Run(ones(3, 4))
	assert.ErrorContains(t, err, "takes 2 arguments, and 1 were given")
	closed := ones(3, 4)
	closed.Close()
	_, err = m.RunNamed([]any{closed, k}, s)
	assert.ErrorContains(t, err, "closed")
	// Strides of what is there once are not used; those of nothing neither.
	for _, x := range []*torch.Tensor{ones(2, 8).Narrow(0, 0, 1).Narrow(1, 0, 4), ones(8, 4).Narrow(0, 2, 3), ones(0, 4)} {
		_, err = m.RunNamed([]any{x, k}, s)
		assert.NoError(t, err)
	}
	_, err = (*Model)(nil).Run()
	assert.ErrorContains(t, err, "there is no model")
}

// Constants are read and replaced, all or some, by copies.
func TestConstants(t *testing.T) {
	m := loadHere(t, pack(t, parts(t)))
	want, err := torch.LoadAs[nn.StateDict](compiledDir + "weights.pt")
	require.NoError(t, err)
	held, err := m.Constants()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias", "shift"}, want.Names())
	for _, n := range held {
		assert.True(t, want.Get(n.Name).Equal(n.Tensor), n.Name)
	}
	assert.Len(t, held, len(m.Info().Constants))
	e := examples(t)[1]
	before, err := e.run(m)
	require.NoError(t, err)

	// A view of something larger: what lies beside it is not the constant's.
	name := "layers.0.weight"
	wide := torch.Cat([]*torch.Tensor{want.Get(name).Mul(2), torch.Full([]int{8, 4}, 1e9)}, 1)
	require.NoError(t, m.UpdateConstants(nn.StateDict{{Name: name, Tensor: wide.Narrow(1, 0, 4)}}, UpdateOptions{Partial: true}))
	held, err = m.Constants()
	require.NoError(t, err)
	assert.True(t, want.Get(name).Mul(2).Equal(held.Get(name)))
	changed, err := e.run(m)
	require.NoError(t, err)
	out := func(v any) *torch.Tensor { return v.(map[string]any)["out"].(*torch.Tensor) }
	assert.False(t, out(before).Equal(out(changed)))

	assert.ErrorContains(t, m.UpdateConstants(want), "it is not used, or a part of the code")
	weights := nn.StateDict{{Name: name, Tensor: want.Get(name)}, {Name: "layers.2.weight", Tensor: want.Get("layers.2.weight")}}
	require.NoError(t, m.UpdateConstants(weights))
	after, err := e.run(m)
	require.NoError(t, err)
	equal(t, before, after, true)

	assert.ErrorContains(t, m.UpdateConstants(weights[:1]), "the state dict has no ")
	for says, x := range map[string]*torch.Tensor{
		"layers.0.weight is Float[4, 8], and the model has Float[8, 4]": torch.Ones([]int{4, 8}),
		"is Double[8, 4]": torch.Ones([]int{8, 4}, torch.TensorOptions{DType: torch.Float64}),
		"is closed":       func() *torch.Tensor { x := torch.Ones([]int{8, 4}); x.Close(); return x }(),
	} {
		assert.ErrorContains(t, m.UpdateConstants(nn.StateDict{{Name: name, Tensor: x}}, UpdateOptions{Partial: true}), says)
	}
	again, err := e.run(m)
	require.NoError(t, err)
	equal(t, before, again, true)
}

// Many goroutines run a model, replace its constants and close it at any moment.
func TestGoroutines(t *testing.T) {
	path := pack(t, parts(t))
	m := loadHere(t, path)
	weights, err := m.Constants()
	require.NoError(t, err)
	e := examples(t)[1]
	for _, runners := range []int{1, 3} {
		m := loadHere(t, path, LoadOptions{Runners: &runners})
		var group sync.WaitGroup
		closed := make(chan struct{})
		for g := range 8 {
			group.Go(func() {
				for i := range 200 {
					got, err := e.run(m)
					if err != nil {
						assert.ErrorContains(t, err, "the model is closed")
						return
					}
					equal(t, e.Results, got, exact(t))
					if g == 0 && i%20 == 0 {
						if err := m.UpdateConstants(weights); err != nil {
							assert.ErrorContains(t, err, "the model is closed")
						}
					}
					if g == 1 && i == 100 {
						m.Close()
						close(closed)
					}
				}
			})
		}
		group.Wait()
		<-closed
		m.Close()
		_, err := e.run(m)
		assert.ErrorContains(t, err, "the model is closed")
		_, err = m.Constants()
		assert.ErrorContains(t, err, "the model is closed")
		assert.ErrorContains(t, m.UpdateConstants(weights), "the model is closed")
	}
	torchtest.Leaks(t, func() {
		torch.Scope(func() {
			m, err := Load(path)
			require.NoError(t, err)
			_, err = e.run(m)
			require.NoError(t, err)
			m.Close()
		})
	})
}

// A package that is put in the place of another is another model, although the system's
// loader keeps the former's library.
func TestReplacedPackage(t *testing.T) {
	all := parts(t)
	dir := spread(t, all)
	e := examples(t)[1]
	first := loadHere(t, dir)
	path := filepath.Join(dir, "data/aotinductor/model/abc.wrapper.so")
	weights := torchtest.ReadFile(t, compiledDir+"weights.bin")
	code := all["data/aotinductor/model/abc.wrapper.so"]
	at := bytes.Index(code, weights)
	require.Positive(t, at)
	offset, size, err := weightsIn(bytes.NewReader(code))
	require.NoError(t, err)
	assert.Equal(t, []int64{int64(at), int64(len(weights))}, []int64{offset, size})
	other := bytes.Clone(code)
	clear(other[at : at+len(weights)])
	require.NoError(t, os.WriteFile(path+".new", other, 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	second := loadHere(t, dir)
	got, err := e.run(first)
	require.NoError(t, err)
	equal(t, e.Results, got, exact(t))
	got, err = e.run(second)
	require.NoError(t, err)
	assert.False(t, e.Results["out"].(*torch.Tensor).Equal(got.(map[string]any)["out"].(*torch.Tensor)))
}

// loadForever names a package that the test's program loads again and again.
const loadForever = "GOTORCH_TEST_LOAD_FOREVER"

func keepLoading(path string) {
	for {
		m, err := Load(path)
		if err != nil {
			println(err.Error())
			os.Exit(1)
		}
		println("loaded")
		m.Close()
	}
}

// A killed process leaves nothing behind: no folder, no file.
func TestKilled(t *testing.T) {
	path := pack(t, parts(t))
	loadHere(t, path)
	for _, after := range []time.Duration{0, 3 * time.Millisecond, 11 * time.Millisecond} {
		tmp := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), loadForever+"="+path, "TMPDIR="+tmp)
		out, err := cmd.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		said := make([]byte, 6)
		_, err = out.Read(said)
		require.NoError(t, err)
		require.Equal(t, "loaded", string(said))
		time.Sleep(after) // into the next one
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		left, err := os.ReadDir(tmp)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}
