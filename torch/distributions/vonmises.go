package distributions

import (
	"math"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/distributions/constraints"
)

// VonMises is the circular von Mises distribution, of angles in [−π, π).
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.von_mises.VonMises
type VonMises struct {
	Common
	Loc, Concentration *torch.Tensor
}

// NewVonMises returns the distribution of an angle and a concentration about it,
// tensors or numbers.
func NewVonMises(loc, concentration torch.Operand, options ...Options) *VonMises {
	d := new(VonMises)
	d.Loc, d.Concentration = broadcast2(loc, concentration)
	return Init(d, d.Loc.Shape(), nil, options...)
}

// Expand returns the distribution for a greater batch.
func (d *VonMises) Expand(batchShape ...int) Distribution {
	e := &VonMises{Loc: d.Loc.Expand(batchShape...), Concentration: d.Concentration.Expand(batchShape...)}
	return expanded(e, d, batchShape)
}

// Traits describes the distribution.
func (d *VonMises) Traits() Traits {
	return Traits{
		Arguments: []Argument{
			{Name: "loc", Value: d.Loc, Constraint: constraints.Real},
			{Name: "concentration", Value: d.Concentration, Constraint: constraints.Positive},
		},
		Support: constraints.Real,
	}
}

// LogProb returns the logarithm of the density.
func (d *VonMises) LogProb(value *torch.Tensor) *torch.Tensor {
	d.check(value)
	log := d.Concentration.Mul(value.Sub(d.Loc).Cos())
	return log.Sub(math.Log(2 * math.Pi)).Sub(logBesselI0(d.Concentration))
}

// Sample draws a sample, by rejection, in double precision.
func (d *VonMises) Sample(sampleShape ...int) (x *torch.Tensor) {
	torch.NoGrad(func() { x = d.draw(d.shape(sampleShape)).To(d.Loc.DType()) })
	return x
}

// draw is the algorithm of Best and Fisher.
func (d *VonMises) draw(shape []int) *torch.Tensor {
	loc, kappa := d.Loc.To(torch.Float64), d.Concentration.To(torch.Float64)
	r := proposal(kappa)
	x := torch.Empty(shape, optionsOf(loc))
	done := torch.Zeros(shape, torch.TensorOptions{DType: torch.Bool, Device: loc.Device()})
	for !done.All().Bool() {
		u := uniform01(append([]int{3}, shape...), loc).Unbind(0)
		z := u[0].Mul(math.Pi).Cos()
		f := r.Mul(z).Add(1).Div(r.Add(z))
		c := kappa.Mul(r.Sub(f))
		accept := c.Mul(c.Rsub(2)).Sub(u[1]).Gt(0).BitwiseOr(c.Div(u[1]).Log().Add(1).Sub(c).Ge(0))
		x = torch.Where(accept, u[2].Sub(0.5).Sign().Mul(f.Acos()), x)
		done = done.BitwiseOr(accept)
	}
	return x.Add(math.Pi).Add(loc).Remainder(2 * math.Pi).Sub(math.Pi)
}

// proposal returns the parameter of the distribution that draw proposes from.
func proposal(kappa *torch.Tensor) *torch.Tensor {
	tau := kappa.Pow(2).Mul(4).Add(1).Sqrt().Add(1)
	rho := tau.Sub(tau.Mul(2).Sqrt()).Div(kappa.Mul(2))
	r := rho.Pow(2).Add(1).Div(rho.Mul(2))
	return torch.Where(kappa.Lt(1e-5), quotient(1, kappa).Add(kappa), r)
}

// Mean returns Loc.
func (d *VonMises) Mean() *torch.Tensor { return d.Loc }

// Mode returns Loc.
func (d *VonMises) Mode() *torch.Tensor { return d.Loc }

// Variance returns the circular variance.
func (d *VonMises) Variance() *torch.Tensor {
	return logBesselI1(d.Concentration).Sub(logBesselI0(d.Concentration)).Exp().Rsub(1)
}

// The coefficients of approximations of the modified Bessel functions, for small
// and for large arguments (Abramowitz and Stegun, 9.8.1 to 9.8.4).
var (
	i0Small = []float64{1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2}
	i0Large = []float64{0.39894228, 0.1328592e-1, 0.225319e-2, -0.157565e-2, 0.916281e-2,
		-0.2057706e-1, 0.2635537e-1, -0.1647633e-1, 0.392377e-2}
	i1Small = []float64{0.5, 0.87890594, 0.51498869, 0.15084934, 0.2658733e-1, 0.301532e-2, 0.32411e-3}
	i1Large = []float64{0.39894228, -0.3988024e-1, -0.362018e-2, 0.163801e-2, -0.1031555e-1,
		0.2282967e-1, -0.2895312e-1, 0.1787654e-1, -0.420059e-2}
)

func logBesselI0(x *torch.Tensor) *torch.Tensor {
	return logBessel(x, polynomial(squared(x), i0Small), i0Large)
}

func logBesselI1(x *torch.Tensor) *torch.Tensor {
	return logBessel(x, x.Abs().Mul(polynomial(squared(x), i1Small)), i1Large)
}

func squared(x *torch.Tensor) *torch.Tensor {
	y := x.Div(3.75)
	return y.Mul(y)
}

func logBessel(x, small *torch.Tensor, large []float64) *torch.Tensor {
	asymptotic := x.Sub(x.Log().Mul(0.5)).Add(polynomial(quotient(3.75, x), large).Log())
	return torch.Where(x.Lt(3.75), small.Log(), asymptotic)
}

// polynomial returns the value at y of a polynomial, by Horner's rule.
func polynomial(y *torch.Tensor, coefficients []float64) *torch.Tensor {
	n := len(coefficients) - 1
	result := y.Mul(coefficients[n]).Add(coefficients[n-1])
	for i := n - 2; i >= 0; i-- {
		result = y.Mul(result).Add(coefficients[i])
	}
	return result
}
