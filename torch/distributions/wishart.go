package distributions

import (
	"math"
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
	"github.com/wangkuiyi/gotorch/torch/internal/pytensor"
)

// Wishart is the distribution of the scatter matrix of DF normal vectors.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.wishart.Wishart
type Wishart struct {
	Common
	spread
	DF *torch.Tensor // degrees of freedom

	chi2 *Chi2 // of the diagonal
}

// NewWishart returns the distribution of degrees of freedom, a tensor or a number,
// and of a [CovarianceMatrix], a [PrecisionMatrix] or a [ScaleTril]. It panics with
// a ValueError unless df is greater than the size of the matrix less 1. Samples
// for a df below that size are likely to be singular.
func NewWishart(df torch.Operand, covariance Covariance, options ...Options) *Wishart {
	const name = "Wishart"
	if covariance.matrix == nil {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified."))
	}
	if covariance.matrix.Dim() < 2 {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"scale_tril must be at least two-dimensional, with optional leading batch dimensions"))
	}
	shape := covariance.matrix.Shape()
	n := len(shape) - 2
	batchShape, eventShape := shape[:n], shape[n:]
	d := new(Wishart)
	if x, ok := df.(*torch.Tensor); ok {
		batchShape = torch.BroadcastShapes(batchShape, x.Shape())
		d.DF = x.Expand(batchShape...)
	} else {
		d.DF = torch.NewTensor(toFloat(df), optionsOf(covariance.matrix))
	}
	p := eventShape[1]
	if d.DF.Le(p - 1).Any().Bool() {
		panic(torch.Errorf("distributions."+name, torch.ValueError,
			"Value of df=%s expected to be greater than ndim - 1 = %d.", pytensor.Format(df), p-1))
	}
	d.setSpread(covariance, slices.Concat(batchShape, eventShape))
	d.precisionOf = func(tril *torch.Tensor) *torch.Tensor {
		return torch.Eye(p, torch.EyeOptions{TensorOptions: optionsOf(tril)}).CholeskySolve(tril)
	}
	Init(d, batchShape, eventShape, options...)
	d.tril = covariance.tril()
	d.chi2 = d.ofDiagonal()
	return d
}

// ofDiagonal returns the distribution of the squared diagonal of a sample's factor.
func (d *Wishart) ofDiagonal() *Chi2 {
	i := torch.Arange(0, d.eventShape[0], 1, optionsOf(d.tril))
	return NewChi2(d.DF.Unsqueeze(-1).Sub(i.Expand(append(slices.Clone(d.batchShape), -1)...)))
}

// Expand returns the distribution for a greater batch.
func (d *Wishart) Expand(batchShape ...int) Distribution {
	e := &Wishart{DF: d.DF.Expand(batchShape...)}
	size := slices.Concat(batchShape, d.eventShape)
	d.expandTo(&e.spread, size)
	e.tril = d.tril.Expand(size...)
	expanded(e, d, batchShape)
	e.chi2 = e.ofDiagonal()
	return e
}

// Traits describes the distribution.
func (d *Wishart) Traits() Traits {
	df := Argument{Name: "df", Value: d.DF, Constraint: constraints.GreaterThan{Lower: d.eventShape[1] - 1}}
	return Traits{
		Arguments: append(d.arguments(), df),
		Support:   constraints.PositiveDefinite,
		RSample:   true,
	}
}

// perMatrix returns a number for each of the batch, to be multiplied with matrices.
func (d *Wishart) perMatrix(x *torch.Tensor) *torch.Tensor {
	return x.View(append(slices.Clone(d.batchShape), 1, 1)...)
}

// Mean returns DF × Σ.
func (d *Wishart) Mean() *torch.Tensor { return d.perMatrix(d.DF).Mul(d.CovarianceMatrix()) }

// Mode returns the mode, NaN if there is none.
func (d *Wishart) Mode() *torch.Tensor {
	factor := d.DF.Sub(d.eventShape[0]).Sub(1)
	return d.perMatrix(toNaN(factor, factor.Le(0))).Mul(d.CovarianceMatrix())
}

