package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A training that goes on stops where a whole one does, and leaves the same table.
func TestFollower(t *testing.T) {
	s := &session{options: options{patience: 2, csv: filepath.Join(t.TempDir(), "epochs.csv")}}
	results := []epochResult{{2, 0.5, 1, 0.6}, {1.5, 0.5, 0.75, 0.7}, {1, 0.6, 0.75, 0.7}, {0.5, 0.7, 1, 0.65}}
	for i, r := range results {
		f, err := newFollower(s)
		require.NoError(t, err)
		assert.False(t, f.done, i)
		require.NoError(t, f.epoch(i+1, r))
		assert.Equal(t, i == 3, f.done, i)
		require.NoError(t, f.close())
		s.History = append(s.History, r)
	}
	f, err := newFollower(s)
	require.NoError(t, err)
	assert.True(t, f.done)
	require.NoError(t, f.close())
	text, err := os.ReadFile(s.csv)
	require.NoError(t, err)
	assert.Equal(t, "epoch,train_loss,train_accuracy,loss,accuracy\n1,2,0.5,1,0.6\n2,1.5,0.5,0.75,0.7\n3,1,0.6,0.75,0.7\n4,0.5,0.7,1,0.65\n", string(text))

	s.csv = filepath.Join(s.csv, "nowhere")
	_, err = newFollower(s)
	assert.ErrorContains(t, err, "nowhere")
	_, err = parse([]string{"-patience", "-1"}, new(bytes.Buffer))
	assert.ErrorContains(t, err, "-patience is -1, want 0 or more")
}

// A network that learns nothing stops the training.
func TestPatience(t *testing.T) {
	o := toyOptions("")
	o.model, o.epochs, o.patience, o.lr = "mlp", 9, 1, 1e-30
	sets := toySets()
	sets.classes = make([]string, 10) // it may take any for the right one
	var out bytes.Buffer
	require.NoError(t, train(t.Context(), o, sets, &out, t.Output()))
	assert.Equal(t, 2, strings.Count(out.String(), "Epoch "), out.String())
	assert.Contains(t, out.String(), "Stopped: no validation loss below ")
}
