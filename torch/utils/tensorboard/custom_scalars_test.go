package tensorboard_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/torch/utils/tensorboard"
)

func TestAddCustomScalars(t *testing.T) {
	checkRecords(t, readGolden(t).Records["custom_scalars"], map[string]func(w *tensorboard.SummaryWriter){
		"layout": func(w *tensorboard.SummaryWriter) {
			w.AddCustomScalars([]tensorboard.Category{
				{Title: "losses", Charts: []tensorboard.Chart{
					{Title: "both", Tags: []string{"loss/train", "loss/test"}},
					{Title: "band", Type: tensorboard.Margin, Tags: []string{"loss", "low", "high"}},
				}},
				{Title: "empty"},
				{Title: "more", Charts: []tensorboard.Chart{{Title: "none"}}},
			}, tensorboard.EventOptions{WallTime: when})
		},
		"lines": func(w *tensorboard.SummaryWriter) {
			w.AddCustomScalarsMultilineChart([]string{"a", "b"}, tensorboard.ChartOptions{WallTime: when})
		},
		"margin": func(w *tensorboard.SummaryWriter) {
			w.AddCustomScalarsMarginChart([]string{"a", "b", "c"},
				tensorboard.ChartOptions{WallTime: when, Category: "mine", Title: "band"})
		},
	})
}

func TestAddCustomScalarsRefuses(t *testing.T) {
	w := newWriter(t)
	checkRefuses(t, w, map[string]func(){
		"AddCustomScalarsMarginChart: Expected 3 tags, got 2.": func() { w.AddCustomScalarsMarginChart([]string{"a", "b"}) },
		"AddCustomScalars: Expected 3 tags, got 1.": func() {
			w.AddCustomScalars([]tensorboard.Category{{Charts: []tensorboard.Chart{{Type: tensorboard.Margin, Tags: []string{"a"}}}}})
		},
	})
}
