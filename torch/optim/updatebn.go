package optim

import (
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// TrainableModel is a [Model] with a mode for training.
type TrainableModel interface {
	Model
	Modules() []nn.AnyModule
	IsTraining() bool
	Train(mode ...bool)
}

// UpdateBN makes the running statistics of the batch normalisations in model, each
// an [nn.BatchNorm], those of the batches that pass through it in forward, each batch
// counting alike, as averaged weights need them:
//
//	optim.UpdateBN(average.Inner, func() {
//		for batch := range loader.All(ctx) {
//			nn.Call(average.Inner, batch.Data)
//		}
//	})
//
// Meanwhile the model is in training mode, and no gradients are recorded.
//
// https://docs.pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
func UpdateBN(model TrainableModel, forward func()) {
	argument.NotNil("optim.UpdateBN", "the model", model)
	argument.NotNil("optim.UpdateBN", "forward", forward)
	training := model.IsTraining()
	defer model.Train(training)
	for _, module := range model.Modules() {
		norm, ok := nn.AsBatchNorm(module)
		if !ok {
			continue
		}
		norm.ResetRunningStats()
		before := norm.Momentum
		norm.Momentum = nil // an average over all batches
		defer func() { norm.Momentum = before }()
	}
	model.Train()
	torch.NoGrad(forward)
}
