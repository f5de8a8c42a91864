package serve

import (
	"errors"
	"sync"
)

// errMemory is the error of a request for which there is no memory now.
var errMemory = errors.New("serve: the requests that are served now take all memory that they may")

// budget is how much memory requests may hold together.
type budget struct {
	mutex      sync.Mutex
	used, most int
}

// held returns how much is held.
func (b *budget) held() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.used
}

// claim is what one request holds.
type claim struct {
	budget *budget
	bytes  int
}

// reserve adds to the claim, or fails if there is not so much.
func (c *claim) reserve(bytes int) error {
	c.budget.mutex.Lock()
	defer c.budget.mutex.Unlock()
	if bytes > c.budget.most-c.budget.used {
		return errMemory
	}
	c.budget.used += bytes
	c.bytes += bytes
	return nil
}

// release ends the claim.
func (c *claim) release() {
	c.budget.mutex.Lock()
	defer c.budget.mutex.Unlock()
	c.budget.used -= c.bytes
	c.bytes = 0
}
