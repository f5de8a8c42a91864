package distributions_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// transformCases is testdata/transforms.json, which
// scripts/golden/distribution_transforms.py makes.
type transformCases struct {
	Transforms map[string]struct {
		X, Y, Inverse, Grad torchtest.Tensor
		Logdet              *torchtest.Tensor
		Sign                json.RawMessage
		Repr                string
		InverseRepr         string `json:"inverse_repr"`
		Domain, Codomain    string
		EventDims           []int `json:"event_dims"`
		Bijective           bool
		ForwardShape        []int `json:"forward_shape"`
		InverseShape        []int `json:"inverse_shape"`
	}
	Registry map[string]struct {
		X           torchtest.Tensor
		BijectTo    *registered `json:"biject_to"`
		TransformTo *registered `json:"transform_to"`
	}
}

type registered struct {
	Repr string
	Y    torchtest.Tensor
}

func floats(values ...float32) *torch.Tensor { return torch.NewTensor(values) }

// transforms returns the transforms by the names of the golden cases.
func transforms() map[string]distributions.Transform {
	type list = []distributions.Transform
	exp, sticks := distributions.ExpTransform{}, distributions.StickBreakingTransform{}
	affine := distributions.NewAffineTransform
	return map[string]distributions.Transform{
		"exp":               exp,
		"power":             distributions.NewPowerTransform(floats(0.5, 2, -1)),
		"power of a number": distributions.NewPowerTransform(2.0),
		"sigmoid":           distributions.SigmoidTransform{},
		"softplus":          distributions.SoftplusTransform{},
		"tanh":              distributions.TanhTransform{},
		"abs":               distributions.AbsTransform{},
		"affine":            affine(1.0, -2.0),
		"affine of tensors": affine(floats(1, 2, 3), floats(0.5, -2).View(2, 1)),
		"affine of vectors": affine(0, floats(0.5, 2, -1), 1),
		"softmax":           distributions.SoftmaxTransform{},
		"stick breaking":    sticks,
		"lower cholesky":    distributions.LowerCholeskyTransform{},
		"positive definite": distributions.PositiveDefiniteTransform{},
		"corr cholesky":     distributions.CorrCholeskyTransform{},
		"reshape":           distributions.NewReshapeTransform([]int{3}, []int{3, 1}),
		"compose": distributions.NewComposeTransform(
			affine(0.5, 2.0), distributions.SigmoidTransform{}, affine(-1.0, 2.0)),
		"compose of vectors":        distributions.NewComposeTransform(exp, sticks),
		"identity":                  distributions.IdentityTransform(),
		"independent":               distributions.NewIndependentTransform(exp, 1),
		"cat":                       distributions.NewCatTransform(list{exp, affine(1.0, 3.0)}, -1, 1, 2),
		"cat of vectors":            distributions.NewCatTransform(list{sticks, sticks}, 0),
		"stack":                     distributions.NewStackTransform(list{exp, distributions.TanhTransform{}}, 0),
		"cdf":                       distributions.NewCumulativeDistributionTransform(distributions.NewNormal(0.5, 2.0)),
		"inverse of exp":            distributions.Inv(exp),
		"inverse of compose":        distributions.Inv(distributions.NewComposeTransform(exp, affine(0.0, 2.0))),
		"inverse of stick breaking": distributions.Inv(sticks),
	}
}

func TestTransformsAreThoseOfPython(t *testing.T) {
	var cases transformCases
	header := torchtest.Golden(t, "testdata/transforms.json", &cases)
	all := transforms()
	assert.Len(t, all, len(cases.Transforms))
	for name, c := range cases.Transforms {
		t.Run(name, func(t *testing.T) {
			is := checker{t, header.Exact(), tolerance}
			require.Contains(t, all, name)
			f := all[name]
			x := c.X.Make(t).SetRequiresGrad(true)
			y := f.Forward(x)
			is.equal(c.Y, y, "Forward")
			is.equal(c.Inverse, f.Inverse(y.Detach()), "Inverse")
			total := y.Sum()
			var logDet *torch.Tensor
			is.optional(c.Logdet, func() *torch.Tensor {
				logDet = f.LogAbsDetJacobian(x, y)
				return logDet
			}, "LogAbsDetJacobian")
			if logDet != nil {
				total = total.Add(logDet.Sum())
			}
			total.Backward()
			is.equal(c.Grad, x.Grad(), "gradient")
			checkSign(is, c.Sign, f)
			assert.Equal(t, c.Repr, f.String())
			assert.Equal(t, c.InverseRepr, distributions.Inv(f).String())
			assert.Equal(t, c.Domain, f.Domain().String())
			assert.Equal(t, c.Codomain, f.Codomain().String())
			assert.Equal(t, c.EventDims, []int{f.Domain().EventDim(), f.Codomain().EventDim()})
			assert.Equal(t, c.Bijective, f.Bijective())
			assert.Equal(t, c.ForwardShape, f.ForwardShape(x.Shape()))
			assert.Equal(t, c.InverseShape, f.InverseShape(y.Shape()))
		})
	}
}

