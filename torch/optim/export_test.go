package optim

import "github.com/wangkuiyi/gotorch/torch"

// Momentum returns the momentum buffer of a parameter, or nil.
func (s *SGD) Momentum(p *torch.Tensor) *torch.Tensor { return s.momentum[p] }
