// Small blocks of memory: malloc's aligned ones cost a tenth of an operation on a
// small tensor.
#pragma once

#include <cstddef>

namespace ctorch {

// Small blocks have up to so many bytes. They are aligned to 64, in sizes of whole
// cache lines. Each thread keeps some that were freed; threads exchange them in
// batches, and none goes back to the system.
constexpr size_t kSmall = 1024;

// Whether so many bytes of address space may be taken (memory.cc).
bool may_map(size_t bytes);

// Gives a block of bytes or somewhat more, namely small_size(bytes).
void* take_small(size_t bytes);
size_t small_size(size_t bytes);

// Takes back a block for so many bytes.
void give_small(void* block, size_t bytes);

// Takes back a block whose size is not known and gives the size; 0 if it is no
// small one.
size_t give_small(void* block);

}  // namespace ctorch
