package main

import (
	"fmt"
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/wangkuiyi/gotorch/torch/utils/metrics"
)

var (
	blue = color.NRGBA{R: 31, G: 119, B: 180, A: 255}
	red  = color.NRGBA{R: 214, G: 39, B: 40, A: 255}
	gray = color.NRGBA{R: 225, G: 225, B: 225, A: 255}
)

// plotCurves draws loss and error rate after each epoch, below each other.
func plotCurves(history []epochResult) image.Image {
	loss, errors := plot.New(), plot.New()
	loss.Title.Text = "Loss"
	errors.Title.Text = "Images read wrong, %"
	errors.X.Label.Text = "epoch"
	trainLoss := func(r epochResult) float64 { return r.TrainLoss }
	loss.Add(plotter.NewGrid())
	errors.Add(plotter.NewGrid())
	addCurve(loss, "training", blue, history, trainLoss)
	addCurve(loss, "validation", red, history, func(r epochResult) float64 { return r.Loss })
	addCurve(errors, "training", blue, history, func(r epochResult) float64 { return 100 * (1 - r.TrainAccuracy) })
	addCurve(errors, "validation", red, history, func(r epochResult) float64 { return 100 * (1 - r.Accuracy) })

	canvas := vgimg.New(15*vg.Centimeter, 16*vg.Centimeter)
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadX: vg.Points(8), PadY: vg.Points(12),
		PadTop: vg.Points(6), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(12)}
	for row, p := range []*plot.Plot{loss, errors} {
		p.Y.Min = 0
		p.Legend.Top, p.Legend.Padding = true, vg.Points(3)
		p.X.Tick.Marker = plot.ConstantTicks(epochTicks(len(history)))
		p.Draw(tiles.At(draw.New(canvas), 0, row))
	}
	return canvas.Image()
}

func addCurve(p *plot.Plot, name string, c color.Color, history []epochResult, value func(epochResult) float64) {
	points := make(plotter.XYs, len(history))
	for i, r := range history {
		points[i] = plotter.XY{X: float64(i + 1), Y: value(r)}
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return // a loss that is no number cannot be drawn
	}
	line.Color, line.Width = c, vg.Points(1.5)
	dots.Color, dots.Shape = c, draw.CircleGlyph{}
	p.Add(line, dots)
	p.Legend.Add(name, line, dots)
}

// epochTicks marks about ten epochs.
func epochTicks(epochs int) (ticks []plot.Tick) {
	step := max(1, (epochs+5)/10)
	for epoch := step; epoch <= epochs; epoch += step {
		ticks = append(ticks, plot.Tick{Value: float64(epoch), Label: fmt.Sprint(epoch)})
	}
	return ticks
}

// plotConfusion draws a confusion matrix: rows are what images show, columns what
// they were taken for. What is off the diagonal is wrong, and the redder the worse.
func plotConfusion(counts metrics.Counts, classes []string) image.Image {
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%.2f %% of %d test images right", 100*counts.Accuracy(), counts.Total())
	p.X.Label.Text, p.Y.Label.Text = "taken for", "is"
	heat := plotter.NewHeatMap(confusionGrid(counts), fade{})
	heat.Min, heat.Max = -1, 1
	p.Add(heat)
	numbers := plotter.XYLabels{}
	var styles []text.Style
	var ticksX, ticksY []plot.Tick
	for i, row := range counts {
		y := float64(len(counts) - 1 - i)
		ticksX = append(ticksX, plot.Tick{Value: float64(i), Label: classes[i]})
		ticksY = append(ticksY, plot.Tick{Value: y, Label: classes[i]})
		for j, n := range row {
			numbers.XYs = append(numbers.XYs, plotter.XY{X: float64(j), Y: y})
			numbers.Labels = append(numbers.Labels, fmt.Sprint(n))
			style := p.X.Tick.Label
			style.Rotation, style.XAlign, style.YAlign = 0, text.XCenter, text.YCenter
			if n == 0 {
				style.Color = gray
			}
			styles = append(styles, style)
		}
	}
	labels, err := plotter.NewLabels(numbers)
	if err != nil {
		panic(err) // labels and points are as many, and are numbers
	}
	labels.TextStyle = styles
	p.Add(labels)
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(ticksX), plot.ConstantTicks(ticksY)
	if len(classes[0]) > 1 {
		p.X.Tick.Label.Rotation = 0.6
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YTop
	}
	canvas := vgimg.New(16*vg.Centimeter, 15*vg.Centimeter)
	p.Draw(draw.New(canvas))
	return canvas.Image()
}

// confusionGrid shows a matrix with its first row on top: a share of the row's
// images, from -1 for all that are right to 1 for 5 % or more that are wrong.
type confusionGrid metrics.Counts

func (g confusionGrid) Dims() (columns, rows int) { return len(g), len(g) }
func (g confusionGrid) X(column int) float64      { return float64(column) }
func (g confusionGrid) Y(fromBottom int) float64  { return float64(fromBottom) }

func (g confusionGrid) Z(column, fromBottom int) float64 {
	row := len(g) - 1 - fromBottom
	total := 0
	for _, n := range g[row] {
		total += n
	}
	share := float64(g[row][column]) / float64(max(1, total))
	if row == column {
		return -share
	}
	return min(1, 20*share)
}

// fade goes from blue over white to red.
type fade struct{}

func (fade) Colors() []color.Color {
	var colors []color.Color
	const steps = 40
	for i := -steps; i <= steps; i++ {
		colors = append(colors, signed(0.7*float64(i)/steps))
	}
	return colors
}
