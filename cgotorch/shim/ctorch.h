// The C interface between Go and libtorch: types here, functions in
// functions.h. It is C, so that cgo reads it without libtorch's headers.
//
// Rules of the seam:
//   - No C++ exception leaves a function; errors come back by value in the same
//     call and are freed with ctorch_error_free.
//   - No function keeps a pointer that it was given, except handles, which it
//     owns by reference count.
//   - Arguments and results travel as flat 64-bit words, described below, so
//     that one function serves every operator.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stdint.h>

// The libtorch whose operator schemas the Go side is written from.
#define CTORCH_SCHEMA_VERSION "2.15.0"

// A word sequence is a run of values. Each value starts with a head word, a tag
// in its low 8 bits and a count above them, followed by its payload:
//
//   DEFAULT, NONE              no payload
//   BOOL, INT                  one word
//   UINT                       one word, an integer above those of INT
//   FLOAT                      one word, the bits of a double
//   COMPLEX                    two words, the bits of two doubles
//   STRING                     count bytes, padded to whole words
//   DEVICE                     one word, type in the low 32 bits, index above
//   TENSOR, GENERATOR, STORAGE one word, a handle; 0 means closed
//   LIST                       count values
//   UNDEFINED                  no payload; a tensor that libtorch calls undefined
//   SLOT                       one word, the number of a value, in a plan
//   OBJECT                     one word, a handle to an object of a class; 0 means closed
//   DICT                       count pairs of values, each a key and what it has
//   TUPLE                      count values
//
// Dtypes, layouts and memory formats are INT, as in libtorch's own schemas.
enum {
  CTORCH_DEFAULT = 0,
  CTORCH_NONE = 1,
  CTORCH_BOOL = 2,
  CTORCH_INT = 3,
  CTORCH_FLOAT = 4,
  CTORCH_COMPLEX = 5,
  CTORCH_STRING = 6,
  CTORCH_DEVICE = 7,
  CTORCH_TENSOR = 8,
  CTORCH_GENERATOR = 9,
  CTORCH_STORAGE = 10,
  CTORCH_LIST = 11,
  CTORCH_UINT = 12,
  CTORCH_UNDEFINED = 13,
  CTORCH_SLOT = 14,
  CTORCH_OBJECT = 15,
  CTORCH_DICT = 16,
  CTORCH_TUPLE = 17,
};

// What went wrong, after the class of libtorch's exception.
enum {
  CTORCH_ERROR_RUNTIME = 0,
  CTORCH_ERROR_INDEX = 1,
  CTORCH_ERROR_VALUE = 2,
  CTORCH_ERROR_TYPE = 3,
  CTORCH_ERROR_NOT_IMPLEMENTED = 4,
  CTORCH_ERROR_OUT_OF_MEMORY = 5,
  CTORCH_ERROR_LINALG = 6,
  CTORCH_ERROR_UNSUPPORTED = 7,  // this libtorch lacks the op or the argument
  CTORCH_ERROR_CLOSED = 8,       // an argument is a closed handle
};

typedef struct {
  int32_t kind;
  char* message;    // UTF-8, without a C++ stack trace
  char* arguments;  // "self float32[2, 3], alpha 1", or NULL
  uint64_t panic;   // the panic of a Go function in Go's table, or 0
} ctorch_error;

// The outcome of a call that gives words.
typedef struct {
  ctorch_error* error;  // NULL on success
  uint64_t* spill;      // the results, when they did not fit: ctorch_free it
  uint64_t scope;       // the calling thread's scope, 0 for none
  int32_t count;        // how many words of results
  int32_t pressure;     // 1 when native memory is above its limit
} ctorch_status;

// Bits of a call's mode.
enum {
  CTORCH_MODE_DISCARD = 1,   // do not give the results
  CTORCH_MODE_NO_GRAD = 2,   // run with gradients off
  CTORCH_MODE_CALLS_GO = 4,  // the call may call Go functions
  // Run what the operator does below autograd, as its gradient does.
  CTORCH_MODE_BELOW_AUTOGRAD = 8,
};

// What a Go function is asked for that is an operator.
enum {
  CTORCH_KERNEL_COMPUTE = 0,  // the results
  CTORCH_KERNEL_RECORD = 1,   // the results, as a part of autograd's graph
  CTORCH_KERNEL_BATCH = 2,    // the results for a batch
};

// The transforms of torch.func, and how random operators behave within vmap.
enum {
  CTORCH_TRANSFORM_VMAP = 0,
  CTORCH_TRANSFORM_GRAD = 1,
  CTORCH_TRANSFORM_JVP = 2,
};
enum {
  CTORCH_RANDOMNESS_ERROR = 0,
  CTORCH_RANDOMNESS_SAME = 1,
  CTORCH_RANDOMNESS_DIFFERENT = 2,
};

// What ctorch_tensor_info writes before sizes and strides.
enum {
  CTORCH_INFO_DTYPE = 0,
  CTORCH_INFO_DEVICE = 1,  // as in a DEVICE word
  CTORCH_INFO_DIM = 2,
  CTORCH_INFO_NUMEL = 3,
  CTORCH_INFO_FLAGS = 4,
  CTORCH_INFO_ITEM_SIZE = 5,
  CTORCH_INFO_OFFSET = 6,
  CTORCH_INFO_LAYOUT = 7,
  CTORCH_INFO_STORAGE_BYTES = 8,
  CTORCH_INFO_HEAD = 9,  // sizes start here, strides follow them
};

