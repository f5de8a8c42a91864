// What cgo compiles against: the shim's functions and the loader.
#ifndef CGOTORCH_TRAMPOLINES_H
#define CGOTORCH_TRAMPOLINES_H

#include "shim/ctorch.h"

// Opens the shim at path if it was built from the sources with the given id.
// Returns NULL, or what went wrong; free it.
__attribute__((visibility("hidden"))) char* cgotorch_open(const char* path, const char* id);

// Whether libtorch called the Go code that runs on this thread.
__attribute__((visibility("hidden"))) bool cgotorch_in_callback(void);

// The number of modes that the thread's goroutine is in: nest adds one if it is in some
// and says whether, begin says that it is in one, end takes one off and says whether
// that was the last.
__attribute__((visibility("hidden"))) bool cgotorch_modes_nest(void);
__attribute__((visibility("hidden"))) void cgotorch_modes_begin(void);
__attribute__((visibility("hidden"))) bool cgotorch_modes_end(void);

// Sleeps. Unlike Go's time.Sleep it does so in a test of testing/synctest, too.
__attribute__((visibility("hidden"))) void cgotorch_sleep(int microseconds);

// The machine's clock in nanoseconds, which runs in such a test, too.
__attribute__((visibility("hidden"))) int64_t cgotorch_now(void);

// What the thread holds for Go: numbers of devices, in two slots, at first 0.
__attribute__((visibility("hidden"))) uint32_t cgotorch_thread_device(int32_t slot);

// Sets one and returns the one before.
__attribute__((visibility("hidden"))) uint32_t cgotorch_thread_device_set(int32_t slot, uint32_t device);

// ctorch_op_call, whose outcome goes to *status. What it takes and gives says nothing
// of pointers in memory of Go, so cgo neither looks for them nor allows for a stack
// that has moved.
__attribute__((visibility("hidden"))) void cgotorch_op_call(uint64_t op, uint64_t* words, int32_t count,
                                                            int32_t capacity, int32_t mode, uint64_t* status);

// ctorch_op_call under a name of its own: cgo is told of that one that it never
// calls Go.
__attribute__((visibility("hidden"))) ctorch_status cgotorch_op_call_go(ctorch_op* op, uint64_t* words, int32_t count,
                                                                        int32_t capacity, int32_t mode);

// The same for ctorch_plan_run.
__attribute__((visibility("hidden"))) ctorch_status cgotorch_plan_run_go(ctorch_plan* plan, uint64_t* words,
                                                                         int32_t count, int32_t capacity);

#endif
