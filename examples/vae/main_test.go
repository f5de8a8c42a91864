package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wangkuiyi/gotorch/internal/torchtest"
)

func TestMain(m *testing.M) { torchtest.Main(m) }

func TestPrintsWhatPythonPrints(t *testing.T) {
	var cases []struct{ Output []string }
	header := torchtest.Golden(t, "testdata/vae.json", &cases)
	var out bytes.Buffer
	require.NoError(t, command([]string{"-random"}, &out))
	torchtest.CheckLines(t, cases[0].Output, out.String(), header.Exact(), 1e-4, 1)
}