func checkSign(is checker, raw json.RawMessage, f distributions.Transform) {
	var number *int
	if json.Unmarshal(raw, &number) != nil {
		var want torchtest.Tensor
		require.NoError(is.t, json.Unmarshal(raw, &want))
		is.equal(want, f.Sign().(*torch.Tensor), "Sign")
		return
	}
	if number == nil {
		err := torch.Try(func() { f.Sign() })
		assert.ErrorIs(is.t, err, &torch.Error{Kind: torch.NotImplementedError})
		return
	}
	assert.Equal(is.t, *number, f.Sign())
}

func TestTransformsToConstraintsAreThoseOfPython(t *testing.T) {
	all := map[string]constraints.Constraint{
		"real":            constraints.Real,
		"real_vector":     constraints.RealVector,
		"positive":        constraints.Positive,
		"greater_than_eq": constraints.GreaterThanEq{Lower: floats(1, 2, 3)},
		"less_than":       constraints.LessThan{Upper: 3.0},
		"unit_interval":   constraints.UnitInterval,
		"interval":        constraints.Interval{Lower: -1.0, Upper: 3.0},
		"simplex":         constraints.Simplex,
		"lower_cholesky":  constraints.LowerCholesky,
		"corr_cholesky":   constraints.CorrCholesky,
		"boolean":         constraints.Boolean,

		"interval of tensors":   constraints.Interval{Lower: floats(0, 0, 0), Upper: floats(1, 2, 3)},
		"half_open_interval":    constraints.HalfOpenInterval{Lower: 0.0, Upper: floats(1, 2, 3)},
		"positive_definite":     constraints.PositiveDefinite,
		"positive_semidefinite": constraints.PositiveSemidefinite,
		"cat": constraints.Cat{
			Parts: []constraints.Constraint{constraints.Positive, constraints.UnitInterval}, Dim: -1, Lengths: []int{1, 2},
		},
		"stack": constraints.Stack{Parts: []constraints.Constraint{constraints.Positive, constraints.Real}},
	}
	var cases transformCases
	header := torchtest.Golden(t, "testdata/transforms.json", &cases)
	assert.Len(t, all, len(cases.Registry))
	for name, c := range cases.Registry {
		x := c.X.Make(t)
		check := func(want *registered, to func(constraints.Constraint) distributions.Transform) {
			var f distributions.Transform
			err := torch.Try(func() { f = to(all[name]) })
			if want == nil {
				assert.ErrorIs(t, err, &torch.Error{Kind: torch.NotImplementedError}, name)
				return
			}
			require.NoError(t, err, name)
			assert.Equal(t, want.Repr, f.String(), name)
			want.Y.Check(t, f.Forward(x), header.Exact(), tolerance, name)
		}
		check(c.BijectTo, distributions.BijectTo)
		check(c.TransformTo, distributions.TransformTo)
	}
}

func TestCachedTransformsRemember(t *testing.T) {
	tanh := distributions.WithCache(distributions.TanhTransform{})
	assert.Same(t, tanh, distributions.WithCache(tanh))
	x := floats(20)
	y := tanh.Forward(x)
	assert.Same(t, y, tanh.Forward(x))
	assert.Same(t, x, tanh.Inverse(y), "without loss of digits")
	assert.True(t, tanh.Inverse(y.Clone()).IsInf().All().Bool())
	assert.True(t, distributions.Inv(tanh).Forward(floats(0.5)).AllClose(floats(0.5).Atanh()))

	d := distributions.NewTransformedDistribution(distributions.NewNormal(0, 1), []distributions.Transform{tanh})
	sample := d.Sample(4)
	assert.True(t, d.LogProb(sample).IsFinite().All().Bool())
}

