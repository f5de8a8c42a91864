// Package scripts holds the installer of libtorch, so that cmd/gotorch can run it
// where only the module was downloaded.
package scripts

import (
	"embed"
	"io/fs"
)

// InstallerName is the file in [Installer] that bash runs.
const InstallerName = "install_libtorch.sh"

//go:embed install_libtorch.sh libtorch_pins.txt pin_libtorch.py unpack_wheels.py
var installer embed.FS

// Installer returns the installer of libtorch and the files that it reads, which
// lie beside it.
func Installer() fs.FS { return installer }
