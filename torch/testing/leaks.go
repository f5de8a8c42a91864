package testing

import (
	"testing"

	"github.com/wangkuiyi/gotorch/internal/live"
	"github.com/wangkuiyi/gotorch/torch/internal/argument"
)

// CheckLeaks fails the test at its end if tensors are alive that were made after this
// call: those that something still refers to, such as a variable of the package, a map or
// a goroutine. What the garbage collector can free is none, so the check runs it. In a
// test that calls Parallel the tensors of others count, too, so that it must not.
//
// It has no counterpart in PyTorch.
func CheckLeaks(t testing.TB) {
	argument.NotNil("testing.CheckLeaks", "t", t)
	t.Helper()
	before := live.Settled()
	t.Cleanup(func() {
		t.Helper()
		if n := live.Settled() - before; n > 0 {
			t.Errorf("the test left %d tensors alive: Close them, make them in a torch.Scope, or let go of what refers to them", n)
		}
	})
}
