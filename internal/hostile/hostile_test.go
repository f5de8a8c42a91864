package hostile

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed int
}

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }

var kept []byte

func TestRead(t *testing.T) {
	if sanitized {
		t.Skip("a sanitizer takes memory, too")
	}
	r := &recorder{TB: t}
	Read(r, 1<<20, func() { kept = make([]byte, 80<<20) })
	assert.Zero(t, r.failed)
	Read(r, 1<<20, func() {
		for range 4 {
			kept = make([]byte, 80<<20) // of which Go may collect three
		}
	})
	assert.Equal(t, 1, r.failed)
	kept = nil
}
