package torch

import (
	"sync/atomic"

	"github.com/wangkuiyi/gotorch/cgotorch"
)

// deviceMode is a device that a program sets for all goroutines, and that a mode of a
// goroutine may replace.
type deviceMode struct {
	slot cgotorch.ThreadDevice // where a thread in such a mode holds its device

	// state holds the device of all in its low bits and above them how many modes run, in
	// whatever goroutines. It is 0 most of the time, and then nobody looks further.
	state atomic.Int64
}

// oneMode is what a running mode adds to the state.
const oneMode = 1 << 16

// word returns the device as a number of 16 bits, which is 0 for the zero Device.
func (d Device) word() uint32 { return uint32(d.kind)<<8 | uint32(uint8(d.index)) }

func deviceOfWord(word uint32) Device { return Device{kind: uint8(word >> 8), index: int8(word)} }

// set sets the device of all goroutines that are in no mode.
func (m *deviceMode) set(device Device) {
	for {
		old := m.state.Load()
		if m.state.CompareAndSwap(old, old/oneMode*oneMode+int64(device.word())) {
			return
		}
	}
}

// with calls f with another device, on a thread that is the goroutine's own meanwhile.
func (m *deviceMode) with(device Device, f func()) {
	cgotorch.LockThread()
	defer cgotorch.UnlockThread()
	before := m.slot.Set(device.word())
	m.state.Add(oneMode)
	defer func() {
		m.state.Add(-oneMode)
		m.slot.Set(before)
	}()
	f()
}

// get returns the calling goroutine's device, or the zero Device where none was set.
func (m *deviceMode) get() Device {
	state := m.state.Load()
	if state == 0 {
		return Device{}
	}
	if state >= oneMode {
		if word := m.slot.Get(); word != 0 {
			return deviceOfWord(word)
		}
	}
	return deviceOfWord(uint32(state % oneMode))
}
