package tensorboard

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/wangkuiyi/gotorch/internal/number"
	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// HParamsOptions are the options of [SummaryWriter.AddHParams].
type HParamsOptions struct {
	Domain  map[string][]any // all values that a hyperparameter can have; default: not said
	RunName string           // the folder below the writer's; default: the time
	Step    int              // the step of the metrics; default: 0
}

// AddHParams adds a run to the table that compares hyperparameters: what they were,
// which are numbers, bools, strings or nil, and the metrics that they led to. It
// writes a file of its own, in a folder below the writer's. It panics on a
// hyperparameter of another type and on a domain that does not fit.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_hparams
func (w *SummaryWriter) AddHParams(hparams map[string]any, metrics map[string]float64, options ...HParamsOptions) {
	o := option.First(options)
	experiment, start := describe(hparams, metrics, o.Domain)
	now := time.Now()
	if o.RunName == "" {
		o.RunName = strconv.FormatFloat(float64(now.UnixMicro())/1e6, 'f', -1, 64)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open() {
		return
	}
	file, err := createEventFile(filepath.Join(w.dir, o.RunName), "")
	if err != nil {
		w.err = errors.Join(w.err, err)
		return
	}
	const statusSuccess = 1
	file.summary(now, o.Step, bytes(1, "_hparams_/experiment"), plugin("hparams", message(2, experiment)))
	file.summary(now, o.Step, bytes(1, "_hparams_/session_start_info"), plugin("hparams", message(3, start)))
	file.summary(now, o.Step, bytes(1, "_hparams_/session_end_info"),
		plugin("hparams", message(4, integer(1, statusSuccess))))
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		file.summary(now, o.Step, scalar(name, metrics[name]))
	}
	w.err = errors.Join(w.err, file.close())
}

// describe returns the table's columns, and this run's hyperparameters.
func describe(hparams map[string]any, metrics map[string]float64, domain map[string][]any) (experiment, start field) {
	const op = "SummaryWriter.AddHParams"
	for name := range domain {
		if _, ok := hparams[name]; !ok {
			panic(torch.Errorf("tensorboard."+op, torch.ValueError, "the domain of %q is given, but no value", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(hparams)) {
		if hparams[name] == nil {
			continue
		}
		value, kind := protoValue(op, name, hparams[name])
		start = join(start, message(1, bytes(1, name), message(2, value)))
		info := join(bytes(1, name), integer(4, kind))
		if values, ok := domain[name]; ok {
			var list field
			for _, v := range values {
				value, k := protoValue(op, name, v)
				if k != kind {
					panic(torch.Errorf("tensorboard."+op, torch.ValueError,
						"the domain of %q holds a %T, but its value is a %T", name, v, hparams[name]))
				}
				list = join(list, message(1, value))
			}
			info = join(info, message(5, list))
		}
		experiment = join(experiment, message(4, info))
	}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		experiment = join(experiment, message(5, message(1, bytes(2, name))))
	}
	return experiment, start
}

// protoValue returns a hyperparameter's value and its type. As in Python a bool is
// a number.
func protoValue(op, name string, value any) (_ field, kind int) {
	const (
		kindString = 1
		kindNumber = 3
	)
	switch v := value.(type) {
	case string:
		return bytes(3, v), kindString
	case *torch.Tensor:
		return presentDouble(2, v.Item()), kindNumber
	}
	if on, ok := number.Plain(value).(bool); ok {
		if on {
			return presentDouble(2, 1), kindNumber
		}
		return presentDouble(2, 0), kindNumber
	}
	if v, ok := number.Float(value); ok {
		return presentDouble(2, v), kindNumber
	}
	panic(torch.Errorf("tensorboard."+op, torch.ValueError,
		"the hyperparameter %q is a %T, want a number, a string, a bool or a tensor", name, value))
}
