// The numbers of graphs' nodes. Backward runs nodes of higher numbers first, and so
// adds gradients up in that order. libtorch counts for each thread; a goroutine changes
// its thread at any time, and the sums would change in their last bits with it. So here
// is one count for all threads, whose numbers rise along every goroutine.
//
// The dynamic linker takes these functions in place of libtorch's own, since the shim
// comes before libtorch in the order in which it looks for symbols. Where it does not,
// as on macOS, libtorch's are used.
#include <ATen/SequenceNumber.h>

#include <atomic>

namespace at::sequence_number {

namespace {
std::atomic<uint64_t> next{0};
}

#define CTORCH_EXPORTED __attribute__((visibility("default")))

CTORCH_EXPORTED uint64_t peek() { return next.load(std::memory_order_relaxed); }

CTORCH_EXPORTED uint64_t get_and_increment() { return next.fetch_add(1, std::memory_order_relaxed); }

}  // namespace at::sequence_number
