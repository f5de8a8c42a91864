package distributions

import (
	"slices"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/linalg"
)

// The divergences of normal distributions of vectors.
func init() {
	RegisterKL(klMultivariateNormal)
	RegisterKL(klLowRank)
	RegisterKL(klMultivariateNormalLowRank)
	RegisterKL(klLowRankMultivariateNormal)
}

func klMultivariateNormal(p, q *MultivariateNormal) *torch.Tensor {
	n := commonSize(p, q, "Multivariate Normals")
	size := combined(q.tril, p.tril, n)
	trace := traceXXT(linalg.SolveTriangular(q.tril.Expand(append(size, n)...), p.tril.Expand(append(size, n)...), false))
	distance := mahalanobis(q.tril, q.Loc.Sub(p.Loc))
	return logDet(q.tril).Sub(logDet(p.tril)).Add(trace.Add(distance).Sub(n).Mul(0.5))
}

func klLowRank(p, q *LowRankMultivariateNormal) *torch.Tensor {
	n := commonSize(p, q, "Low Rank Multivariate Normals")
	a := linalg.SolveTriangular(q.capacitance, q.scaled(), false)
	trace := p.lowRank.d.Div(q.lowRank.d).Sum(-1).
		Add(traceXXT(p.w.Mul(q.lowRank.d.Rsqrt().Unsqueeze(-1)))).
		Sub(traceXXT(a.Mul(p.lowRank.d.Sqrt().Unsqueeze(-2)))).
		Sub(traceXXT(a.Matmul(p.w)))
	return halfSum(q.logDet().Sub(p.logDet()), trace, q.mahalanobis(q.Loc.Sub(p.Loc)), n)
}

func klMultivariateNormalLowRank(p *MultivariateNormal, q *LowRankMultivariateNormal) *torch.Tensor {
	n := commonSize(p, q, "(Low Rank) Multivariate Normals")
	a := linalg.SolveTriangular(q.capacitance, q.scaled(), false)
	trace := traceXXT(p.tril.Mul(q.lowRank.d.Rsqrt().Unsqueeze(-1))).Sub(traceXXT(a.Matmul(p.tril)))
	return halfSum(q.logDet().Sub(logDet(p.tril).Mul(2)), trace, q.mahalanobis(q.Loc.Sub(p.Loc)), n)
}

func klLowRankMultivariateNormal(p *LowRankMultivariateNormal, q *MultivariateNormal) *torch.Tensor {
	n := commonSize(p, q, "(Low Rank) Multivariate Normals")
	size := combined(q.tril, p.w, n)
	tril := q.tril.Expand(append(size, n)...)
	w := p.w.Expand(append(size, p.w.Size(-1))...)
	d := p.lowRank.d.Sqrt().DiagEmbed().Expand(append(size, n)...)
	trace := traceXXT(linalg.SolveTriangular(tril, w, false)).Add(traceXXT(linalg.SolveTriangular(tril, d, false)))
	return halfSum(logDet(q.tril).Mul(2).Sub(p.logDet()), trace, mahalanobis(q.tril, q.Loc.Sub(p.Loc)), n)
}

// halfSum returns ½(logDets + trace + distance − n).
func halfSum(logDets, trace, distance *torch.Tensor, n int) *torch.Tensor {
	return logDets.Add(trace).Add(distance).Sub(n).Mul(0.5)
}

// commonSize returns the size of vectors. It panics with a ValueError if they
// differ.
func commonSize(p, q Distribution, what string) int {
	size := p.EventShape()
	if !slices.Equal(size, q.EventShape()) {
		panic(torch.Errorf("distributions.KLDivergence", torch.ValueError,
			"KL-divergence between two %s with different event shapes cannot be computed", what))
	}
	return size[0]
}

// combined returns the shape of the batch of two batches of matrices, and n.
func combined(a, b *torch.Tensor, n int) []int {
	batch := func(x *torch.Tensor) []int { return x.Shape()[:x.Dim()-2] }
	return slices.Clip(append(torch.BroadcastShapes(batch(a), batch(b)), n))
}

// traceXXT returns the traces of X·Xᵀ.
func traceXXT(x *torch.Tensor) *torch.Tensor {
	shape := x.Shape()
	n := len(shape) - 2
	return x.Reshape(-1, shape[n]*shape[n+1]).Pow(2).Sum(-1).Reshape(shape[:n]...)
}
