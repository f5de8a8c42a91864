package distributions

import (
	"reflect"
	"sync"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// pair is two types of distributions.
type pair struct{ p, q reflect.Type }

// divergences holds what computes KLDivergence for the pairs that there are.
var divergences = struct {
	sync.RWMutex
	of map[pair]func(p, q Distribution) *torch.Tensor
}{of: map[pair]func(p, q Distribution) *torch.Tensor{}}

// RegisterKL makes [KLDivergence] use f for distributions of the types P and Q, and
// for those derived from them that have no function of their own.
//
//	distributions.RegisterKL(func(p *Triangular, q *distributions.Normal) *torch.Tensor { ... })
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.kl.register_kl
func RegisterKL[P, Q Distribution](f func(p P, q Q) *torch.Tensor) {
	argument.NotNil("distributions.RegisterKL", "the function", f)
	divergences.Lock()
	defer divergences.Unlock()
	divergences.of[pair{reflect.TypeFor[P](), reflect.TypeFor[Q]()}] = func(p, q Distribution) *torch.Tensor {
		return f(p.(P), q.(Q))
	}
}

// KLDivergence returns the Kullback-Leibler divergence of q from p, the mean of
// log p(x) − log q(x) over samples x of p, in the shape of the batch. It panics
// with a NotImplementedError for pairs of types that it has no formula for.
//
// https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.kl.kl_divergence
func KLDivergence(p, q Distribution) *torch.Tensor {
	argument.NotNil("distributions.KLDivergence", "p", p)
	argument.NotNil("distributions.KLDivergence", "q", q)
	if f, p, q := divergence(p, q); f != nil {
		return f(p, q)
	}
	x, pIsFamily := p.(ExponentialFamily)
	y, qIsFamily := q.(ExponentialFamily)
	if !pIsFamily || !qIsFamily {
		panic(torch.Errorf("distributions.KLDivergence", torch.NotImplementedError,
			"No KL(p || q) is implemented for p type %s and q type %s", nameOf(p), nameOf(q)))
	}
	return bregman(x, y)
}

// divergence returns the function for p and q, or else for what they are derived
// from, p's kin first, and these. It returns nil if there is none.
func divergence(p, q Distribution) (f func(p, q Distribution) *torch.Tensor, a, b Distribution) {
	divergences.RLock()
	defer divergences.RUnlock()
	for a = p; a != nil; a = parentOf(a) {
		for b = q; b != nil; b = parentOf(b) {
			if f = divergences.of[pair{reflect.TypeOf(a), reflect.TypeOf(b)}]; f != nil {
				return f, a, b
			}
		}
	}
	return nil, nil, nil
}

// parentOf returns the distribution that d is derived from, as a whole, or nil.
func parentOf(d Distribution) Distribution {
	if d, ok := d.(interface{ parent() Distribution }); ok {
		return d.parent()
	}
	return nil
}

// parent makes the distributions that embed a TransformedDistribution one for
// KLDivergence.
func (d *TransformedDistribution) parent() Distribution {
	if d.self == d {
		return nil
	}
	return expanded(&TransformedDistribution{BaseDist: d.BaseDist, Transforms: d.Transforms}, d, d.batchShape)
}
