package rnn_test

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
	"github.com/wangkuiyi/gotorch/torch"
	"github.com/wangkuiyi/gotorch/torch/nn"
	"github.com/wangkuiyi/gotorch/torch/nn/utils/rnn"
)

func TestNilSequencesAreRefused(t *testing.T) {
	of := func(call func()) torchtest.Refused {
		return torchtest.Refused{Call: call, Kind: torch.TypeError, Words: "the sequence must not be nil"}
	}
	torchtest.AllRefused(t, map[string]torchtest.Refused{
		"PadPackedSequence": of(func() { rnn.PadPackedSequence(nil) }),
		"UnpackSequence":    of(func() { rnn.UnpackSequence(nil) }),
		"LSTM":              of(func() { nn.NewLSTM(1, 1).ForwardPacked(nil, nil) }),
	})
}
