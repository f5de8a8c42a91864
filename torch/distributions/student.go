package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// StudentT is Student's t-distribution.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.studentT.StudentT
type StudentT struct {
	Common
	DF, Loc, Scale *torch.Tensor

	chi2 *Chi2 // of DF
}

// NewStudentT returns the distribution of degrees of freedom, a location and a
// scale, tensors or numbers; most often 0 and 1 are wanted for the last two.
func NewStudentT(df, loc, scale torch.Operand, options ...Options) *StudentT {
	d := new(StudentT)
	d.DF, d.Loc, d.Scale = broadcast3(df, loc, scale)
	d.chi2 = NewChi2(d.DF)
	return Init(d, d.DF.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *StudentT) Expand(batchShape ...int) Distribution {
	e := &StudentT{
		DF:    d.DF.Expand(batchShape...),
		Loc:   d.Loc.Expand(batchShape...),
		Scale: d.Scale.Expand(batchShape...),
		chi2:  d.chi2.Expand(batchShape...).(*Chi2),
	}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *StudentT) Traits() Traits {
	df := Argument{Name: "df", Value: d.DF, Constraint: constraints.Positive}
	arguments := append([]Argument{df}, locScale(d.Loc, d.Scale)...)
	return Traits{Arguments: arguments, Support: constraints.Real, RSample: true}
}

// Mean returns Loc, NaN up to 1 degree of freedom.
func (d *StudentT) Mean() *torch.Tensor { return toNaN(contiguous(d.Loc), d.DF.Le(1)) }

// Mode returns Loc.
func (d *StudentT) Mode() *torch.Tensor { return d.Loc }

// Variance returns the variance, infinite up to 2 degrees of freedom and NaN up to
// 1.
func (d *StudentT) Variance() *torch.Tensor {
	m := contiguous(d.DF)
	finite := d.DF.Gt(2)
	df := d.DF.Index(finite)
	m.At(finite).Set(d.Scale.Index(finite).Pow(2).Mul(df).Div(df.Sub(2)))
	toInf(m, d.DF.Le(2).BitwiseAnd(d.DF.Gt(1)))
	return toNaN(m, d.DF.Le(1))
}

// RSample draws a sample that gradients flow through.
func (d *StudentT) RSample(sampleShape ...int) *torch.Tensor {
	x := standardNormal(d.shape(sampleShape), d.DF)
	z := d.chi2.RSample(sampleShape...)
	return d.Loc.Add(d.Scale.Mul(x.Mul(z.Div(d.DF).Rsqrt())))
}

// LogProb returns the logarithm of the density.
func (d *StudentT) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	y := value.Sub(d.Loc).Div(d.Scale)
	z := d.Scale.Log().Add(d.DF.Log().Mul(0.5)).Add(0.5 * math.Log(math.Pi)).
		Add(d.DF.Mul(0.5).Lgamma()).Sub(d.DF.Add(1.0).Mul(0.5).Lgamma())
	return d.DF.Add(1.0).Mul(-0.5).Mul(y.Pow(2.0).Div(d.DF).Log1p()).Sub(z)
}

// Entropy returns the entropy.
func (d *StudentT) Entropy() *torch.Tensor {
	half := func() *torch.Tensor { return d.DF.Mul(0.5) }
	more := func() *torch.Tensor { return d.DF.Add(1).Mul(0.5) }
	const logGammaHalf = 0.5723649429247004 // as Python's math.lgamma gives it, not to the last bit what others give
	logBeta := half().Lgamma().Add(logGammaHalf).Sub(more().Lgamma())
	return d.Scale.Log().Add(more().Mul(more().Digamma().Sub(half().Digamma()))).Add(d.DF.Log().Mul(0.5)).Add(logBeta)
}

// FisherSnedecor is the F-distribution, that of the ratio of two variances.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.fishersnedecor.FisherSnedecor
type FisherSnedecor struct {
	Common
	DF1, DF2 *torch.Tensor

	gamma1, gamma2 *Gamma
}

// NewFisherSnedecor returns the distribution of two degrees of freedom, tensors or
// numbers.
func NewFisherSnedecor(df1, df2 torch.Operand, options ...Options) *FisherSnedecor {
	d := new(FisherSnedecor)
	d.DF1, d.DF2 = broadcast2(df1, df2)
	d.gamma1 = NewGamma(d.DF1.Mul(0.5), d.DF1)
	d.gamma2 = NewGamma(d.DF2.Mul(0.5), d.DF2)
	return Init(d, d.DF1.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *FisherSnedecor) Expand(batchShape ...int) Distribution {
	e := &FisherSnedecor{
		DF1:    d.DF1.Expand(batchShape...),
		DF2:    d.DF2.Expand(batchShape...),
		gamma1: d.gamma1.Expand(batchShape...).(*Gamma),
		gamma2: d.gamma2.Expand(batchShape...).(*Gamma),
	}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *FisherSnedecor) Traits() Traits {
	return Traits{Arguments: positives("df1", d.DF1, "df2", d.DF2), Support: constraints.Positive, RSample: true}
}

// Mean returns the mean, NaN up to DF2 2.
func (d *FisherSnedecor) Mean() *torch.Tensor {
	df2 := toNaN(contiguous(d.DF2), d.DF2.Le(2))
	return df2.Div(df2.Sub(2))
}

// Mode returns the mode, NaN up to DF1 2.
func (d *FisherSnedecor) Mode() *torch.Tensor {
	mode := d.DF1.Sub(2).Div(d.DF1).Mul(d.DF2).Div(d.DF2.Add(2))
	return toNaN(mode, d.DF1.Le(2))
}

// Variance returns the variance, NaN up to DF2 4.
func (d *FisherSnedecor) Variance() *torch.Tensor {
	df2 := toNaN(contiguous(d.DF2), d.DF2.Le(4))
	return df2.Pow(2).Mul(2).Mul(d.DF1.Add(df2).Sub(2)).Div(d.DF1.Mul(df2.Sub(2).Pow(2)).Mul(df2.Sub(4)))
}

// RSample draws a sample that gradients flow through.
func (d *FisherSnedecor) RSample(sampleShape ...int) *torch.Tensor {
	x1, x2 := d.gamma1.RSample(sampleShape...), d.gamma2.RSample(sampleShape...)
	tiny := torch.Finfo(x2.DType()).Tiny
	return x1.Div(x2.ClampInplace(tiny, nil)).ClampInplace(tiny, nil)
}

// LogProb returns the logarithm of the density.
func (d *FisherSnedecor) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	ct1, ct2, ct3 := d.DF1.Mul(0.5), d.DF2.Mul(0.5), d.DF1.Div(d.DF2)
	t1 := ct1.Add(ct2).Lgamma().Sub(ct1.Lgamma()).Sub(ct2.Lgamma())
	t2 := ct1.Mul(ct3.Log()).Add(ct1.Sub(1).Mul(value.Log()))
	t3 := ct1.Add(ct2).Mul(ct3.Mul(value).Log1p())
	return t1.Add(t2).Sub(t3)
}
