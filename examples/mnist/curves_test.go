package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch/utils/data"
	"github.com/wangkuiyi/gotorch/torch/vision/datasets"
)

// curve is how a training with train.py went, and its test.
type curve struct {
	Name, Args, Data string
	Images           int
	Long             bool
	Curve            [][4]float64 // loss and accuracy in training, and on the validation images
	Test             [2]float64   // loss and accuracy
}

func TestCurves(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: does not train on MNIST")
	}
	compareCurves(t, false)
}

// compareCurves trains as train.py did. The curves are equal bit for bit where
// libtorch and the vector instructions are those of the golden file. Elsewhere the
// rounding of each step adds up: losses may differ by 5 %, accuracies by 0.5 %.
func compareCurves(t *testing.T, long bool) {
	var cases []curve
	header := torchtest.Golden(t, "testdata/training.json", &cases)
	for _, c := range cases {
		if c.Long != long {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			o, err := parse(strings.Fields("-data "+c.Data+" "+c.Args+" -out "+t.TempDir()), nil)
			require.NoError(t, err)
			s := realSets(t, o)
			if c.Images > 0 {
				s.train = data.Sample{Data: s.train.Data.Narrow(0, 0, c.Images), Target: s.train.Target.Narrow(0, 0, c.Images)}
			}
			var out, log bytes.Buffer
			require.NoError(t, train(t.Context(), o, s, &out, &log))
			t.Logf("\n%s", &out)

			var got [][4]float64
			for _, r := range readCheckpoint(t, o.out).Place.History {
				got = append(got, [4]float64{r.TrainLoss, r.TrainAccuracy, r.Loss, r.Accuracy})
			}
			last := fmt.Sprintf("test images: %.2f %%\n", 100*c.Test[1])
			if header.Exact() {
				assert.Equal(t, c.Curve, got)
				assert.Contains(t, out.String(), last)
				return
			}
			require.Len(t, got, len(c.Curve))
			for i, want := range c.Curve {
				for j, tolerance := range []float64{0.05 * want[0], 0.005, 0.05 * want[2], 0.005} {
					assert.InDelta(t, want[j], got[i][j], tolerance, "epoch %d, number %d", i+1, j)
				}
			}
		})
	}
}

// realSets reads a set, and skips the test if it was not fetched before.
func realSets(t *testing.T, o options) sets {
	load := datasets.NewMNIST
	if o.data == "fashion" {
		load = datasets.NewFashionMNIST
	}
	for _, train := range []bool{true, false} {
		if _, err := load(t.Context(), datasets.Options{Train: &train}); err != nil {
			t.Skipf("%s was not fetched: go run ./examples/mnist -data %[1]s does that: %v", o.data, err)
		}
	}
	var log bytes.Buffer
	s, err := loadSets(t.Context(), o, &log)
	require.NoError(t, err)
	return s
}
