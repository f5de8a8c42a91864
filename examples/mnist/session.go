package main

import (
	"fmt"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/amp"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/optim"
)

// session is a training under way.
type session struct {
	options
	place
	net       network
	criterion *nn.CrossEntropyLoss
	optimizer optim.Optimizer
	scaler    *amp.GradScaler
	forward   func(x *torch.Tensor) *torch.Tensor // of net, with the other processes
	learning  repeated                            // learn
	judging   repeated                            // judge
}

// place is how far a training has come.
type place struct {
	Epoch   int           // epochs that are done
	Images  int           // images that are done of the next epoch
	Loss    float64       // the sum of their losses
	Correct int           // how many of them were read right
	History []epochResult // of the epochs that are done
}

// savedPlace is a place as a file has it.
type savedPlace place

// SaveValue returns what is saved of a place.
func (p *place) SaveValue() any { return savedPlace(*p) }

// LoadValue fails on a place that cannot be.
func (p *place) LoadValue(value any) error {
	saved, err := torch.As[savedPlace](value)
	if err == nil && (saved.Images < 0 || saved.Epoch != len(saved.History)) {
		err = fmt.Errorf("it says %d images after %d epochs, and has the results of %d", saved.Images, saved.Epoch, len(saved.History))
	}
	if err == nil {
		*p = place(saved)
	}
	return err
}

// epochResult is how well the network did in an epoch, and after it on the
// validation set.
type epochResult struct {
	TrainLoss, TrainAccuracy float64
	Loss, Accuracy           float64
}

// newSession starts a training.
func newSession(o options) *session {
	s := &session{options: o, net: networks[o.model](), criterion: nn.NewCrossEntropyLoss()}
	s.net.To(o.device)
	s.optimizer = optimizers[o.optimizer].new(s.net.Parameters(), o.lr)
	scale := o.amp && o.device.IsCUDA() // Float16 needs it, the CPU's BFloat16 does not
	s.scaler = amp.NewGradScaler(amp.GradScalerOptions{Device: o.device, Enabled: &scale})
	s.forward = s.net.Forward
	s.learning = repeated{function: s.learn, capture: o.capture}
	s.judging = repeated{function: s.judge, capture: o.capture}
	return s
}

// average returns the mean loss and the accuracy of an epoch so far.
func (p *place) average() (loss, accuracy float64) {
	images := float64(max(1, p.Images))
	return p.Loss / images, float64(p.Correct) / images
}

// endEpoch judges the network after an epoch, where this process leads, and goes on to
// the next.
func (s *session) endEpoch(sets sets) (result epochResult) {
	if s.Leads() {
		v := s.evaluate(sets.validation, len(sets.classes))
		result.Loss, result.Accuracy = v.loss, v.counts.Accuracy()
	}
	result.TrainLoss, result.TrainAccuracy = s.average()
	s.place = place{Epoch: s.Epoch + 1, History: append(s.History, result)}
	return result
}
