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
// Opens a shared library whose static initializers register operators. If that is
// lazy, functions are looked for when they are called; else all must be there now.
CTORCH_FUNCTION(ctorch_error *, ctorch_library_load, (const char *path, bool lazy), (path, lazy))
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
// Whether a call that failed for want of memory may be made again: the operator
// writes to no argument and draws no random numbers.
CTORCH_FUNCTION(bool, ctorch_op_repeatable, (const ctorch_op *op), (op))
// The schemas of every registered operator, one a line, sorted.
CTORCH_FUNCTION(ctorch_error *, ctorch_op_schemas, (char **text), (text))

// --- operators that Go defines (definition.cc)

// The schema as libtorch writes it; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_schema_text, (const char *schema, char **text), (schema, text))
// Defines an operator, as long as the process lives. The Go function gets an INT,
// CTORCH_KERNEL_*, and the arguments in the schema's order, and gives the results. For
// BATCH there are before the arguments an INT, the size, and a LIST that has for each
// tensor among the arguments the batch's dimension, an INT, or NONE; and before the
// results a LIST of the same for each tensor among these. A composite operator is made
// of others, which have the gradients; only COMPUTE is asked for.
CTORCH_FUNCTION(ctorch_error *, ctorch_define, (const char *schema, uint64_t function, bool composite, uint64_t *definition), (schema, function, composite, definition))
// Lets autocast for a type of device, the CPU or CUDA, cast the operator's arguments to a
// dtype; -1 for none.
CTORCH_FUNCTION(void, ctorch_definition_cast, (uint64_t definition, int32_t device_type, int32_t dtype), (definition, device_type, dtype))

// --- plans (trace.cc, plan.cc, plan_run.cc)

// A trace tells tensors apart while a program is recorded; ctorch_trace_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_trace_new, (ctorch_trace **trace), (trace))
CTORCH_FUNCTION(void, ctorch_trace_free, (ctorch_trace *trace), (trace))
// A tensor of the same layout without memory, the same for the same tensor as long as its
// layout stays, of one storage for tensors that share theirs; ctorch_tensor_free it. The trace keeps only the address.
CTORCH_FUNCTION(ctorch_error *, ctorch_trace_stand, (ctorch_trace *trace, uint64_t handle, uint64_t *stand), (trace, handle, stand))

// Makes a plan of a program that was recorded. words holds six LISTs:
//   - the tensors that its values were;
//   - for each an INT and a BOOL, whether it requires gradients. The INT is what it is: 0 computed, 1 an input, 2 a constant, 3 the gradient
//     of a constant; above the low 8 bits which input, or of which value;
//   - the nodes: of each a LIST of the operator's address, an INT; two BOOLs, whether it runs
//     with gradients on and whether its results are memory without values; its results, a LIST
//     of SLOTs, NONE, or LISTs of these; and its arguments;
//   - the results, SLOTs;
//   - the gradients that it leaves, LISTs of a constant and a value, or NONE;
//   - constants that must have no gradient before.
// The plan keeps the constants. ctorch_plan_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_plan_new, (const uint64_t *words, int32_t count, ctorch_plan **plan), (words, count, plan))
// Frees a plan that nobody runs.
CTORCH_FUNCTION(void, ctorch_plan_free, (ctorch_plan *plan), (plan))
// How much memory each of its instances plans, in bytes.
CTORCH_FUNCTION(int64_t, ctorch_plan_bytes, (const ctorch_plan *plan), (plan))
// Lets it be recorded as a CUDA graph by its third run, which later ones replay. Fails where
// it cannot be.
CTORCH_FUNCTION(ctorch_error *, ctorch_plan_record, (ctorch_plan *plan), (plan))
// Whether it has operators that may call Go, all but libtorch's own.
CTORCH_FUNCTION(bool, ctorch_plan_calls_go, (const ctorch_plan *plan), (plan))
// Runs it. words holds a LIST of inputs; gives a LIST of results. Where it fails, count is
// the node that did, or -1 where the inputs do not fit and nothing was done. calls_go says
// whether operators may call Go.
CTORCH_FUNCTION(ctorch_status, ctorch_plan_run, (ctorch_plan *plan, uint64_t *words, int32_t count, int32_t capacity, bool calls_go), (plan, words, count, capacity, calls_go))

