package torch

import (
	"strings"
	"sync"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// foreign has the tensors that goroutines outside of dispatch modes make or change while
// another one is in a mode: a mode that meets one does not know how.
var foreign = struct {
	sync.Mutex
	handles map[cgotorch.Handle]bool
}{handles: map[cgotorch.Handle]bool{}}

// noteForeign notes a new tensor, while some goroutine is in a mode.
func noteForeign(handle cgotorch.Handle) {
	if cgotorch.InCallback() {
		return // a mode refers to what is there
	}
	foreign.Lock()
	defer foreign.Unlock()
	if cgotorch.CurrentDispatchMode() != 0 {
		delete(foreign.handles, handle) // another tensor had the address
	} else {
		foreign.handles[handle] = true
	}
}

// noteForeignWrites notes the tensors that an operator outside of modes may change.
func (c *Call) noteForeignWrites(op *Operator) {
	if cgotorch.InCallback() || cgotorch.CurrentDispatchMode() != 0 || !strings.Contains(op.Schema(), "!)") {
		return
	}
	foreign.Lock()
	defer foreign.Unlock()
	for _, list := range [...][]*Tensor{c.few[:c.n], c.more} {
		for _, x := range list {
			if x != nil {
				foreign.handles[x.handle] = true
			}
		}
	}
}

// forgetForeign forgets them, when no goroutine is in a mode.
func forgetForeign() {
	if !cgotorch.Dispatching() {
		foreign.Lock()
		clear(foreign.handles)
		foreign.Unlock()
	}
}

// Foreign reports whether a goroutine outside of dispatch modes made or changed the tensor
// since the calling one is in its mode.
func (exports) Foreign(x *Tensor) bool {
	handle := x.use("torch.Foreign")
	defer x.release()
	foreign.Lock()
	defer foreign.Unlock()
	return foreign.handles[handle]
}
