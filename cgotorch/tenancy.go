package cgotorch

import "sync"

// A tenancy is of something in libtorch that calls use, and that may be freed at any
// moment: that is done when the last call has ended.
type tenancy struct {
	free func() // frees it; called once, while nobody uses it

	mutex sync.Mutex
	users int // calls that have not ended
	over  bool
}

// enter reports whether it is there, and keeps it until leave.
func (t *tenancy) enter() bool {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if !t.over {
		t.users++
	}
	return !t.over
}

func (t *tenancy) leave() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.users--
	if t.over && t.users == 0 {
		t.free()
	}
}

// end frees it, now or when the last call has ended; another end does nothing.
func (t *tenancy) end() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if !t.over && t.users == 0 {
		t.free()
	}
	t.over = true
}
