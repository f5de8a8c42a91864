package utils

import (
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// FuseConvBNOptions are the options of [FuseConvBNEval].
type FuseConvBNOptions struct {
	Transpose bool // conv is a transposed convolution
}

// FuseConvBNEval returns a copy of conv, a convolution, that computes what conv and
// after it bn, a batch normalisation, compute. Both must be in evaluation mode, and
// bn must have running statistics. It panics otherwise.
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
func FuseConvBNEval[M nn.AnyModule](conv M, bn nn.AnyModule, options ...FuseConvBNOptions) M {
	const op = "FuseConvBNEval"
	o := option.First(options)
	return fused(op, conv, bn, func(weight *torch.Tensor, b *batchNorm) *torch.Tensor {
		shape := make([]int, weight.Dim())
		for i := range shape {
			shape[i] = 1
		}
		if o.Transpose {
			shape[1] = -1
		} else {
			shape[0] = -1
		}
		return weight.Mul(b.weight.Mul(b.scale).Reshape(shape...))
	}, func(bias *torch.Tensor, b *batchNorm) *torch.Tensor {
		return bias.Sub(b.mean).Mul(b.scale).Mul(b.weight).Add(b.bias)
	})
}

// FuseLinearBNEval is [FuseConvBNEval] for an [nn.Linear].
//
// https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.fuse_linear_bn_eval.html
func FuseLinearBNEval(linear *nn.Linear, bn nn.AnyModule) *nn.Linear {
	const op = "FuseLinearBNEval"
	mustEvaluate(op, linear, bn)
	if features := newBatchNorm(op, bn).mean.Numel(); linear.OutFeatures != features && features != 1 {
		panic(torch.Errorf("utils."+op, torch.ValueError, "To fuse, linear.out_features == bn.num_features or bn.num_features == 1,"+
			" got linear.out_features=%d and bn.num_features=%d", linear.OutFeatures, features))
	}
	return fused(op, linear, bn, func(weight *torch.Tensor, b *batchNorm) *torch.Tensor {
		return weight.Mul(b.weight.Mul(b.scale).Unsqueeze(-1).To(weight.DType()))
	}, func(bias *torch.Tensor, b *batchNorm) *torch.Tensor {
		return bias.Sub(b.mean).Mul(b.weight.Mul(b.scale)).Add(b.bias)
	})
}

// fused returns a copy of module with the weight and the bias that two functions
// make of its own.
func fused[M nn.AnyModule](op string, module M, bn nn.AnyModule, weight, bias func(x *torch.Tensor, b *batchNorm) *torch.Tensor) M {
	mustEvaluate(op, module, bn)
	b := newBatchNorm(op, bn)
	copied := nn.DeepCopy(module)
	base := nn.Base(copied)
	w, v := base.GetTensor("weight"), base.GetTensor("bias")
	biasType := w.DType()
	if v == nil {
		v = torch.ZerosLike(b.mean)
	} else {
		biasType = v.DType()
	}
	base.SwapTensor("weight", nn.NewParameter(weight(w, b).To(w.DType())).SetRequiresGrad(w.RequiresGrad()))
	base.SwapTensor("bias", nn.NewParameter(bias(v, b).To(biasType)).SetRequiresGrad(v.RequiresGrad()))
	return copied
}

// batchNorm is what a batch normalisation does in evaluation mode.
type batchNorm struct {
	weight, bias, mean, scale *torch.Tensor // scale is 1 ÷ the standard deviation
}

func newBatchNorm(op string, module nn.AnyModule) *batchNorm {
	bn, ok := nn.AsBatchNorm(module)
	if !ok {
		panic(torch.Errorf("utils."+op, torch.TypeError, "%T is no batch normalisation", module))
	}
	base := nn.Base(module)
	b := &batchNorm{weight: base.GetTensor("weight"), bias: base.GetTensor("bias"), mean: base.GetTensor("running_mean")}
	variance := base.GetTensor("running_var")
	if b.mean == nil || variance == nil {
		panic(torch.Errorf("utils."+op, torch.ValueError, "bn.running_mean and bn.running_var must not be None"))
	}
	if b.weight == nil {
		b.weight = torch.OnesLike(b.mean)
	}
	if b.bias == nil {
		b.bias = torch.ZerosLike(b.mean)
	}
	b.scale = variance.Add(bn.Eps).Rsqrt()
	return b
}

func mustEvaluate(op string, modules ...nn.AnyModule) {
	for _, m := range modules {
		if nn.Base(m).IsTraining() {
			panic(torch.Errorf("utils."+op, torch.ValueError, "Fusion only for eval!"))
		}
	}
}