// --- TorchScript (jit.cc)

// Loads the program that a file in memory holds, to the device, as in a DEVICE word, or if
// as_saved to where it was when it was saved. It refuses operators that read and write files.
// ctorch_module_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_module_load, (const void *data, int64_t bytes, bool as_saved, uint64_t device, ctorch_module **module), (data, bytes, as_saved, device, module))
// Frees a program that nobody uses. Tensors that it has given live on.
CTORCH_FUNCTION(void, ctorch_module_free, (ctorch_module *module), (module))
// What methods change: CTORCH_CHANGES_*.
CTORCH_FUNCTION(int32_t, ctorch_module_changes, (const ctorch_module *module), (module))
// Gives a LIST for each module, those around others first: a STRING, its path; an INT, the
// same for the same module; a BOOL, whether it is in training mode, NONE if it has no mode;
// and for each of its attributes that is no module a LIST of a STRING, its name; a STRING,
// its type; an INT, 1 for a parameter, 2 for a buffer, else 0; and the TENSOR of these,
// else NONE.
CTORCH_FUNCTION(ctorch_status, ctorch_module_list, (const ctorch_module *module, uint64_t *words, int32_t capacity), (module, words, capacity))
// words holds a STRING, a module's path. Gives for each of its methods two STRINGs, the name
// and the schema.
CTORCH_FUNCTION(ctorch_status, ctorch_module_methods, (const ctorch_module *module, uint64_t *words, int32_t count, int32_t capacity), (module, words, count, capacity))
// words holds two STRINGs, a module's path and a method. Gives a STRING, the method's source.
CTORCH_FUNCTION(ctorch_status, ctorch_module_code, (const ctorch_module *module, uint64_t *words, int32_t count, int32_t capacity), (module, words, count, capacity))
// Calls a method. words holds two STRINGs, a module's path and the method; a LIST of
// arguments, and a DICT of arguments by name. Gives the value.
CTORCH_FUNCTION(ctorch_status, ctorch_module_call, (const ctorch_module *module, uint64_t *words, int32_t count, int32_t capacity), (module, words, count, capacity))
// words holds a STRING, the path of an attribute; and for set its value. Nobody else may
// use the program while set runs.
CTORCH_FUNCTION(ctorch_status, ctorch_module_get, (const ctorch_module *module, uint64_t *words, int32_t count, int32_t capacity), (module, words, count, capacity))
CTORCH_FUNCTION(ctorch_error *, ctorch_module_set, (ctorch_module *module, uint64_t *words, int32_t count), (module, words, count))
// Writes the program to an open file. words holds a DICT of extra files, STRINGs by name.
CTORCH_FUNCTION(ctorch_error *, ctorch_module_save, (const ctorch_module *module, uint64_t *words, int32_t count, int32_t file), (module, words, count, file))
// A program of its own that is frozen: words holds a LIST of STRINGs, what to preserve, and
// a BOOL, optimize_numerics. Or one that is optimized for inference: a LIST of STRINGs,
// other methods. ctorch_module_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_module_freeze, (const ctorch_module *module, uint64_t *words, int32_t count, ctorch_module **frozen), (module, words, count, frozen))
CTORCH_FUNCTION(ctorch_error *, ctorch_module_optimize, (const ctorch_module *module, uint64_t *words, int32_t count, ctorch_module **optimized), (module, words, count, optimized))

// --- models that AOTInductor compiled (aoti.cc)

