package nn_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

func TestLinear(t *testing.T) {
	c, exact := golden(t)
	for _, g := range c.Linear {
		name := fmt.Sprintf("%d to %d, bias %v, seed %d, %s", g.In, g.Out, g.HasBias, g.Seed, g.DType)
		t.Run(name, func(t *testing.T) {
			torch.ManualSeed(int64(g.Seed))
			options := nn.LinearOptions{DType: torch.Float32}
			if g.DType == "float64" {
				options.DType = torch.Float64
			}
			if !g.HasBias {
				options.Bias = new(false)
			}
			l := nn.NewLinear(g.In, g.Out, options)
			g.Weight.Check(t, l.Weight, exact, tolerance, "weight")
			assert.True(t, l.Weight.RequiresGrad() && l.Weight.IsLeaf())

			// The generator's state is Python's, too: it goes on with the input.
			drawn := torch.Randn(g.X.Shape, torch.TensorOptions{DType: options.DType})
			g.X.Check(t, drawn, exact, tolerance, "x")
			x := g.X.Make(t).SetRequiresGrad(true)
			y := l.Forward(x)
			g.Y.Check(t, y, exact, tolerance, "y")
			y.Backward(torch.BackwardOptions{Gradient: g.Up.Make(t)})
			g.GradX.Check(t, x.Grad(), exact, tolerance, "gradient of x")
			g.GradWeight.Check(t, l.Weight.Grad(), exact, tolerance, "gradient of the weight")
			if !g.HasBias {
				assert.Nil(t, l.Bias)
				return
			}
			g.Bias.Check(t, l.Bias, exact, tolerance, "bias")
			g.GradBias.Check(t, l.Bias.Grad(), exact, tolerance, "gradient of the bias")
		})
	}
}

func sha(t *testing.T, x *torch.Tensor) string {
	t.Helper()
	var data bytes.Buffer
	require.NoError(t, binary.Write(&data, binary.LittleEndian, torch.ToSlice[float32](x)))
	sum := sha256.Sum256(data.Bytes())
	return hex.EncodeToString(sum[:])
}

func TestLinearOfManyFeaturesStartsAsInPython(t *testing.T) {
	c, exact := golden(t)
	for _, g := range c.LinearLarge {
		t.Run(fmt.Sprintf("%d to %d", g.In, g.Out), func(t *testing.T) {
			torch.ManualSeed(int64(g.Seed))
			l := nn.NewLinear(g.In, g.Out, nn.LinearOptions{Bias: new(g.HasBias)})
			g.WeightStart.Check(t, l.Weight.Reshape(-1).Narrow(0, 0, 8), exact, tolerance)
			if g.HasBias {
				g.BiasStart.Check(t, l.Bias.Narrow(0, 0, 8), exact, tolerance)
			}
			g.Next.Check(t, torch.Rand([]int{2}), exact, tolerance, "the generator's next numbers")
			if !exact {
				return
			}
			assert.Equal(t, g.WeightSHA256, sha(t, l.Weight))
			if g.HasBias {
				assert.Equal(t, g.BiasSHA256, sha(t, l.Bias))
			}
		})
	}
}

func TestLinearOfNoFeatures(t *testing.T) {
	l := nn.NewLinear(0, 3)
	assert.Equal(t, []float32{0, 0, 0}, torch.ToSlice[float32](l.Bias))
	y := l.Forward(torch.Zeros([]int{2, 0}))
	assert.Equal(t, []int{2, 3}, y.Shape())
	assert.Equal(t, []float32{0, 0, 0, 0, 0, 0}, torch.ToSlice[float32](y))
}

func TestLinearOnBadInput(t *testing.T) {
	c, exact := golden(t)
	l := nn.NewLinear(3, 2)
	e := torchtest.Fails(t, func() { l.Forward(torch.Zeros([]int{4, 5})) })
	assert.Equal(t, torch.RuntimeError, e.Kind)
	assert.Contains(t, e.Message, "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)")
	assert.Contains(t, e.Arguments, "[4, 5]")
	wrongDType := torchtest.Fails(t, func() { l.Forward(torch.Zeros([]int{4, 3}, torch.TensorOptions{DType: torch.Float64})) })
	if exact {
		assert.Contains(t, e.Message, c.Errors["linear_shapes"])
		assert.Contains(t, wrongDType.Message, c.Errors["linear_dtype"])
	}
	e = torchtest.Fails(t, func() { l.Forward(nil) })
	assert.Contains(t, e.Error(), "aten::linear")
	l.Weight.Close()
	e = torchtest.Fails(t, func() { l.Forward(torch.Zeros([]int{1, 3})) })
	assert.Equal(t, torch.ClosedError, e.Kind)
}

func TestResetParameters(t *testing.T) {
	torch.ManualSeed(3)
	l := nn.NewLinear(4, 3)
	weight, bias := torch.ToSlice[float32](l.Weight), torch.ToSlice[float32](l.Bias)
	kept := l.Weight
	l.ResetParameters()
	assert.NotEqual(t, weight, torch.ToSlice[float32](l.Weight))
	torch.ManualSeed(3)
	l.ResetParameters()
	assert.Equal(t, weight, torch.ToSlice[float32](l.Weight))
	assert.Equal(t, bias, torch.ToSlice[float32](l.Bias))
	assert.Same(t, kept, l.Weight)
	assert.True(t, l.Weight.RequiresGrad())
	assert.Empty(t, l.Weight.GradFn())
}
