package torchtest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/wangkuiyi/gotorch/torch"
)

// Refused is a call and the error that it must panic with.
type Refused struct {
	Call  func()
	Kind  torch.ErrorKind // Python's exception, where it has one
	Words string          // within the message
}

// AllRefused makes calls, each a test of its name. A panic with anything else than
// a *[torch.Error], such as an error of Go's runtime, fails it.
func AllRefused(t *testing.T, calls map[string]Refused) {
	t.Helper()
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if v := recover(); v != nil {
					t.Errorf("panics with a %T: %v", v, v)
				}
			}()
			e := Fails(t, c.Call)
			assert.Equal(t, c.Kind, e.Kind, e)
			assert.Contains(t, e.Error(), c.Words)
		})
	}
}