// Loads a model: its shared library, which runs from here on, and the folder of the files
// that it looks for. runners is how many calls run at once. ctorch_aoti_free it, when
// nobody runs it.
CTORCH_FUNCTION(ctorch_error *, ctorch_aoti_load, (const char *library, const char *device, const char *kernels, int32_t runners, ctorch_aoti **model), (library, device, kernels, runners, model))
CTORCH_FUNCTION(void, ctorch_aoti_free, (ctorch_aoti *model), (model))
// Gives how arguments and results lie, two STRINGs of JSON; LISTs of the names of inputs
// and of outputs; and a LIST of its constants, each a TUPLE of its name in the model that
// was compiled, a STRING, its dtype and its kind, two INTs.
CTORCH_FUNCTION(ctorch_status, ctorch_aoti_describe, (ctorch_aoti *model, uint64_t *words, int32_t capacity), (model, words, capacity))
// Runs it. words holds a LIST of inputs; gives a LIST of results. It may call Go functions.
CTORCH_FUNCTION(ctorch_status, ctorch_aoti_run, (ctorch_aoti *model, uint64_t *words, int32_t count, int32_t capacity), (model, words, count, capacity))
// Gives copies of its constants, a LIST of TUPLEs of a name and a tensor.
CTORCH_FUNCTION(ctorch_status, ctorch_aoti_constants, (ctorch_aoti *model, uint64_t *words, int32_t capacity), (model, words, capacity))
// Replaces constants, while nobody runs it. words holds a LIST of names and one of tensors,
// which are copied.
CTORCH_FUNCTION(ctorch_error *, ctorch_aoti_update, (ctorch_aoti *model, uint64_t *words, int32_t count), (model, words, count))

// --- tensors (tensor.cc)

// Drops count references.
CTORCH_FUNCTION(void, ctorch_tensor_free, (const uint64_t *handles, int64_t count), (handles, count))
// A new CPU tensor with a copy of bytes bytes; words gets its value.
CTORCH_FUNCTION(ctorch_status, ctorch_tensor_from_data, (const void *data, int64_t bytes, const int64_t *sizes, int32_t dim, int32_t dtype, uint64_t *words), (data, bytes, sizes, dim, dtype, words))
// A CPU tensor of the elements in row-major order, converted to dtype, which may be
// the tensor itself; ctorch_tensor_free it. data is where they are.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_elements, (uint64_t handle, int32_t dtype, uint64_t *elements, const void **data, int64_t *count), (handle, dtype, elements, data, count))
// Copies bytes, by several threads where they are many.
CTORCH_FUNCTION(void, ctorch_copy, (void *to, const void *from, int64_t bytes), (to, from, bytes))
// Writes CTORCH_INFO_* words, sizes and strides to info, which has room for
// capacity words; *needed says how many there are.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_info, (uint64_t handle, int64_t *info, int32_t capacity, int32_t *needed), (handle, info, capacity, needed))

// --- DLPack (dlpack.cc)

// A DLManagedTensor that shares the tensor's memory and keeps it; ctorch_dlpack_free it,
// or give it to ctorch_dlpack_from, once.
CTORCH_FUNCTION(ctorch_error *, ctorch_dlpack_to, (uint64_t handle, void **managed), (handle, managed))
// A tensor that shares a DLManagedTensor's memory, and calls its deleter when that is not
// used any more; words gets its value. Where it fails the DLManagedTensor stays the caller's.
CTORCH_FUNCTION(ctorch_status, ctorch_dlpack_from, (void *managed, uint64_t *words), (managed, words))
// Calls the deleter, if there is one.
CTORCH_FUNCTION(void, ctorch_dlpack_free, (void *managed), (managed))

// --- storages (storage.cc)

// A handle to the tensor's storage; ctorch_storage_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_tensor_storage, (uint64_t handle, uint64_t *storage), (handle, storage))
CTORCH_FUNCTION(void, ctorch_storage_free, (uint64_t storage), (storage))
// A handle to a storage that is a part of a CPU storage's memory and keeps that alive. Of
// a mapped file its pages leave memory with it.
CTORCH_FUNCTION(ctorch_error *, ctorch_storage_part, (uint64_t storage, int64_t offset, int64_t bytes, bool mapped, uint64_t *part), (storage, offset, bytes, mapped, part))
// Lets a part of a mapped file leave memory until it is read again. What was changed in
// it stays.
CTORCH_FUNCTION(void, ctorch_storage_unload, (uint64_t storage), (storage))
// Where a CPU storage's memory is; null for other devices.
CTORCH_FUNCTION(void *, ctorch_storage_data, (uint64_t storage, int64_t *bytes), (storage, bytes))