// Settings of the process. A truth value is 0 or 1.
enum {
  CTORCH_SETTING_DTYPE = 0,            // the default dtype's number
  CTORCH_SETTING_DETERMINISTIC = 1,    // 0: no, 1: warn where an operator is not, 2: refuse it
  CTORCH_SETTING_PRECISION = 2,        // of products of float32 matrices; 0: highest, 1: high, 2: medium
  CTORCH_SETTING_FLUSH_DENORMAL = 3,   // cannot be read
  CTORCH_SETTING_INTEROP_THREADS = 4,  // how many
  CTORCH_SETTING_WARN_ALWAYS = 5,      // whether what warns once does so again
  CTORCH_SETTING_FILL_UNINITIALIZED = 6,

  // Products of matrices on CUDA.
  CTORCH_SETTING_CUBLAS_TF32 = 10,
  CTORCH_SETTING_CUBLAS_FP16_REDUCTION = 11,  // of sums; 0: allowed, 1: not, 2: not, nor split-k
  CTORCH_SETTING_CUBLAS_BF16_REDUCTION = 12,
  CTORCH_SETTING_CUBLAS_FP16_ACCUMULATION = 13,
  CTORCH_SETTING_BLAS_LIBRARY = 14,    // libtorch's number
  CTORCH_SETTING_LINALG_LIBRARY = 15,  // libtorch's number

  CTORCH_SETTING_CUDNN = 20,
  CTORCH_SETTING_CUDNN_BENCHMARK = 21,
  CTORCH_SETTING_CUDNN_BENCHMARK_LIMIT = 22,  // how many algorithms are tried, 0 for all
  CTORCH_SETTING_CUDNN_DETERMINISTIC = 23,
  CTORCH_SETTING_CUDNN_TF32 = 24,

  CTORCH_SETTING_MKLDNN = 30,
  CTORCH_SETTING_MKLDNN_DETERMINISTIC = 31,
  CTORCH_SETTING_MKLDNN_TF32 = 32,
  CTORCH_SETTING_NNPACK = 33,
  CTORCH_SETTING_MKL_VERBOSE = 34,     // 0 or 1: print calls; cannot be read
  CTORCH_SETTING_MKLDNN_VERBOSE = 35,  // 0, 1 or 2, with what is made; cannot be read

  // The kernels of scaled_dot_product_attention that it may take.
  CTORCH_SETTING_SDP_MATH = 40,
  CTORCH_SETTING_SDP_FLASH = 41,
  CTORCH_SETTING_SDP_MEM_EFFICIENT = 42,
  CTORCH_SETTING_SDP_CUDNN = 43,
  CTORCH_SETTING_SDP_OVERRIDEABLE = 44,
  CTORCH_SETTING_SDP_REDUCED_MATH = 45,  // the sums of MATH in Float16 and BFloat16
  CTORCH_SETTING_SDP_ORDER = 46,         // their numbers, 4 bits each, the first in the lowest

  // How exactly float32 is computed with: libtorch's number of a precision. Above the base
  // are libtorch's numbers of a backend, times 4, and of a kind of operator.
  CTORCH_SETTING_FLOAT32 = 60,
  CTORCH_SETTING_FLOAT32_END = 72,

  // What libtorch was built with and finds; cannot be set.
  CTORCH_SETTING_HAS_CUDNN = 80,
  CTORCH_SETTING_CUDNN_VERSION = 81,
  CTORCH_SETTING_HAS_MKL = 82,
  CTORCH_SETTING_HAS_MKLDNN = 83,
  CTORCH_SETTING_HAS_OPENMP = 84,
  CTORCH_SETTING_HAS_LAPACK = 85,
  CTORCH_SETTING_HAS_MAGMA = 86,
};

// What the methods of a program change; bits.
enum {
  CTORCH_CHANGES_ATTRIBUTES = 1,  // so that none may run beside another
  CTORCH_CHANGES_TENSORS = 2,     // which tensor a parameter or a buffer is
};

// Bits of CTORCH_INFO_FLAGS.
enum {
  CTORCH_FLAG_REQUIRES_GRAD = 1,
  CTORCH_FLAG_LEAF = 2,
  CTORCH_FLAG_CONTIGUOUS = 4,
  CTORCH_FLAG_INFERENCE = 8,
};

// Autocast for a type of device, but for cache, which is for all.
typedef struct {
  bool enabled;
  bool cache;     // keep the casts of weights
  int32_t dtype;  // of the operators that run in lower precision
} ctorch_autocast;

typedef struct ctorch_op ctorch_op;
typedef struct ctorch_plan ctorch_plan;
typedef struct ctorch_trace ctorch_trace;
typedef struct ctorch_module ctorch_module;
typedef struct ctorch_aoti ctorch_aoti;

// Where a Go function that libtorch calls puts what it gives: ctorch_reply_set,
// or ctorch_reply_panic.
typedef struct ctorch_reply ctorch_reply;

// Calls a function of Go's table. words holds what the function is for; handles are
// Go's from then on. scope is the calling thread's. False says that too many such calls
// are in each other, and nothing has happened then.
typedef bool (*ctorch_go_function)(uint64_t function, uint64_t* words, int32_t count, uint64_t scope,
                                   ctorch_reply* reply);

#ifdef __cplusplus
extern "C" {
#endif

#if defined(CTORCH_SHIM_ID)
#define CTORCH_VISIBLE __attribute__((visibility("default")))
#else
#define CTORCH_VISIBLE __attribute__((visibility("hidden")))
#endif
#define CTORCH_FUNCTION(result, name, parameters, arguments) CTORCH_VISIBLE result name parameters;
#include "functions.h"
#undef CTORCH_FUNCTION

#ifdef __cplusplus
}
#endif

#endif
