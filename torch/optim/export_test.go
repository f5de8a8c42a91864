package optim

import "github.com/wangkuiyi/gotorch/torch"

// MomentumBuffer returns the momentum buffer of a parameter, or nil.
func (s *SGD) MomentumBuffer(p *torch.Tensor) *torch.Tensor {
	if s.state[p] == nil {
		return nil
	}
	return s.state[p].tensors["momentum_buffer"]
}
