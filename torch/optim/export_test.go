package optim

import "github.com/wangkuiyi/gotorch/torch"

// MomentumBuffer returns the momentum buffer of a parameter, or nil.
func (s *SGD) MomentumBuffer(p *torch.Tensor) *torch.Tensor {
	if s.state[p] == nil {
		return nil
	}
	return s.state[p].tensors["momentum_buffer"]
}

// LoopsWithoutOperators calls the loops that stand for operators on lists which
// libtorch lacks, with names that none has.
func LoopsWithoutOperators(x, y []*torch.Tensor) {
	foreach("no_such_maximum_(Tensor(a!)[] self, Tensor[] other) -> ()").orEach(maximumInplace).do(x, y)
	foreach("no_such_lerp_(Tensor(a!)[] self, Tensor[] tensors1, Scalar weight) -> ()").orEach(lerpInplace).do(x, y, 0.5)
	foreach("no_such_copy_(Tensor(a!)[] self, Tensor[] src) -> ()").orEach(copyInplace).do(y, x)
}

// AsIfCapturing runs f as in a capture.
func AsIfCapturing(f func()) {
	before := capturing
	defer func() { capturing = before }()
	capturing = func() bool { return true }
	f()
}
