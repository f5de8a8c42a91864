package optim

import (
	"github.com/wangkuiyi/gotorch/internal/argument"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
)

// TrainableModel is a [Model] with a mode for training.
type TrainableModel interface {
	Model
	Modules() []nn.AnyModule
	IsTraining() bool
	Train(mode ...bool)
}

// UpdateBN makes the running statistics of the batch normalisations in model those
// of the batches that pass through it in forward, each batch counting alike, as
// averaged weights need them:
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
		momentum, reset := batchNorm(module)
		if momentum == nil {
			continue
		}
		reset()
		before := *momentum
		*momentum = nil // an average over all batches
		defer func() { *momentum = before }()
	}
	model.Train()
	torch.NoGrad(forward)
}

// batchNorm returns the momentum of a batch normalisation and what resets it, or
// nil for other modules.
func batchNorm(module nn.AnyModule) (momentum **float64, reset func()) {
	switch m := module.(type) {
	case *nn.BatchNorm1d:
		return &m.Momentum, m.ResetRunningStats
	case *nn.BatchNorm2d:
		return &m.Momentum, m.ResetRunningStats
	case *nn.BatchNorm3d:
		return &m.Momentum, m.ResetRunningStats
	}
	return nil, nil
}
