// Native memory: how much CPU memory live tensors hold, so that Go's garbage
// collector can be told; and the calling thread's scope.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <atomic>
#ifdef __APPLE__
#include <malloc/malloc.h>
#define block_size malloc_size
#else
#include <malloc.h>
#define block_size malloc_usable_size
#endif

#include "shim.h"

namespace {

std::atomic<int64_t> live{0};
std::atomic<int64_t> peak{0};
std::atomic<int64_t> limit{INT64_MAX};
thread_local uint64_t scope = 0;
c10::DeleterFnPtr base_delete = nullptr;

void counted_delete(void *p) {
  live.fetch_sub(static_cast<int64_t>(block_size(p)), std::memory_order_relaxed);
  base_delete(p);
}

#if TORCH_VERSION_MAJOR < 2
#define CTORCH_CONST const
#else
#define CTORCH_CONST
#endif

// Counts what libtorch's own CPU allocator hands out. The size of a block is
// asked from malloc, so no header is added to it.
class CountingAllocator final : public c10::Allocator {
 public:
  explicit CountingAllocator(c10::Allocator *base) : base_(base) {}

  c10::DataPtr allocate(size_t bytes) CTORCH_CONST override {
    c10::DataPtr data = base_->allocate(bytes);
    void *p = data.get();
    if (p == nullptr || !data.compare_exchange_deleter(base_delete, &counted_delete)) return data;
    int64_t now = live.fetch_add(static_cast<int64_t>(block_size(p)), std::memory_order_relaxed) +
                  static_cast<int64_t>(block_size(p));
    int64_t before = peak.load(std::memory_order_relaxed);
    while (now > before && !peak.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
    }
    return data;
  }

  c10::DeleterFnPtr raw_deleter() const override { return &counted_delete; }

#if TORCH_VERSION_MAJOR >= 2
  void copy_data(void *to, const void *from, std::size_t bytes) const override {
    default_copy_data(to, from, bytes);
  }
#endif

 private:
  c10::Allocator *base_;
};

}  // namespace

namespace ctorch {

int32_t under_pressure() noexcept {
  return live.load(std::memory_order_relaxed) > limit.load(std::memory_order_relaxed);
}

uint64_t current_scope() noexcept { return scope; }

void count_memory() {
  c10::Allocator *base = c10::GetCPUAllocator();
  base_delete = base->raw_deleter();
  if (base_delete == nullptr) return;  // an allocator that cannot be counted
  static CountingAllocator allocator(base);
  c10::SetCPUAllocator(&allocator);
}

}  // namespace ctorch

extern "C" {

uint64_t ctorch_scope_set(uint64_t next) {
  uint64_t before = scope;
  scope = next;
  return before;
}

int64_t ctorch_memory_live(void) { return live.load(std::memory_order_relaxed); }

int64_t ctorch_memory_peak(void) { return peak.load(std::memory_order_relaxed); }

void ctorch_memory_set_limit(int64_t bytes) { limit.store(bytes, std::memory_order_relaxed); }
}
