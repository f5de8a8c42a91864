package main

import "github.com/wangkuiyi/gotorch/torch"

// Sampling says how tokens are drawn.
type Sampling struct {
	Temperature float64 // 0: always the likeliest
	TopK        int     // only of so many likeliest; 0: of all
	TopP        float64 // only of the likeliest that have this much of the probability together
}

// Choose returns a token by its scores.
func (s Sampling) Choose(scores *torch.Tensor) int {
	if s.Temperature == 0 {
		return scores.Argmax().Int()
	}
	scores, tokens := scores.To(torch.Float32).Div(s.Temperature).Sort(torch.SortOptions{Descending: true})
	if s.TopK > 0 && s.TopK < scores.Size(0) {
		scores, tokens = scores.Narrow(0, 0, s.TopK), tokens.Narrow(0, 0, s.TopK)
	}
	p := scores.Softmax(0)
	p = p.MaskedFill(p.Cumsum(0).Sub(p).Ge(s.TopP), 0)
	return tokens.Index(p.Multinomial(1)).Int()
}
