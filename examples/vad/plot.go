package main

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// plotSpans writes a picture of the sound, of how likely each frame has speech, and of the
// spans.
func plotSpans(path string, audio *Audio, probabilities []float64, spans []Span, threshold float64) error {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "seconds", "probability of speech"
	p.Y.Min, p.Y.Max = 0, 1
	p.Legend.Top = true
	second := float64(audio.Rate)
	for _, s := range spans {
		from, to := float64(s.Start)/second, float64(s.End)/second
		box, err := plotter.NewPolygon(plotter.XYs{{X: from, Y: 0}, {X: from, Y: 1}, {X: to, Y: 1}, {X: to, Y: 0}})
		if err != nil {
			return err
		}
		box.Color, box.Width = color.RGBA{200, 225, 245, 255}, 0
		p.Add(box)
	}
	size := frameSize(audio.Rate)
	lines := make([]plotter.XYs, 2) // the sound's loudest samples, and the probabilities
	for i, v := range probabilities {
		at := float64(i*size) / second
		loudest := 0.0
		for _, sample := range audio.Samples[i*size : min((i+1)*size, len(audio.Samples))] {
			loudest = max(loudest, float64(sample), -float64(sample))
		}
		lines[0] = append(lines[0], plotter.XY{X: at, Y: loudest})
		lines[1] = append(lines[1], plotter.XY{X: at, Y: v})
	}
	for i, style := range []struct {
		name  string
		color color.RGBA
	}{{"loudness", color.RGBA{170, 170, 170, 255}}, {"speech", color.RGBA{200, 60, 40, 255}}} {
		line, err := plotter.NewLine(lines[i])
		if err != nil {
			return err
		}
		line.Color = style.color
		p.Add(line)
		p.Legend.Add(style.name, line)
	}
	limit := plotter.NewFunction(func(float64) float64 { return threshold })
	limit.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
	p.Add(limit)
	return p.Save(10*vg.Inch, 3*vg.Inch, path)
}
