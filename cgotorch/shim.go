package cgotorch

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

//go:embed shim/*.cc shim/*.h
var shimFiles embed.FS

// ShimSources returns the C++ sources of the shim, by file name. An installer
// builds them against a libtorch.
func ShimSources() fs.FS {
	sources, err := fs.Sub(shimFiles, "shim")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sources
}

// ShimID returns the name of the shim that this package can call: the first 16
// hexadecimal digits of the SHA-256 of its sources, in the order of their names.
func ShimID() string { return shimID() }

var shimID = sync.OnceValue(func() string {
	entries, err := shimFiles.ReadDir("shim") // sorted by name
	if err != nil {
		panic(err)
	}
	hash := sha256.New()
	for _, entry := range entries {
		data, err := shimFiles.ReadFile("shim/" + entry.Name())
		if err != nil {
			panic(err)
		}
		hash.Write(data)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
})
