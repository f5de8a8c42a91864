package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// manifest is what the installer writes about an installation, in libtorch.json.
type manifest struct {
	Version  string `json:"version"`
	Variant  string `json:"variant"`
	Source   string `json:"source"`
	Platform string `json:"platform"`
	CXX11ABI bool   `json:"cxx11_abi"`
	CUDA     bool   `json:"cuda"`
}

// readManifest returns an installation's manifest, or the zero value where there
// is none that can be read.
func readManifest(dir string) manifest {
	var m manifest
	if data, err := os.ReadFile(filepath.Join(dir, "libtorch.json")); err != nil || json.Unmarshal(data, &m) != nil {
		return manifest{}
	}
	return m
}

// String gives version and variant in words.
func (m manifest) String() string {
	if m.Version == "" {
		return "of unknown version"
	}
	return m.Version + " (" + m.Variant + ")"
}
