// Package kernels calls the operators of torchvision's library, which is opened at
// their first use.
package kernels

import (
	"errors"
	"io/fs"
	"os"
	"sync"

	"github.com/wangkuiyi/gotorch/internal"
	"github.com/wangkuiyi/gotorch/torch"
)

var internals = torch.Internal.Export(&internal.NotForPublicUse{})

var opening sync.Mutex

// Load opens torchvision's library, unless its operators are there already: from it,
// or from one that the program has loaded itself. Registering them twice would end
// the process. It fails with the command that installs the library if there is none.
func Load() error {
	if opNms.Supported() {
		return nil
	}
	opening.Lock()
	defer opening.Unlock()
	if opNms.Supported() {
		return nil
	}
	path, command, err := internals.TorchvisionLibrary()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return torch.Errorf("torchvision", torch.UnsupportedError,
			"its operators are not installed: %s is not there\nInstall them with: %s", path, command)
	}
	return torch.LoadLibrary(path)
}

// mustLoad panics with the error of op where Load fails.
func mustLoad(op string) {
	err := Load()
	if err == nil {
		return
	}
	message := err.Error()
	if e := (*torch.Error)(nil); errors.As(err, &e) {
		message = e.Message
	}
	panic(torch.Errorf(op, torch.UnsupportedError, "torchvision's library is needed: %s", message))
}
