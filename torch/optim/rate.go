package optim

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/statedict"
)

// rate is a learning rate: the options LR and LRTensor. If there is a tensor the
// number is 0.
type rate struct {
	number *float64
	tensor **torch.Tensor
}

// Get returns the tensor, which shares the optimizer's memory, or the number.
func (r rate) Get() any {
	if *r.tensor != nil {
		return (*r.tensor).Detach()
	}
	return *r.number
}

// Set stores a number of a state dict.
func (r rate) Set(v any) (ok bool) {
	*r.number, ok = statedict.Float(v)
	return ok
}

// check panics if the tensor of a new group is of no use; another is the group's
// LR.
func (r rate) check(op string, another *float64) {
	switch t := *r.tensor; {
	case t == nil:
	case another != nil || *r.number != 0:
		panic(torch.Errorf(op, torch.ValueError, "LR and LRTensor are both given"))
	case t.Numel() != 1:
		panic(torch.Errorf(op, torch.ValueError, "Tensor lr must be 1-element"))
	}
}

// read returns the learning rate as a number.
func (r rate) read() float64 {
	if *r.tensor != nil {
		return (*r.tensor).Item()
	}
	return *r.number
}

// fill sets the learning rate, a tensor's in place.
func (r rate) fill(lr float64) {
	if *r.tensor == nil {
		*r.number = lr
		return
	}
	torch.NoGrad(func() { (*r.tensor).FillInplace(lr) })
}

// operand returns the number, or the tensor without dimensions on the device of
// the parameters, for operators that read it when they run.
func (r rate) operand(device torch.Device) torch.Operand {
	if *r.tensor == nil {
		return *r.number
	}
	t := *r.tensor
	if t.Dim() > 0 {
		t = t.Reshape()
	}
	return t.To(device)
}
