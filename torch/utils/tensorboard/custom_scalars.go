package tensorboard

import (
	"cmp"
	"time"

	"github.com/wangkuiyi/gotorch/internal/option"
	"github.com/wangkuiyi/gotorch/torch"
)

// Category is a group of charts below a title.
type Category struct {
	Title  string
	Charts []Chart
}

// Chart draws curves of [SummaryWriter.AddScalar] together.
type Chart struct {
	Title string
	Type  ChartType // default: Multiline
	Tags  []string  // of the curves; for Margin a curve and those that it lies between, the lower first
}

// ChartType says how a chart draws its curves.
type ChartType int

// The types of charts: lines, or a line and a margin around it.
const (
	Multiline ChartType = iota
	Margin
)

// AddCustomScalars says how TensorBoard lays out the tab of custom scalars. It shows one
// layout of each run, so this or one of its shorthands is called once, before or after
// the curves are written. It panics on a Margin chart that has not three tags.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_custom_scalars
func (w *SummaryWriter) AddCustomScalars(layout []Category, options ...EventOptions) {
	w.addLayout("SummaryWriter.AddCustomScalars", layout, option.First(options).time())
}

// ChartOptions are the options of [SummaryWriter.AddCustomScalarsMultilineChart] and
// [SummaryWriter.AddCustomScalarsMarginChart].
type ChartOptions struct {
	WallTime time.Time // when it happened; default: now
	Category string    // the title above the chart; default: "default"
	Title    string    // the chart's; default: "untitled"
}

// AddCustomScalarsMultilineChart is AddCustomScalars of one chart, whose lines are the
// curves that have the tags.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html
func (w *SummaryWriter) AddCustomScalarsMultilineChart(tags []string, options ...ChartOptions) {
	w.addChart("SummaryWriter.AddCustomScalarsMultilineChart", Multiline, tags, options)
}

// AddCustomScalarsMarginChart is AddCustomScalars of one chart, which has the tags of a
// curve and of its lower and upper bound. It panics if there are not three.
//
// https://docs.pytorch.org/docs/stable/tensorboard.html
func (w *SummaryWriter) AddCustomScalarsMarginChart(tags []string, options ...ChartOptions) {
	w.addChart("SummaryWriter.AddCustomScalarsMarginChart", Margin, tags, options)
}

func (w *SummaryWriter) addChart(op string, kind ChartType, tags []string, options []ChartOptions) {
	o := option.First(options)
	chart := Chart{cmp.Or(o.Title, "untitled"), kind, tags}
	w.addLayout(op, []Category{{cmp.Or(o.Category, "default"), []Chart{chart}}}, EventOptions{o.WallTime}.time())
}

func (w *SummaryWriter) addLayout(op string, layout []Category, at time.Time) {
	var categories field
	for _, category := range layout {
		charts := bytes(1, category.Title)
		for _, chart := range category.Charts {
			charts = join(charts, message(2, bytes(1, chart.Title), curves(op, chart)))
		}
		categories = join(categories, message(2, charts))
	}
	w.add(at, 0,
		bytes(1, "custom_scalars__config__"), tensor(typeString, nil, bytes(8, categories)), plugin("custom_scalars", nil))
}

// curves returns what a chart draws.
func curves(op string, chart Chart) field {
	var tags field
	if chart.Type == Multiline {
		for _, tag := range chart.Tags {
			tags = join(tags, bytes(1, tag))
		}
		return message(2, tags)
	}
	if len(chart.Tags) != 3 {
		panic(torch.Errorf("tensorboard."+op, torch.ValueError, "Expected 3 tags, got %d.", len(chart.Tags)))
	}
	for i, tag := range chart.Tags {
		tags = join(tags, bytes(i+1, tag))
	}
	return message(3, message(1, tags))
}
