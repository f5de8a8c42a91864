package nn_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/hostile"
	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// An error names a part of what is wrong, however much it is and however long.
func TestLoadStateDictShortErrors(t *testing.T) {
	net := nn.NewLinear(2, 1)
	long := strings.Repeat("x", 1<<20)
	dict := append(net.StateDict(), nn.NamedTensor{Name: long, Tensor: torch.Ones(nil)})
	_, err := net.LoadStateDict(dict)
	assert.ErrorContains(t, err, `Unexpected key(s) in state_dict: "`+long[:97]+`...". `)
	assert.Less(t, len(err.Error()), 500)
	x := torch.Ones(nil)
	for i := range 1000 {
		dict = append(dict, nn.NamedTensor{Name: strconv.Itoa(i), Tensor: x})
	}
	keys, err := net.LoadStateDict(dict)
	assert.ErrorContains(t, err, `"198", and 801 more. `)
	assert.Len(t, keys.Unexpected, 1001)

	for want, value := range map[string]any{
		long[:97] + "... is not the name of a tensor in a state dict, but of a int": map[string]int{long: 1},
		"1 is not the name of a tensor in a state dict, but of a []interface {}":    map[int]any{1: []int{1}},
	} {
		var file bytes.Buffer
		require.NoError(t, torch.SaveTo(value, &file))
		loaded, err := torch.LoadFrom(bytes.NewReader(file.Bytes()), int64(file.Len()))
		require.NoError(t, err)
		_, err = torch.As[nn.StateDict](loaded)
		assert.ErrorContains(t, err, want)
		assert.Less(t, len(err.Error()), 500)
	}
}

// FuzzLoadStateDict loads any pickle into a module, which is to be of use after it,
// whether it was an error or not.
func FuzzLoadStateDict(f *testing.F) {
	module := func() *nn.Sequential { return nn.NewSequential(nn.NewLinear(2, 1), nn.NewBatchNorm1d(1)) }
	data, storages := torchtest.Saved(f, module().StateDict())
	f.Add(data)
	data, _ = torchtest.Saved(f, map[string]any{"0.weight": torch.Ones([]int{1, 2}), "x": 1})
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		torch.Scope(func() {
			r := torchtest.Archive(t, data, storages...)
			for _, o := range []nn.LoadOptions{{}, {Strict: new(false)}, {Strict: new(false), Assign: true}} {
				net := module()
				net.Eval()
				hostile.Read(t, int(r.Size()), func() {
					value, err := torch.LoadFrom(r, r.Size())
					var dict nn.StateDict
					if err == nil {
						dict, err = torch.As[nn.StateDict](value)
					}
					if err == nil {
						_, err = net.LoadStateDict(dict, o)
					}
					if err != nil {
						assert.Less(t, len(err.Error()), 100_000)
					}
				})
				_ = torch.Try(func() { net.Forward(torch.Ones([]int{3, 2})) }) // Assign takes any dtype
			}
		})
	})
}
