package torch_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
)

func TestLobpcgIsThatOfPython(t *testing.T) {
	type options = torch.LobpcgOptions
	all := map[string]options{
		"one":               {},
		"three":             {K: new(3)},
		"smallest":          {K: new(2), Largest: new(false)},
		"float":             {K: new(2)},
		"basic":             {K: new(2), Method: "basic"},
		"few steps":         {K: new(2), Niter: new(3)},
		"tolerance":         {K: new(2), N: new(3), Tol: new(1e-3)},
		"start":             {},
		"generalized":       {K: new(2)},
		"generalized basic": {K: new(2), Method: "basic"},
		"preconditioned":    {K: new(2), Largest: new(false), Method: "basic"},
		"batch":             {K: new(2)},
		"drop":              {K: new(2), OrthoUseDrop: true},
	}
	var cases map[string]struct {
		A, Values, Vectors torchtest.Tensor
		X, B, IK           *torchtest.Tensor
		Grad               *torchtest.Tensor
	}
	header := torchtest.Golden(t, "testdata/lobpcg.json", &cases)
	assert.Len(t, all, len(cases))
	given := func(x *torchtest.Tensor) *torch.Tensor {
		if x == nil {
			return nil
		}
		return x.Make(t)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			tolerance := 1e-6
			if name == "float" {
				tolerance = 1e-3
			}
			o := all[name]
			o.X, o.B, o.IK = given(c.X), given(c.B), given(c.IK)
			a := c.A.Make(t)
			torch.ManualSeed(0)
			values, vectors := torch.Lobpcg(a, o)
			c.Values.Check(t, values, header.Exact(), tolerance, "eigenvalues")
			if !header.Exact() { // another LAPACK chooses other signs
				along := vectors.Mul(c.Vectors.Make(t)).SumWith(torch.ReduceOptions{Dim: []int{-2}, Keepdim: true})
				vectors = vectors.Mul(along.Sign())
			}
			c.Vectors.Check(t, vectors, header.Exact(), tolerance, "eigenvectors")
			if c.Grad == nil {
				return
			}
			a.SetRequiresGrad(true)
			torch.ManualSeed(0)
			values, vectors = torch.Lobpcg(a, o)
			c.Values.Check(t, values, header.Exact(), tolerance, "eigenvalues")
			weights := torch.Arange(0, vectors.Numel(), 1, torch.TensorOptions{DType: a.DType()}).Reshape(vectors.Shape()...)
			values.Sum().Add(vectors.Pow(2).Mul(weights).Sum()).Backward()
			c.Grad.Check(t, a.Grad(), false, 100*tolerance, "gradient")
		})
	}
}

func TestLobpcgTakesSparseMatrices(t *testing.T) {
	diagonal := torch.Arange(1, 13, 1, torch.TensorOptions{DType: torch.Float64})
	torch.ManualSeed(0)
	values, vectors := torch.Lobpcg(diagonal.Diag().ToSparse(), torch.LobpcgOptions{K: new(2)})
	assert.InDeltaSlice(t, []float64{12, 11}, torch.ToSlice[float64](values), 1e-6)
	assert.InDelta(t, 1, vectors.Index(11, 0).Abs().Item(), 1e-6)
}

func TestLobpcgRefuses(t *testing.T) {
	spd := torch.Eye(9)
	for message, f := range map[string]func(){
		"LOBPCG algorithm is not applicable when the number of A rows (=9) is smaller than" +
			" 3 x the number of requested eigenpairs (=4)": func() { torch.Lobpcg(spd, torch.LobpcgOptions{K: new(4)}) },
		"A must be square, got shape [9 8]": func() { torch.Lobpcg(torch.Ones([]int{9, 8})) },
		"lobpcg.backward does not support backward with B != I yet.": func() {
			torch.Lobpcg(torch.Eye(9).SetRequiresGrad(true), torch.LobpcgOptions{B: spd})
		},
	} {
		var e *torch.Error
		require.ErrorAs(t, torch.Try(f), &e)
		assert.Equal(t, message, e.Message)
	}
}