func TestTransformsRefuseWhatDoesNotFit(t *testing.T) {
	x := torch.Zeros([]int{2, 3})
	for message, f := range map[string]func(){
		"in_shape, out_shape have different numbers of elements": func() {
			distributions.NewReshapeTransform([]int{2}, []int{3})
		},
		"Shape mismatch: expected torch.Size([3]) but got torch.Size([4])": func() {
			distributions.NewReshapeTransform([]int{4}, []int{2, 2}).ForwardShape([]int{2, 3})
		},
		"Too few dimensions on input":                    func() { distributions.NewIndependentTransform(distributions.ExpTransform{}, 3).Forward(x) },
		"Input is not a flattened lower-diagonal number": func() { distributions.CorrCholeskyTransform{}.ForwardShape([]int{4}) },
		"Input is not square":                            func() { distributions.CorrCholeskyTransform{}.InverseShape([]int{2, 3}) },
		"lengths (1) must match transforms (2)": func() {
			distributions.NewCatTransform([]distributions.Transform{distributions.ExpTransform{}, distributions.ExpTransform{}}, 0, 2)
		},
		"x.size(0) = 2 must equal length 1": func() {
			distributions.NewCatTransform([]distributions.Transform{distributions.ExpTransform{}}, 0).Forward(x)
		},
		"x.size(1) = 3 must equal len(transforms) 1": func() {
			distributions.NewStackTransform([]distributions.Transform{distributions.ExpTransform{}}, 1).Inverse(x)
		},
		"The size of last dimension is 5 which cannot be expressed as the lower triangular part of a square D x D matrix.": func() {
			distributions.CorrCholeskyTransform{}.Forward(torch.Zeros([]int{5}))
		},
	} {
		e := torchtest.Fails(t, f)
		assert.Equal(t, torch.ValueError, e.Kind, message)
		assert.Equal(t, message, e.Message)
	}
}

// TestTransformsAreCompared is about divergences of transformed distributions,
// which are there if the transforms are equal.
func TestTransformsAreCompared(t *testing.T) {
	exp, affine, power := distributions.ExpTransform{}, distributions.NewAffineTransform, distributions.NewPowerTransform
	for _, c := range []struct {
		a, b distributions.Transform
		want bool
	}{
		{exp, exp, true},
		{exp, distributions.TanhTransform{}, false},
		{exp, distributions.WithCache(exp), true},
		{distributions.WithCache(exp), exp, true},
		{distributions.WithCache(exp), distributions.WithCache(exp), true},
		{distributions.Inv(exp), distributions.Inv(exp), true},
		{distributions.Inv(exp), exp, false},
		{affine(1, 2), affine(1.0, 2.0), true},
		{affine(1, 2), affine(1, 3), false},
		{affine(1, floats(2, 2)), affine(1, 2), true},
		{affine(1, 2), affine(1, floats(2, 3)), false},
		{affine(1, 2), exp, false},
		{power(2), power(2), true},
		{power(2), power(3), false},
		{distributions.NewComposeTransform(exp, affine(1, 2)), distributions.NewComposeTransform(exp, affine(1, 2)), true},
		{distributions.NewComposeTransform(exp), distributions.NewComposeTransform(exp, exp), false},
		{distributions.NewComposeTransform(exp), exp, false},
	} {
		of := func(f distributions.Transform) distributions.Distribution {
			base := distributions.NewUniform(floats(1, 1), floats(2, 2))
			return distributions.NewTransformedDistribution(base, []distributions.Transform{f})
		}
		err := torch.Try(func() { near(t, floats(0, 0), distributions.KLDivergence(of(c.a), of(c.b))) })
		if c.want {
			assert.NoError(t, err, "%v, %v", c.a, c.b)
		} else {
			assert.ErrorIs(t, err, &torch.Error{Kind: torch.NotImplementedError}, "%v, %v", c.a, c.b)
		}
	}
}

func TestAffineTransformsTakeNumbersOfAnyType(t *testing.T) {
	x := floats(3)
	for _, scale := range []torch.Operand{2, int32(2), uint8(2), float32(2), 2.0} {
		f := distributions.NewAffineTransform(true, scale)
		near(t, floats(7), f.Forward(x), scale)
		near(t, floats(0.6931472), f.LogAbsDetJacobian(x, x), scale)
		assert.Equal(t, 1, f.Sign())
	}
	assert.Equal(t, 0, distributions.NewAffineTransform(1, 0).Sign())
	assert.Equal(t, 1, distributions.NewAffineTransform(1, true).Sign())
	e := torchtest.Fails(t, func() { distributions.NewAffineTransform(1, "2").Sign() })
	assert.Equal(t, torch.TypeError, e.Kind)
}