// A reference to the tensor's storage that does not keep its memory;
// ctorch_storage_unwatch it. *bytes is the storage's size.
CTORCH_FUNCTION(ctorch_error *, ctorch_storage_watch, (uint64_t tensor, uint64_t *watch, int64_t *bytes), (tensor, watch, bytes))
CTORCH_FUNCTION(bool, ctorch_storage_gone, (uint64_t watch), (watch))
CTORCH_FUNCTION(void, ctorch_storage_unwatch, (uint64_t watch), (watch))

// --- objects of classes that libraries register (object.cc)

// Drops a reference. The last one to a process group waits for its threads.
CTORCH_FUNCTION(void, ctorch_object_free, (uint64_t handle), (handle))
// The name of its class, such as "__torch__.torch.classes.c10d.Work"; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_object_type, (uint64_t handle, char **name), (handle, name))

// --- processes that compute together (c10d.cc, c10d_store.cc, c10d_reducer.cc)

// Calls a method. words holds a STRING, its name, such as "store.get", and its
// arguments. It may wait for other processes, until the timeout that it was given.
CTORCH_FUNCTION(ctorch_status, ctorch_c10d_call, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))

// --- autograd (autograd.cc, node.cc)

// words holds three LISTs and two BOOLs: outputs, their gradients (or NONE),
// inputs (may be empty), retain_graph, create_graph.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_backward, (uint64_t *words, int32_t count), (words, count))
// The same and a sixth value, BOOL allow_unused; gives a LIST of gradients.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_grad, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
// Whether the calling thread is in one of these two.
CTORCH_FUNCTION(bool, ctorch_autograd_running, (void), ())
// The gradient, or NONE.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_get_grad, (uint64_t handle, uint64_t *words), (handle, words))
// words holds a LIST of tensors; gives for each its gradient, or NONE, an INT, its
// dtype, and its DEVICE.
CTORCH_FUNCTION(ctorch_status, ctorch_autograd_get_grads, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
// Clears the gradients of a LIST of tensors.
CTORCH_FUNCTION(ctorch_error *, ctorch_autograd_clear_grads, (uint64_t *words, int32_t count), (words, count))
// Sets the gradient; 0 clears it.
CTORCH_FUNCTION(ctorch_error *, ctorch_autograd_set_grad, (uint64_t handle, uint64_t grad), (handle, grad))
// The node that made the tensor, or 0; ctorch_node_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_node_of, (uint64_t tensor, uint64_t *node), (tensor, node))
CTORCH_FUNCTION(void, ctorch_node_free, (uint64_t node), (node))
// Its name, such as "AddBackward0"; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_node_name, (uint64_t node, char **name), (node, name))
// Its address and its sequence number; the number of the operation's outputs and
// for each its shape, a LIST; and then for each of its inputs a node, or 0, which
// the caller owns, and which of that node's outputs it is. All INT.
CTORCH_FUNCTION(ctorch_status, ctorch_node_info, (uint64_t node, uint64_t *words, int32_t capacity), (node, words, capacity))
// Calls a Go function before the node, with the gradients of its outputs, or after
// it, with those of its inputs and then of its outputs; what it gives replaces
// the former.
CTORCH_FUNCTION(ctorch_error *, ctorch_node_hook, (uint64_t node, uint64_t function, bool after), (node, function, after))
// Calls a Go function with the tensor's gradient, which it may replace; *hook is
// for ctorch_hook_remove.
CTORCH_FUNCTION(ctorch_error *, ctorch_hook_add, (uint64_t tensor, uint64_t function, uint64_t *hook), (tensor, function, hook))
CTORCH_FUNCTION(ctorch_error *, ctorch_hook_remove, (uint64_t tensor, uint64_t hook), (tensor, hook))
// Calls a Go function with the leaf when its gradient was added up. A function's
// number removes it.
CTORCH_FUNCTION(ctorch_error *, ctorch_accumulated_hook_add, (uint64_t tensor, uint64_t function), (tensor, function))
CTORCH_FUNCTION(ctorch_error *, ctorch_accumulated_hook_remove, (uint64_t tensor, uint64_t function), (tensor, function))
// The calling thread's grad mode; set gives the mode before.
CTORCH_FUNCTION(bool, ctorch_grad_enabled, (void), ())
CTORCH_FUNCTION(bool, ctorch_grad_set_enabled, (bool enabled), (enabled))
// Enters inference mode on the calling thread and leaves it again there.
CTORCH_FUNCTION(bool, ctorch_inference_enabled, (void), ())
CTORCH_FUNCTION(void *, ctorch_inference_enter, (bool enabled), (enabled))
CTORCH_FUNCTION(void, ctorch_inference_leave, (void *guard), (guard))

// The same for forward gradients, and the level that dual tensors need: entering
// it fails within it, and no two threads may be in it.
CTORCH_FUNCTION(bool, ctorch_forward_grad_set_enabled, (bool enabled), (enabled))
CTORCH_FUNCTION(bool, ctorch_dual_level_entered, (void), ())
CTORCH_FUNCTION(ctorch_error *, ctorch_dual_level_enter, (void), ())
CTORCH_FUNCTION(ctorch_error *, ctorch_dual_level_leave, (void), ())

// --- Go functions in graphs (callback.cc, function.cc, engine.cc)

// How the shim calls Go.
CTORCH_FUNCTION(void, ctorch_callback_init, (ctorch_go_function call), (call))
// Says what a Go function gives: the results of an operator to a mode's, else a LIST
// of tensors, an INT and a STRING.
CTORCH_FUNCTION(ctorch_error *, ctorch_reply_set, (ctorch_reply *reply, const uint64_t *words, int32_t count), (reply, words, count))
// Says that it panicked; panic is the panic's number in Go's table.
CTORCH_FUNCTION(void, ctorch_reply_panic, (ctorch_reply *reply, uint64_t panic, const char *text), (reply, panic, text))
// Says that the innermost one on this thread ends its goroutine: C++'s frames below it
// will not go on.
CTORCH_FUNCTION(void, ctorch_callback_abandon, (void), ())
// Writes numbers of Go's table that nothing refers to any more.
CTORCH_FUNCTION(int32_t, ctorch_callback_dropped, (uint64_t *numbers, int32_t capacity), (numbers, capacity))
// Makes outputs the results of an operation that Go has the derivative of. words
// holds two INTs, the functions for backward and for forward gradients, a STRING,
// the node's name, a BOOL, whether missing gradients become zeros, and five LISTs:
// inputs, outputs, and those to be saved, that were changed in place, and that
// have no gradient. Gives the outputs.
CTORCH_FUNCTION(ctorch_status, ctorch_function_apply, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
// Gives a LIST of the saved tensors: words holds the INT that the Go function for
// backward got. It owns that, until ctorch_function_forget, but it does not keep the
// node.
CTORCH_FUNCTION(ctorch_status, ctorch_function_saved, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
CTORCH_FUNCTION(void, ctorch_function_forget, (uint64_t node), (node))
// Calls Go functions with each tensor that the calling thread's operations save:
// pack gives the number of a function that gives the tensor back.
CTORCH_FUNCTION(ctorch_error *, ctorch_saved_hooks_push, (uint64_t pack), (pack))
CTORCH_FUNCTION(void, ctorch_saved_hooks_pop, (void), ())
// Turns anomaly detection on and off, for all threads. The Go function stack, 0
// to keep the one before, gives text that says where an operation was called.
CTORCH_FUNCTION(void, ctorch_anomaly_set, (bool enabled, bool check_nan, uint64_t stack), (enabled, check_nan, stack))
CTORCH_FUNCTION(bool, ctorch_anomaly_enabled, (void), ())
CTORCH_FUNCTION(bool, ctorch_anomaly_checks_nan, (void), ())

// --- modes that see operators (mode.cc)

// Makes a mode: a Go function that libtorch calls in the place of each operator that
// the thread calls while the mode is set. words holds an INT, the operator's number,
// and its arguments in the schema's order; the function gives the results. While it
// runs the thread is in the mode outer instead, 0 for none. ctorch_mode_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_mode_new, (uint64_t function, uint64_t outer, uint64_t *mode), (function, outer, mode))
CTORCH_FUNCTION(void, ctorch_mode_free, (uint64_t mode), (mode))
// Sets the calling thread's mode, 0 for none, and gives the one before.
CTORCH_FUNCTION(uint64_t, ctorch_mode_set, (uint64_t mode), (mode))
CTORCH_FUNCTION(uint64_t, ctorch_mode_current, (void), ())
// The schema of the operator of that number; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_mode_operator, (uint64_t number, char **schema), (number, schema))

// --- transforms of functions (transform.cc)

// Enters a transform on the calling thread: CTORCH_TRANSFORM_*; *level is its
// level. Only vmap looks at batch and randomness.
CTORCH_FUNCTION(ctorch_error *, ctorch_transform_enter, (int32_t kind, int64_t batch, int32_t randomness, int64_t *level), (kind, batch, randomness, level))
CTORCH_FUNCTION(void, ctorch_transform_leave, (void), ())
// words holds INT level and a TENSOR, and a third value; the result is a TENSOR.
// batch: INT dimension to hide. unbatch: INT size, INT where to show it.
// wrap: BOOL requires_grad. unwrap: none.
CTORCH_FUNCTION(ctorch_status, ctorch_transform_batch, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
CTORCH_FUNCTION(ctorch_status, ctorch_transform_unbatch, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
CTORCH_FUNCTION(ctorch_status, ctorch_transform_wrap, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
CTORCH_FUNCTION(ctorch_status, ctorch_transform_unwrap, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))

// --- autocast (autocast.cc)

// The calling thread's mode for a type of device, the CPU or CUDA. Enter sets it
// for a region; leave sets the mode before, and the outermost one clears the cache.
CTORCH_FUNCTION(ctorch_error *, ctorch_autocast_get, (int32_t device_type, ctorch_autocast *mode), (device_type, mode))
CTORCH_FUNCTION(ctorch_error *, ctorch_autocast_enter, (int32_t device_type, ctorch_autocast mode), (device_type, mode))
CTORCH_FUNCTION(ctorch_error *, ctorch_autocast_leave, (int32_t device_type, ctorch_autocast before), (device_type, before))
// Forgets the casts of weights, those of all threads.
CTORCH_FUNCTION(ctorch_error *, ctorch_autocast_clear_cache, (void), ())

// --- random numbers (random.cc)

CTORCH_FUNCTION(ctorch_error *, ctorch_manual_seed, (uint64_t seed), (seed))
// A new generator, or the device's default one.
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_new, (int32_t device_type, int32_t index, uint64_t *handle), (device_type, index, handle))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_default, (int32_t device_type, int32_t index, uint64_t *handle), (device_type, index, handle))
CTORCH_FUNCTION(void, ctorch_generator_free, (uint64_t handle), (handle))
// Its device, as in a DEVICE word.
CTORCH_FUNCTION(uint64_t, ctorch_generator_device, (uint64_t handle), (handle))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_set_seed, (uint64_t handle, uint64_t seed), (handle, seed))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_get_seed, (uint64_t handle, uint64_t *seed), (handle, seed))
CTORCH_FUNCTION(ctorch_status, ctorch_generator_get_state, (uint64_t handle, uint64_t *words), (handle, words))
CTORCH_FUNCTION(ctorch_error *, ctorch_generator_set_state, (uint64_t handle, uint64_t state), (handle, state))

// --- devices and threads (device.cc)

// Loads libtorch_cuda from beside libtorch_cpu if a driver answers; afterwards
// *reason says in words why CUDA cannot be used, or is NULL; ctorch_free it.
CTORCH_FUNCTION(ctorch_error *, ctorch_cuda_load, (char **reason), (reason))
CTORCH_FUNCTION(int32_t, ctorch_cuda_count, (void), ())
// Calls a method of accelerators, CUDA's devices and their like: accelerator.cc,
// accelerator_memory.cc, accelerator_graph.cc. words holds a STRING, its name, such as
// "stream.new", and its arguments. It may wait for what a device does.
CTORCH_FUNCTION(ctorch_status, ctorch_accelerator_call, (uint64_t *words, int32_t count, int32_t capacity), (words, count, capacity))
// Sets how many threads operators may use: those of this thread of the system at once, and
// those of another at its next call.
CTORCH_FUNCTION(ctorch_error *, ctorch_set_num_threads, (int32_t threads), (threads))
CTORCH_FUNCTION(int32_t, ctorch_num_threads, (void), ())
// Sets how many threads operators called on this thread may use, whatever
// ctorch_set_num_threads says, until ctorch_thread_unlimit, which takes what this returns.
CTORCH_FUNCTION(int32_t, ctorch_thread_limit, (int32_t threads), (threads))
CTORCH_FUNCTION(void, ctorch_thread_unlimit, (int32_t before), (before))
// The vector instructions in use: "AVX2", "AVX512", "DEFAULT", ...
CTORCH_FUNCTION(const char *, ctorch_cpu_capability, (void), ())

// --- settings of the process (setting.cc): CTORCH_SETTING_*

CTORCH_FUNCTION(ctorch_error *, ctorch_setting_set, (int32_t setting, int64_t value), (setting, value))
CTORCH_FUNCTION(ctorch_error *, ctorch_setting_get, (int32_t setting, int64_t *value), (setting, value))

// --- warnings (warning.cc)

// Where it stands how many warnings wait, as long as the process lives.
CTORCH_FUNCTION(const int32_t *, ctorch_warnings_waiting, (void), ())
// Takes those that wait, of all threads: of each two STRINGs, its text and where in
// libtorch it comes from, and a BOOL, whether it is of something deprecated.
CTORCH_FUNCTION(ctorch_status, ctorch_warnings_take, (uint64_t *words, int32_t capacity), (words, capacity))

// --- the profiler (profiler.cc)

// Starts to record the calls of all threads: with the shapes of their inputs, the
// allocations of CPU tensors, their FLOPs, and the number that a Go function gives for
// where the outermost one was called, if there is one. Fails if it records already.
CTORCH_FUNCTION(ctorch_error *, ctorch_profiler_start, (uint64_t stack, bool shapes, bool memory, bool flops), (stack, shapes, memory, flops))
// Stops, and gives what has ended since: three STRINGs, of which the last two are made of
// 64-bit numbers: texts, one after the other; their lengths; and what was recorded, where a
// text is its place among the former. That is how many threads there are, and for each its
// number, the system's number for it, and after how many there are
//   - calls: name, scope, beginning and end, the thread of the forward pass, sequence
//     number, Go's number for the stack, whether it is asynchronous, FLOPs, whether it is of
//     an operator that is known, and after how many there are the inputs: type, number of
//     dimensions, sizes, after how many there are the tensors, which are there with shapes and
//     memory, each by what tells it from others, its storage's address and its bytes, and
//     whether the operator writes to them;
//   - allocations: time, address, bytes, and the sum of all bytes;
//   - tensors with roles: time, role, and the three numbers of a tensor.
CTORCH_FUNCTION(ctorch_status, ctorch_profiler_stop, (uint64_t *words, int32_t capacity), (words, capacity))
// Enters a region of that name, which is a call for the profiler, and leaves it, on the
// same thread: here says whether it is.
CTORCH_FUNCTION(ctorch_error *, ctorch_profiler_enter, (const char *name, void **region), (name, region))
CTORCH_FUNCTION(bool, ctorch_profiler_here, (const void *region), (region))
CTORCH_FUNCTION(void, ctorch_profiler_leave, (void *region), (region))
// Says what a list of tensors is to the program, by a number of Go's, if shapes and memory
// are recorded.
CTORCH_FUNCTION(ctorch_error *, ctorch_profiler_role, (int64_t role, uint64_t *words, int32_t count), (role, words, count))

// --- memory and scopes (memory.cc)

// Sets the calling thread's scope and gives the one before.
CTORCH_FUNCTION(uint64_t, ctorch_scope_set, (uint64_t scope), (scope))
// Bytes of CPU memory that live tensors hold, and their peak.
CTORCH_FUNCTION(int64_t, ctorch_memory_live, (void), ())
CTORCH_FUNCTION(int64_t, ctorch_memory_peak, (void), ())
// Above this many live bytes every status says pressure.
CTORCH_FUNCTION(void, ctorch_memory_set_limit, (int64_t bytes), (bytes))
// Whether an accelerator's device holds more than its limit, and the new limits: what each
// device holds now and a quarter, or least.
CTORCH_FUNCTION(bool, ctorch_memory_devices_over, (void), ())
CTORCH_FUNCTION(void, ctorch_memory_devices_settle, (int64_t least), (least))

// clang-format on
