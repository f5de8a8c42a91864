package functional

import "github.com/wangkuiyi/gotorch/torch"

// chunkTargets are the targets of a chunk, labels or probabilities.
type chunkTargets struct {
	labels *torch.Tensor // nil for probabilities
	shares *torch.Tensor // the probabilities times the factors of classes
	mass   *torch.Tensor // the factor of each row
	sign   float64       // of mass in a pass that gives gradients: -1 for labels
	scale  float64       // of probabilities in a mean; mass has it
}

func (p *pass) targets(from, n int) chunkTargets {
	target := p.target.Narrow(0, from, n)
	if p.rows != nil {
		return chunkTargets{labels: target, mass: p.rows.Narrow(0, from, n), sign: -1, scale: 1}
	}
	shares := target.To(p.scores)
	if p.classWeight != nil {
		shares = shares.Mul(p.classWeight.To(p.scores))
	}
	if p.upstream != nil {
		shares = shares.Mul(p.upstream.Narrow(0, from, n).Unsqueeze(1))
	}
	mass := shares.SumWith(torch.ReduceOptions{Dim: []int{1}, DType: p.acc}).MulInplace(p.scale)
	return chunkTargets{shares: shares, mass: mass, sign: 1, scale: p.scale}
}

// pick returns the score of each row's label, or the mean score of its
// probabilities.
func (t chunkTargets) pick(scores *torch.Tensor) *torch.Tensor {
	if t.labels == nil {
		return torch.Einsum("bv,bv->b", t.shares, scores)
	}
	return scores.Gather(1, t.labels.Unsqueeze(1)).Squeeze(1)
}

// losses returns the loss of each row from the logarithm of the sum of its
// exponents and what pick gave.
func (t chunkTargets) losses(logSums, picked *torch.Tensor) *torch.Tensor {
	if t.labels == nil {
		return logSums.MulInplace(t.mass).SubInplace(picked)
	}
	return logSums.SubInplace(picked).MulInplace(t.mass)
}

// dot returns the sum of what pick gives, of labels times mass.
func (t chunkTargets) dot(scores *torch.Tensor) *torch.Tensor {
	switch {
	case t.labels != nil:
		return t.mass.Dot(t.pick(scores).To(t.mass.DType()))
	case scores.DType() == torch.Float16: // the sum of many might be too large for it
		return t.pick(scores).SumWith(torch.ReduceOptions{DType: torch.Float32})
	default:
		return t.shares.Reshape(-1).Dot(scores.Reshape(-1))
	}
}
