package nn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// elements returns all that a state dict holds.
func elements(dict nn.StateDict) map[string][]float64 {
	all := map[string][]float64{}
	for _, n := range dict {
		all[n.Name] = torch.ToSlice[float64](n.Tensor)
	}
	return all
}

func TestStateDictRoundTrip(t *testing.T) {
	a, b := newNet(), newNet()
	a.Count.FillInplace(7)
	a.RunningMean.FillInplace(0.5)
	a.Cache.FillInplace(9)
	weight := b.First.(*nn.Linear).Weight
	require.NotEqual(t, elements(a.StateDict()), elements(b.StateDict()))
	keys, err := b.LoadStateDict(a.StateDict())
	require.NoError(t, err)
	assert.Equal(t, nn.IncompatibleKeys{}, keys)
	assert.Equal(t, elements(a.StateDict()), elements(b.StateDict()))
	assert.Same(t, weight, b.First.(*nn.Linear).Weight)
	assert.True(t, weight.RequiresGrad() && weight.IsLeaf())
	assert.Equal(t, 7, b.Count.Int())
	assert.Equal(t, 0.0, b.Cache.Item(), "a buffer that is not persistent stays")

	// A load copies; it does not share.
	a.Count.FillInplace(8)
	assert.Equal(t, 7, b.Count.Int())
}

func TestStateDictSharesMemory(t *testing.T) {
	net := newNet()
	dict := net.StateDict()
	for _, n := range dict {
		assert.False(t, n.Tensor.RequiresGrad(), n.Name)
	}
	dict.Get("w").FillInplace(5)
	assert.Equal(t, []float32{5, 5}, torch.ToSlice[float32](net.Scale))
	assert.Nil(t, dict.Get("cache"))
	assert.Nil(t, dict.Get("W"))
}

func TestLoadStateDictConverts(t *testing.T) {
	a, b := nn.NewLinear(3, 2, nn.LinearOptions{DType: torch.Float64}), nn.NewLinear(3, 2)
	_, err := b.LoadStateDict(a.StateDict())
	require.NoError(t, err)
	assert.Equal(t, torch.Float32, b.Weight.DType())
	assert.Equal(t, torch.ToSlice[float32](a.Weight), torch.ToSlice[float32](b.Weight))
}

func TestLoadStateDictReportsAsPython(t *testing.T) {
	c, _ := golden(t)
	for _, g := range c.Loading {
		t.Run(fmt.Sprintf("drop %v add %v reshape %v", g.Drop, g.Add, g.Reshape), func(t *testing.T) {
			given := newNet()
			dict := slices.DeleteFunc(given.StateDict(), func(n nn.NamedTensor) bool { return slices.Contains(g.Drop, n.Name) })
			for _, name := range g.Add {
				dict = append(dict, nn.NamedTensor{Name: name, Tensor: torch.Zeros([]int{1})})
			}
			for _, r := range g.Reshape {
				for i := range dict {
					if dict[i].Name == r.Name {
						dict[i].Tensor = torch.Zeros(r.Size)
					}
				}
			}

			net := newNet()
			before := elements(net.StateDict())
			_, err := net.LoadStateDict(dict)
			var e *torch.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, g.Strict, e.Message)
			assert.Equal(t, torch.RuntimeError, e.Kind)
			assert.Equal(t, before, elements(net.StateDict()), "the module is unchanged")

			keys, err := net.LoadStateDict(dict, nn.LoadOptions{Strict: new(false)})
			if g.Lenient != "" {
				require.ErrorAs(t, err, &e)
				assert.Equal(t, g.Lenient, e.Message)
				assert.Equal(t, before, elements(net.StateDict()), "the module is unchanged")
				return
			}
			require.NoError(t, err)
			assert.Equal(t, append([]string(nil), g.Missing...), keys.Missing)
			assert.Equal(t, append([]string(nil), g.Unexpected...), keys.Unexpected)
			after := elements(net.StateDict())
			for name, want := range elements(given.StateDict()) {
				if slices.Contains(g.Drop, name) && !strings.Contains(name, "_proj.") && !strings.HasPrefix(name, "first.") {
					want = before[name] // but the tied ones come under another name
				}
				assert.Equal(t, want, after[name], name)
			}
		})
	}
}

func TestLoadStateDictOfNil(t *testing.T) {
	l := nn.NewLinear(2, 1)
	keys, err := l.LoadStateDict(nil, nn.LoadOptions{Strict: new(false)})
	require.NoError(t, err)
	assert.Equal(t, nn.IncompatibleKeys{Missing: []string{"weight", "bias"}}, keys)
	_, err = l.LoadStateDict(nil)
	assert.EqualError(t, err, "nn.Module.LoadStateDict: Error(s) in loading state_dict for Linear:\n\t"+
		`Missing key(s) in state_dict: "weight", "bias". `)

	unusable := l.StateDict()
	unusable[0].Tensor.Close()
	unusable[1].Tensor = nil
	_, err = l.LoadStateDict(unusable)
	require.Error(t, err)
	for _, name := range []string{"weight", "bias"} {
		assert.Contains(t, err.Error(), `While copying the parameter named "`+name+`", expected a tensor`)
	}
}
