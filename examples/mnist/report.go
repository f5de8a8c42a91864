package main

import (
	"errors"
	"image"

	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

// report writes event files for TensorBoard, and at the end pictures, into the
// folder of results. A nil one writes nothing.
type report struct {
	w *tensorboard.SummaryWriter
}

// newReport starts an event file, with the network's graph. What a run that was
// killed wrote of later epochs TensorBoard then hides.
func newReport(s *session, sets sets) (*report, error) {
	if s.out == "" || !s.Leads() {
		return nil, nil
	}
	w, err := tensorboard.NewSummaryWriter(s.out, tensorboard.SummaryWriterOptions{PurgeStep: new(s.Epoch + 1)})
	if err != nil {
		return nil, err
	}
	w.AddGraph(s.net, sets.test.Data.Narrow(0, 0, 1))
	return &report{w}, nil
}

// epoch writes how an epoch went, and how the parameters are spread.
func (r *report) epoch(s *session, result epochResult) {
	if r == nil {
		return
	}
	r.w.AddScalar("loss/train", result.TrainLoss, s.Epoch)
	r.w.AddScalar("loss/validation", result.Loss, s.Epoch)
	r.w.AddScalar("accuracy/train", result.TrainAccuracy, s.Epoch)
	r.w.AddScalar("accuracy/validation", result.Accuracy, s.Epoch)
	for _, p := range s.net.NamedParameters() {
		r.w.AddHistogram(p.Name, p.Tensor.Detach(), s.Epoch)
	}
}

// end writes what is to be said of the trained network, and closes the file.
func (r *report) end(s *session, sets sets, v verdict) error {
	if r == nil {
		return nil
	}
	var errs []error
	for _, p := range []struct {
		name    string
		picture image.Image
	}{
		{"curves", plotCurves(s.History)},
		{"confusion", plotConfusion(v.counts, sets.classes)},
		{"wrong", contactSheet(v, sets.test, sets.classes)},
		{"explanation", explanation(s.net, oneOfEach(sets), 3)},
	} {
		r.w.AddFigure(p.name, p.picture, s.Epoch)
		errs = append(errs, writePNG(s.out, p.name+".png", p.picture))
	}
	r.w.AddHParams(s.fixed(), map[string]float64{"accuracy/test": v.counts.Accuracy()},
		tensorboard.HParamsOptions{RunName: "hparams"})
	return errors.Join(append(errs, r.close())...)
}

// close closes the file, if that was not done.
func (r *report) close() error {
	if r == nil {
		return nil
	}
	return r.w.Close()
}

// oneOfEach returns the first test image of each class.
func oneOfEach(sets sets) *torch.Tensor {
	first := make([]int, len(sets.classes))
	labels := torch.ToSlice[int](sets.test.Target)
	for i := len(labels) - 1; i >= 0; i-- {
		first[labels[i]] = i
	}
	return sets.test.Data.IndexSelect(0, torch.FromSlice(first).To(sets.test.Data.Device()))
}
