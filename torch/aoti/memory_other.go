//go:build !linux

package aoti

import (
	"errors"
	"os"
)

// memoryFile fails: only Linux has files in memory.
func memoryFile() (file *os.File, path string, err error) { return nil, "", errors.ErrUnsupported }

// giveBack does nothing.
func giveBack(*os.File, int64, int64) {}
