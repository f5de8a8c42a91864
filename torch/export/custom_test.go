package export_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/export"
	"github.com/wangkuiyi/gotorch/torch/library"
)

// defineCustom defines the operators of the program custom as scripts/golden/exported.py does.
func defineCustom(t testing.TB) {
	t.Helper()
	if _, err := torch.Op("gotorch_golden::scale"); err == nil {
		return // they are there already
	}
	lib, err := library.New("gotorch_golden")
	require.NoError(t, err)
	t.Cleanup(lib.Close)
	_, err = lib.Define("scale(Tensor x, float s=2.0, Tensor[]? more=None) -> (Tensor, Tensor)", func(in library.Args) []any {
		y := in.Tensor("x").Mul(in.Float("s"))
		for _, z := range in.Tensors("more") {
			y = y.Add(z)
		}
		return []any{y, y.Sum(-1)}
	})
	require.NoError(t, err)
	_, err = lib.Define("clip_(Tensor(a!) x, float low) -> ()", func(in library.Args) []any {
		in.Tensor("x").ClampInplace(in.Float("low"), nil)
		return nil
	})
	require.NoError(t, err)
}

// A program with operators that are not there says which, and where they may come from.
func TestCustomOperators(t *testing.T) {
	_, err := export.Load(unpacked(t, "custom.pt2"))
	require.Error(t, err)
	assert.ErrorContains(t, err, "gotorch_golden::scale: is not an operator of libtorch")
	assert.ErrorContains(t, err, "nor defined by package torch/library")

	p := load(t, "custom")
	defer p.Close()
	x := torch.FromSlice([]float32{1, -2, 3, 4, 5, -6}).Reshape(2, 3)
	var results []*torch.Tensor
	torch.NoGrad(func() {
		for range 5 { // the third makes a plan
			y, err := p.Run(x)
			require.NoError(t, err)
			results = append(results, y.(torch.Tuple)[0].(*torch.Tensor))
		}
	})
	for _, y := range results {
		assert.True(t, results[0].Equal(y))
		assert.GreaterOrEqual(t, y.Min().Item(), float64(float32(-0.1)))
	}
}
