package main

import (
	"os"

	training "github.com/wangkuiyi/gotorch/torch/utils/train"
)

// follower looks at each epoch of a training: whether to stop, and what goes into the table.
type follower struct {
	stopping *training.EarlyStopping // or nil
	table    *training.CSVLogger     // or nil
	file     *os.File                // of the table
	done     bool                    // there was no better loss for as long as there is patience
}

// newFollower begins with the epochs that are done.
func newFollower(s *session) (f *follower, err error) {
	f = &follower{}
	if s.patience > 0 {
		f.stopping = training.NewEarlyStopping(s.patience)
	}
	if s.csv != "" && s.Leads() {
		if f.file, err = os.Create(s.csv); err == nil {
			f.table, err = training.NewCSVLogger(f.file, "epoch", "train_loss", "train_accuracy", "loss", "accuracy")
		}
	}
	for i, result := range s.History {
		if err == nil {
			err = f.epoch(i+1, result)
		}
	}
	return f, err
}

// epoch takes note of how an epoch went.
func (f *follower) epoch(epoch int, r epochResult) error {
	if f.stopping != nil {
		f.done = f.stopping.Stop(r.Loss)
	}
	if f.table == nil {
		return nil
	}
	return f.table.Log(float64(epoch), r.TrainLoss, r.TrainAccuracy, r.Loss, r.Accuracy)
}

// close closes the file.
func (f *follower) close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
