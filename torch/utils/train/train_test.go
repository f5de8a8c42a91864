package train_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/utils/train"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestEarlyStopping(t *testing.T) {
	stops := func(e *train.EarlyStopping, values ...float64) (stops []bool) {
		for _, v := range values {
			stops = append(stops, e.Stop(v))
		}
		return stops
	}
	losses := train.NewEarlyStopping(2)
	assert.True(t, math.IsNaN(losses.Best()))
	assert.Equal(t, []bool{false, false, false, false, false, true}, stops(losses, 3, 2, 2, 1, 1.5, math.NaN()))
	assert.Equal(t, 1.0, losses.Best())
	assert.Equal(t, 2, losses.Waited())
	assert.Equal(t, []bool{false, false, true}, stops(train.NewEarlyStopping(1, train.EarlyStoppingOptions{Larger: true}), 0.5, 0.6, 0.6))
	assert.Equal(t, []bool{false, false, true}, stops(train.NewEarlyStopping(2, train.EarlyStoppingOptions{MinDelta: 0.5}), 3, 2.6, 2.5))
	assert.Equal(t, []bool{true}, stops(train.NewEarlyStopping(1), math.NaN()))
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"no patience": {Call: func() { train.NewEarlyStopping(0) }, Kind: torch.ValueError, Words: "want a patience of 1 epoch or more"},
		"negative": {Call: func() { train.NewEarlyStopping(1, train.EarlyStoppingOptions{MinDelta: -1}) }, Kind: torch.ValueError,
			Words: "no negative MinDelta"},
	})
}

// broken cannot be written to.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestCSVLogger(t *testing.T) {
	var text bytes.Buffer
	l, err := train.NewCSVLogger(&text, "epoch", "loss, of training")
	require.NoError(t, err)
	require.NoError(t, l.Log(1, 0.1))
	assert.Equal(t, "epoch,\"loss, of training\"\n1,0.1\n", text.String())
	assert.EqualError(t, l.Log(1), "train.CSVLogger.Log: 1 values for 2 columns")
	_, err = train.NewCSVLogger(nil, "a")
	assert.ErrorContains(t, err, "want a writer and columns")
	_, err = train.NewCSVLogger(&text)
	assert.ErrorContains(t, err, "want a writer and columns")
	_, err = train.NewCSVLogger(broken{}, "a")
	assert.EqualError(t, err, "train.CSVLogger: full")
	assert.ErrorContains(t, new(train.CSVLogger).Log(), "did not make")
}

func ExampleEarlyStopping() {
	stopping := train.NewEarlyStopping(2)
	for epoch, loss := range []float64{0.9, 0.5, 0.6, 0.55, 0.4} {
		if stopping.Stop(loss) {
			fmt.Printf("epoch %d: no better than %v for %d epochs\n", epoch, stopping.Best(), stopping.Waited())
			break
		}
	}
	// Output: epoch 3: no better than 0.5 for 2 epochs
}
