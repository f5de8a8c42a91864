package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// ManualSeed seeds the default generators of all devices.
func ManualSeed(seed uint64) *Error {
	mustLoad()
	return takeError(C.ctorch_manual_seed(C.uint64_t(seed)))
}

// NewGenerator makes a generator for a device.
func NewGenerator(deviceType, index int32) (Handle, *Error) {
	mustLoad()
	var handle C.uint64_t
	err := takeError(C.ctorch_generator_new(C.int32_t(deviceType), C.int32_t(index), &handle))
	return Handle(handle), err
}

// DefaultGenerator returns a device's default generator.
func DefaultGenerator(deviceType, index int32) (Handle, *Error) {
	mustLoad()
	var handle C.uint64_t
	err := takeError(C.ctorch_generator_default(C.int32_t(deviceType), C.int32_t(index), &handle))
	return Handle(handle), err
}

// FreeGenerator drops a reference.
func FreeGenerator(generator Handle) { C.ctorch_generator_free(C.uint64_t(generator)) }

// GeneratorDevice returns the generator's device.
func GeneratorDevice(generator Handle) (deviceType, index int32) {
	word := uint64(C.ctorch_generator_device(C.uint64_t(generator)))
	return int32(word), int32(word >> 32)
}

// SetSeed seeds the generator.
func SetSeed(generator Handle, seed uint64) *Error {
	return takeError(C.ctorch_generator_set_seed(C.uint64_t(generator), C.uint64_t(seed)))
}

// Seed returns the seed that the generator was last given.
func Seed(generator Handle) (uint64, *Error) {
	var seed C.uint64_t
	err := takeError(C.ctorch_generator_get_seed(C.uint64_t(generator), &seed))
	return uint64(seed), err
}

// GeneratorState returns the generator's state, a tensor of bytes, and the scope
// in force.
func GeneratorState(generator Handle) (state Handle, scope uint64, err *Error) {
	var words [2]uint64
	status := C.ctorch_generator_get_state(C.uint64_t(generator), (*C.uint64_t)(&words[0]))
	if status.error != nil {
		return 0, 0, takeError(status.error)
	}
	return Handle(words[1]), uint64(status.scope), nil
}

// SetGeneratorState sets the generator's state.
func SetGeneratorState(generator, state Handle) *Error {
	return takeError(C.ctorch_generator_set_state(C.uint64_t(generator), C.uint64_t(state)))
}
