package cgotorch

/*
#include "trampolines.h"
*/
import "C"

// Transform is a transform of a function, as torch.func's.
type Transform int32

// The transforms.
const (
	TransformVmap Transform = C.CTORCH_TRANSFORM_VMAP
	TransformGrad Transform = C.CTORCH_TRANSFORM_GRAD
	TransformJVP  Transform = C.CTORCH_TRANSFORM_JVP
)

// Randomness says what random operators do within TransformVmap.
type Randomness int32

// The kinds of randomness.
const (
	RandomnessError     Randomness = C.CTORCH_RANDOMNESS_ERROR
	RandomnessSame      Randomness = C.CTORCH_RANDOMNESS_SAME
	RandomnessDifferent Randomness = C.CTORCH_RANDOMNESS_DIFFERENT
)

// EnterTransform adds a layer to the calling thread's and returns its level. batch
// and randomness are for TransformVmap. The goroutine must be locked to its thread
// until it has called LeaveTransform.
func EnterTransform(kind Transform, batch int, randomness Randomness) (level int, err *Error) {
	mustLoad()
	var number C.int64_t
	err = takeError(C.ctorch_transform_enter(C.int32_t(kind), C.int64_t(batch), C.int32_t(randomness), &number))
	return int(number), err
}

// LeaveTransform takes the latest layer away.
func LeaveTransform() { C.ctorch_transform_leave() }

// Batch returns a tensor that hides a dimension from the layer's function. args
// holds the level, the tensor and the dimension.
func Batch(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_transform_batch(words, count, capacity)
	})
}

// Unbatch shows the dimension again. args holds the level, the tensor, the
// dimension's size and where to put it.
func Unbatch(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_transform_unbatch(words, count, capacity)
	})
}

// Wrap returns a tensor that only the layer differentiates. args holds the level,
// the tensor and whether it requires gradients.
func Wrap(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_transform_wrap(words, count, capacity)
	})
}

// Unwrap returns the tensor that Wrap got. args holds the level and the tensor.
func Unwrap(args *Args) (Results, *Error) {
	return visit(args, func(words *C.uint64_t, count, capacity C.int32_t) C.ctorch_status {
		return C.ctorch_transform_unwrap(words, count, capacity)
	})
}
