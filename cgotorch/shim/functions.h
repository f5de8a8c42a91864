// Every function of the shim, once. This list makes the declarations
// (ctorch.h), the trampolines and the look-ups (../trampolines.c).
//
// CTORCH_FUNCTION(result, name, parameters, arguments)
// clang-format off

// --- the library

// The id of the sources the shim was built from.
CTORCH_FUNCTION(const char *, ctorch_id, (void), ())
// The version of libtorch, such as "2.15.0".
CTORCH_FUNCTION(const char *, ctorch_version, (void), ())
// Prepares libtorch; call once, first. Counts native memory from here on.
CTORCH_FUNCTION(ctorch_error *, ctorch_init, (void), ())
// Opens a shared library whose static initializers register operators.
CTORCH_FUNCTION(ctorch_error *, ctorch_library_load, (const char *path), (path))
// Frees what a status or an error carried.
CTORCH_FUNCTION(void, ctorch_free, (void *p), (p))
CTORCH_FUNCTION(void, ctorch_error_free, (ctorch_error *error), (error))

// --- operators (op.cc)

// Finds the operator that schema describes, in this libtorch, and matches its
// parameters by name. *op lives as long as the process.
CTORCH_FUNCTION(ctorch_error *, ctorch_op_find, (const char *schema, ctorch_op **op), (schema, op))
// Calls op with the values in words[0:count], in the order of the schema given
// to ctorch_op_find; missing ones are DEFAULT. The results overwrite words if
// they fit into capacity.
CTORCH_FUNCTION(ctorch_status, ctorch_op_call, (ctorch_op *op, uint64_t *words, int32_t count, int32_t capacity, int32_t mode), (op, words, count, capacity, mode))
// The schemas of every registered operator, one a line, sorted.
CTORCH_FUNCTION(ctorch_error *, ctorch_op_schemas, (char **text), (text))

// --- tensors (tensor.cc)

// Drops count references.
CTORCH_FUNCTION(void, ctorch_tensor_free, (const uint64_t *handles, int64_t count), (handles, count))
// A new CPU tensor with a copy of bytes bytes; words gets its value.
CTORCH_FUNCTION(ctorch_status, ctorch_tensor_from_data, (const void *data, int64_t bytes, const int64_t *sizes, int32_t dim, int32_t dtype, uint64_t *words), (data, bytes, sizes, dim, dtype, words))
// Copies the elements in row-major order, converted to dtype, to bytes bytes.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_copy_out, (uint64_t handle, int32_t dtype, void *data, int64_t bytes), (handle, dtype, data, bytes))
// Writes CTORCH_INFO_* words, sizes and strides to info, which has room for
// capacity words; *needed says how many there are.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_info, (uint64_t handle, int64_t *info, int32_t capacity, int32_t *needed), (handle, info, capacity, needed))

// A handle to the tensor's storage; ctorch_storage_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_storage, (uint64_t handle, uint64_t *storage), (handle, storage))
CTORCH_FUNCTION(void, ctorch_storage_free, (uint64_t storage), (storage))

// --- autograd (autograd.cc)

// words holds three LISTs and two BOOLs: outputs, their gradients (or NONE),
// inputs (may be empty), retain_graph, create_graph.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_backward, (uint64_t *words, int32_t count), (words, count))
// The same and a sixth value, BOOL allow_unused; gives a LIST of gradients.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_grad, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
// The gradient, or NONE.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_get_grad, (uint64_t handle, uint64_t *words), (handle, words))
// Sets the gradient; 0 clears it.
CTORCH_FUNCTION(ctorch_error *, ctorch_autograd_set_grad, (uint64_t handle, uint64_t grad), (handle, grad))
// The name of the node that made the tensor, such as "AddBackward0", or NULL;
// ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_autograd_node_name, (uint64_t handle, char **name), (handle, name))
// The calling thread's grad mode; set gives the mode before.
CTORCH_FUNCTION(bool, ctorch_grad_enabled, (void), ())
CTORCH_FUNCTION(bool, ctorch_grad_set_enabled, (bool enabled), (enabled))
// Enters inference mode on the calling thread and leaves it again there.
CTORCH_FUNCTION(bool, ctorch_inference_enabled, (void), ())
CTORCH_FUNCTION(void *, ctorch_inference_enter, (bool enabled), (enabled))
CTORCH_FUNCTION(void, ctorch_inference_leave, (void *guard), (guard))

// --- random numbers (random.cc)

CTORCH_FUNCTION(ctorch_error *, ctorch_manual_seed, (uint64_t seed), (seed))
// A new generator, or the device's default one.
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_new, (int32_t device_type, int32_t index, uint64_t *handle), (device_type, index, handle))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_default, (int32_t device_type, int32_t index, uint64_t *handle), (device_type, index, handle))
CTORCH_FUNCTION(void, ctorch_generator_free, (uint64_t handle), (handle))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_set_seed, (uint64_t handle, uint64_t seed), (handle, seed))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_get_seed, (uint64_t handle, uint64_t *seed), (handle, seed))
CTORCH_FUNCTION(ctorch_status, ctorch_generator_get_state, (uint64_t handle, uint64_t *words), (handle, words))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_set_state, (uint64_t handle, uint64_t state), (handle, state))

// --- devices and threads (device.cc)

// Loads libtorch_cuda from beside libtorch_cpu if a driver answers; afterwards
// *reason says in words why CUDA cannot be used, or is NULL; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_cuda_load, (char **reason), (reason))
CTORCH_FUNCTION(int32_t, ctorch_cuda_count, (void), ())
CTORCH_FUNCTION(ctorch_error *, ctorch_cuda_synchronize, (int32_t index), (index))
CTORCH_FUNCTION(ctorch_error *, ctorch_set_num_threads, (int32_t threads), (threads))
CTORCH_FUNCTION(int32_t, ctorch_num_threads, (void), ())
// The vector instructions in use: "AVX2", "AVX512", "DEFAULT", ...
CTORCH_FUNCTION(const char *, ctorch_cpu_capability, (void), ())

// --- memory and scopes (memory.cc)

// Sets the calling thread's scope and gives the one before.
CTORCH_FUNCTION(uint64_t, ctorch_scope_set, (uint64_t scope), (scope))
// Bytes of CPU memory that live tensors hold, and their peak.
CTORCH_FUNCTION(int64_t, ctorch_memory_live, (void), ())
CTORCH_FUNCTION(int64_t, ctorch_memory_peak, (void), ())
// Above this many live bytes every status says pressure.
CTORCH_FUNCTION(void, ctorch_memory_set_limit, (int64_t bytes), (bytes))

// clang-format on