// Variance returns the variance of each element.
func (d *Wishart) Variance() *torch.Tensor {
	v := d.CovarianceMatrix()
	diag := diagonal(v)
	return d.perMatrix(d.DF).Mul(v.Pow(2).Add(torch.Einsum("...i,...j->...ij", diag, diag)))
}

// bartlett draws a sample by its decomposition.
func (d *Wishart) bartlett(sampleShape []int) *torch.Tensor {
	p := d.eventShape[0]
	root := d.chi2.RSample(sampleShape...).Sqrt()
	noise := root.Clamp(torch.Finfo(root.DType()).Eps, nil).DiagEmbed()
	below := torch.TrilIndices(p, p, torch.TrilIndicesOptions{Offset: -1}).Unbind(0)
	shape := slices.Concat(sampleShape, d.batchShape, []int{p * (p - 1) / 2})
	noise.At(torch.Ellipsis, below[0], below[1]).Set(torch.Randn(shape, optionsOf(noise)))
	chol := d.tril.Matmul(noise)
	return chol.Matmul(chol.Transpose(-2, -1))
}

// RSample draws a sample that gradients flow through. As PyTorch does, it draws
// again those that are positive definite, for it takes them for singular.
func (d *Wishart) RSample(sampleShape ...int) *torch.Tensor {
	sample := d.bartlett(sampleShape)
	again := d.anyOfBatch(d.Support().Check(sample))
	for try := 0; try < 10 && again.Any().Bool(); try++ {
		next := d.bartlett([]int{again.CountNonzero().Int()})
		sample.At(again).Set(next)
		singular := d.anyOfBatch(d.Support().Check(next).LogicalNot())
		rest := again.Clone() // since the gradient of Set needs again as it is
		rest.At(again).Set(singular)
		again = rest
	}
	return sample
}

// anyOfBatch reduces what holds for single matrices to whole samples.
func (d *Wishart) anyOfBatch(x *torch.Tensor) *torch.Tensor {
	if len(d.batchShape) == 0 {
		return x
	}
	return x.Amax(upTo(-len(d.batchShape), 0))
}

// LogProb returns the logarithm of the density.
func (d *Wishart) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	nu, p := d.DF, d.eventShape[0]
	_, logAbsDet := value.Slogdet()
	scale := logDet(d.tril).Add(float64(p) * math.Ln2 / 2)
	return nu.Neg().Mul(scale).Sub(nu.Div(2).Mvlgamma(p)).
		Add(nu.Sub(p).Sub(1).Div(2).Mul(logAbsDet)).
		Sub(diagonal(value.CholeskySolve(d.tril)).Sum(-1).Div(2))
}

// Entropy returns the entropy.
func (d *Wishart) Entropy() *torch.Tensor {
	nu, p := d.DF, d.eventShape[0]
	scale := logDet(d.tril).Add(float64(p) * math.Ln2 / 2)
	return scale.Mul(p + 1).Add(nu.Div(2).Mvlgamma(p)).
		Sub(nu.Sub(p).Sub(1).Div(2).Mul(mvDigamma(nu.Div(2), p))).Add(nu.Mul(p).Div(2))
}

// mvDigamma returns the derivative of the logarithm of the multivariate gamma
// function.
func mvDigamma(x *torch.Tensor, p int) *torch.Tensor {
	i := torch.Arange(0, p, 1, optionsOf(x)).Div(2)
	return x.Unsqueeze(-1).Sub(i.Expand(append(x.Shape(), -1)...)).Digamma().Sum(-1)
}

// NaturalParams returns the parameters of the exponential family.
func (d *Wishart) NaturalParams() []*torch.Tensor {
	p := d.eventShape[0]
	return []*torch.Tensor{d.PrecisionMatrix().Neg().Div(2), d.DF.Sub(p).Sub(1).Div(2)}
}

// LogNormalizer returns the logarithm of the family's normalizer.
func (d *Wishart) LogNormalizer(params ...*torch.Tensor) *torch.Tensor {
	d.mustTake(params, 2)
	p := d.eventShape[0]
	_, logAbsDet := params[0].Mul(-2).Slogdet()
	y := params[1].Add(float64(p+1) / 2)
	return y.Mul(logAbsDet.Neg().Add(math.Ln2 * float64(p))).Add(y.Mvlgamma(p))
}
