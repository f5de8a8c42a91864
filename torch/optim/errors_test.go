package optim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// makeWith makes an optimizer with one or two options of Python's names.
func makeWith(t *testing.T, optimizer string, p []*torch.Tensor, options map[string]any) {
	number := func(name string) float64 {
		v, _ := options[name].(float64)
		return v
	}
	pair := func(name string) *[2]float64 {
		list, ok := options[name].([]any)
		if !ok {
			return nil
		}
		var pair [2]float64
		pair[0], _ = list[0].(float64)
		pair[1], _ = list[1].(float64)
		return &pair
	}
	given := func(name string) *float64 {
		if v, ok := options[name].(float64); ok {
			return &v
		}
		return nil
	}
	flag := func(name string) *bool {
		if v, ok := options[name].(bool); ok {
			return &v
		}
		return nil
	}
	lr, decay, eps := number("lr"), number("weight_decay"), given("eps")
	switch optimizer {
	case "Adam":
		optim.NewAdam(p, optim.AdamOptions{LR: lr, Betas: pair("betas"), Eps: eps, WeightDecay: decay, Foreach: flag("foreach"), Fused: flag("fused")})
	case "AdamW":
		optim.NewAdamW(p, optim.AdamWOptions{LR: lr, Betas: pair("betas"), Eps: eps, WeightDecay: given("weight_decay")})
	case "Adamax":
		optim.NewAdamax(p, optim.AdamaxOptions{LR: lr, Betas: pair("betas"), Eps: eps, WeightDecay: decay})
	case "NAdam":
		optim.NewNAdam(p, optim.NAdamOptions{LR: lr, Betas: pair("betas"), Eps: eps, WeightDecay: decay, MomentumDecay: given("momentum_decay")})
	case "RAdam":
		optim.NewRAdam(p, optim.RAdamOptions{LR: lr, Betas: pair("betas"), Eps: eps, WeightDecay: decay})
	case "Adagrad":
		optim.NewAdagrad(p, optim.AdagradOptions{
			LR: lr, LRDecay: number("lr_decay"), Eps: eps, WeightDecay: decay,
			InitialAccumulatorValue: number("initial_accumulator_value"), Foreach: flag("foreach"), Fused: flag("fused"),
		})
	case "Adadelta":
		optim.NewAdadelta(p, optim.AdadeltaOptions{LR: lr, Rho: given("rho"), Eps: eps, WeightDecay: decay})
	case "Adafactor":
		o := optim.AdafactorOptions{LR: lr, Beta2Decay: given("beta2_decay"), D: given("d"), WeightDecay: decay}
		if list, ok := options["eps"].([]any); ok {
			o.Eps2 = &pair("eps")[1]
			if list[0] != nil {
				o.Eps1 = &pair("eps")[0]
			}
		}
		optim.NewAdafactor(p, o)
	case "RMSprop":
		optim.NewRMSprop(p, optim.RMSpropOptions{LR: lr, Alpha: given("alpha"), Eps: eps, Momentum: number("momentum"), WeightDecay: decay})
	case "Rprop":
		optim.NewRprop(p, optim.RpropOptions{LR: lr, Etas: pair("etas")})
	case "ASGD":
		optim.NewASGD(p, optim.ASGDOptions{LR: lr, Lambd: given("lambd"), Alpha: given("alpha"), WeightDecay: decay})
	case "Muon":
		adjust, _ := options["adjust_lr_fn"].(string)
		optim.NewMuon(p, optim.MuonOptions{LR: lr, Momentum: given("momentum"), WeightDecay: given("weight_decay"), AdjustLR: optim.AdjustLR(adjust)})
	case "LBFGS":
		optim.NewLBFGS(p, optim.LBFGSOptions{LR: lr})
	case "SparseAdam":
		optim.NewSparseAdam(p, optim.SparseAdamOptions{LR: lr, Betas: pair("betas"), Eps: eps})
	default:
		require.Fail(t, optimizer)
	}
}
