package tensorboard

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
)

// ScalarOptions are the options of [SummaryWriter.AddScalar].
type ScalarOptions struct {
	WallTime        time.Time // when it happened; default: now
	NewStyle        bool      // write a tensor, which TensorBoard loads faster; default: a plain number
	DoublePrecision bool      // keep all bits, with NewStyle; default: those of a float32
}

// AddScalar adds a point to a curve. It keeps the precision of a float32.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_scalar
func (w *SummaryWriter) AddScalar(tag string, value float64, step int, options ...ScalarOptions) {
	o := option.First(options)
	at := EventOptions{o.WallTime}.time()
	switch {
	case !o.NewStyle:
		w.add(at, step, scalar(tag, value))
	case o.DoublePrecision:
		w.add(at, step, bytes(1, tag), message(8, integer(1, typeDouble), doubles(6, []float64{value})), plugin("scalars", nil))
	default:
		w.add(at, step, bytes(1, tag), message(8, integer(1, typeFloat), floats(5, []float64{value})), plugin("scalars", nil))
	}
}

// scalar is a value that is a plain number.
func scalar(tag string, value float64) field { return join(bytes(1, tag), presentFloat(2, value)) }

// AddScalars adds a point to each of several curves that share a chart. Each curve
// has an event file of its own, in a folder below the writer's that is named after
// the chart and the curve.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_scalars
func (w *SummaryWriter) AddScalars(mainTag string, values map[string]float64, step int, options ...EventOptions) {
	at := option.First(options).time()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open() {
		return
	}
	for _, tag := range slices.Sorted(maps.Keys(values)) {
		dir := w.dir + "/" + strings.ReplaceAll(mainTag, "/", "_") + "_" + tag
		if file := w.seriesFile(dir); file != nil {
			file.summary(at, step, scalar(mainTag, values[tag]))
		}
	}
}
