//go:build linux

package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The workflows call targets and files that there are.
func TestWorkflowsCallTargets(t *testing.T) {
	makefile, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	files, err := filepath.Glob("../.github/workflows/*.yml")
	require.NoError(t, err)
	require.Len(t, files, 3)
	called := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		targets := regexp.MustCompile(`(?m)\bmake (?:--silent )?([a-z0-9-]+)`).FindAllStringSubmatch(string(text), -1)
		for _, list := range regexp.MustCompile(`(?m)^ *target: \[(.*)\]$`).FindAllStringSubmatch(string(text), -1) {
			for name := range strings.SplitSeq(list[1], ", ") {
				targets = append(targets, []string{"", name})
			}
		}
		for _, target := range targets {
			assert.Contains(t, string(makefile), "\n"+target[1]+":", path)
			called++
		}
	}
	assert.Greater(t, called, 8)
	assert.FileExists(t, "../.ci/run")
}

// output runs a script, which must end with the given status.
func output(t *testing.T, status int, environment []string, arguments ...string) string {
	t.Helper()
	cmd := exec.Command("bash", arguments...)
	cmd.Env = append(os.Environ(), environment...)
	out, _ := cmd.CombinedOutput() // the status says how it ended
	require.Equal(t, status, cmd.ProcessState.ExitCode(), string(out))
	return string(out)
}

func TestReleaseNotes(t *testing.T) {
	notes := output(t, 0, nil, "release_notes.sh", "Unreleased")
	for _, words := range []string{"# gotorch Unreleased\n\nThe first version.\n", "\n## Versions\n\nGo 1.26.0 or newer. `gotorch install` takes libtorch 2.15.0; 1.13.1 to 2.15 are tested.\n",
		"\n| platform | state |\n", "\n| Linux x86-64, libtorch 2.15.0 CPU | "} {
		assert.Contains(t, notes, words)
	}
	assert.Contains(t, output(t, 1, nil, "release_notes.sh", "v9.9.9"), "CHANGELOG.md has no section \"## v9.9.9\"")
	assert.Contains(t, output(t, 2, nil, "release_notes.sh"), "name a version: make release-notes VERSION=v0.1.0")
}

// Where the database cannot be read, nothing counts as checked.
func TestVulncheckWithoutDatabase(t *testing.T) {
	fake := filepath.Join(t.TempDir(), "go")
	require.NoError(t, os.WriteFile(fake, []byte("#!/bin/sh\necho \"$@\" >>\"$0.log\"\necho \"Scanner: x\"\necho \"DB: file:///none\"\n[ -z \"$UPDATED\" ] || echo \"DB updated: 2026-11-01\"\n"), 0o755))
	out := output(t, 1, []string{"GO=" + fake, "VULNDB=file:///none"}, "vulncheck.sh")
	assert.Contains(t, out, "vulncheck: nothing was checked, as the database of weaknesses cannot be read: file:///none\n")
	assert.Contains(t, out, "make vulncheck VULNDB=file:///path/to/it")
	output(t, 0, []string{"GO=" + fake, "UPDATED=yes"}, "vulncheck.sh")
	log, err := os.ReadFile(fake + ".log")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	require.Len(t, lines, 3)
	assert.Contains(t, lines[0], " -db=file:///none -version")
	assert.True(t, strings.HasSuffix(lines[2], " ./..."))
}
