package mistakes

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

func noZeroGrad(x *torch.Tensor, fc *nn.Linear, scaler *amp.GradScaler, any optim.Optimizer) {
	sgd := optim.NewSGD(fc.Parameters())
	for range 3 {
		loss := fc.Forward(x).Sum()
		loss.Backward()
		sgd.Step() // want `a loop calls Backward and Step and no ZeroGrad.*sgd.ZeroGrad\(\)`
	}
	for range 3 {
		for range 2 {
			fc.Forward(x).Sum().Backward()
		}
		any.Step() // want "a loop calls Backward and Step"
	}
	for range 3 {
		scaler.Scale(fc.Forward(x).Sum()).Backward()
		scaler.Step(any) // want "a loop calls Backward and Step"
		scaler.Update()
	}
	for range 3 {
		sgd.ZeroGrad() // once an epoch
		for range 5 {
			fc.Forward(x).Sum().Backward()
			sgd.Step() // want "a loop calls Backward and Step"
		}
	}
	lbfgs := optim.NewLBFGS(fc.Parameters())
	lbfgs.Step(func() *torch.Tensor { // want `function that Step calls has a Backward and no ZeroGrad`
		loss := fc.Forward(x).Sum()
		loss.Backward()
		return loss
	})
}
