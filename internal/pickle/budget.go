package pickle

import (
	"errors"
	"fmt"
)

// ErrBudget is the error of a [Budget] that is used up.
var ErrBudget = errors.New("what the file makes takes more memory than it may")

// Budget is how many bytes of memory may be taken, by all that a file makes
// together. What was taken stays so when it is garbage: then the garbage that is not
// collected yet is within the budget, too. Nil allows any number.
type Budget struct{ left, limit int64 }

// NewBudget returns a budget of so many bytes.
func NewBudget(limit int64) *Budget { return &Budget{limit, limit} }

// Take takes bytes, before they are allocated. It fails if there are not so many
// left.
func (b *Budget) Take(bytes int) error {
	if b == nil {
		return nil
	}
	if b.left -= int64(bytes); b.left < 0 {
		return fmt.Errorf("%w: more than %d bytes", ErrBudget, b.limit)
	}
	return nil
}

// What values take in Go's memory.
const (
	word     = 8
	value    = 2 * word // in a slice, besides what it refers to
	slice    = 3 * word
	dictSize = 6 * word // as Go's allocator rounds it
	batch    = 1000     // how many items Python's files put into a list or a dict at once
)
