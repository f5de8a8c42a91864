//go:build soak

package main

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A training that is killed at a random moment, and resumed, ends as one that was
// not, bit for bit.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "mnist")
	output, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	command := func(out string) *exec.Cmd {
		return exec.Command(program, "-resume", "-out", out, "-model", "mlp", "-optimizer", "adam", "-batch", "1000", "-epochs", "6")
	}
	finish := func(out string) {
		t.Helper()
		output, err := command(out).CombinedOutput()
		require.NoError(t, err, "%s", output)
	}
	whole := filepath.Join(dir, "whole")
	start := time.Now()
	finish(whole)
	took := time.Since(start)
	want := readCheckpoint(t, whole)

	const kills = 50
	hit, epochs := 0, map[int]int{} // those that were not too late, by the epochs that were done
	for hit < kills {
		out := t.TempDir()
		cmd := command(out)
		require.NoError(t, cmd.Start())
		time.Sleep(rand.N(took))
		_ = cmd.Process.Kill() // it may have ended
		if cmd.Wait() == nil {
			continue
		}
		hit++
		if files, _ := filepath.Glob(filepath.Join(out, "checkpoint.pt")); len(files) == 1 {
			epochs[readCheckpoint(t, out).Place.Epoch]++
		} else {
			epochs[0]++
		}
		finish(out)
		assertSame(t, want, readCheckpoint(t, out))
	}
	t.Logf("%d kills; by epochs that were done: %v", hit, epochs)
}

// The trainings that the README tells of, whole.
func TestREADMECurves(t *testing.T) { compareCurves(t, true) }
