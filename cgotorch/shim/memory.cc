// Native memory: the allocator of CPU tensors, which counts what is alive, so
// that Go's garbage collector can be told, and keeps large blocks for the next
// tensor of the same size; and the calling thread's scope.
//
// Goroutines wander between threads, and malloc gives each thread an arena of its
// own. Blocks of many megabytes then lie freed in one arena while another one
// grows. Large blocks are therefore mapped here and kept in one place.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <atomic>
#include <mutex>
#include <unordered_map>
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

void count(size_t bytes) {
  int64_t now = live.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed) + static_cast<int64_t>(bytes);
  int64_t before = peak.load(std::memory_order_relaxed);
  while (now > before && !peak.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
  }
}

void uncount(size_t bytes) { live.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed); }

// Large blocks, mapped from the system. Freed ones are kept, the latest kBound
// bytes of them, and given out again to tensors of about their size.
class LargeBlocks {
 public:
  static constexpr size_t kLarge = 1 << 20;
  static constexpr size_t kBound = 128 << 20;
  static constexpr size_t kUnit = 64 << 10;

  void *take(size_t bytes) {
    const size_t size = (bytes + kUnit - 1) / kUnit * kUnit;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      for (size_t i = kept_.size(); i-- > 0;) {
        Block block = kept_[i];
        if (block.size < size || block.size > size + size / 8) continue;
        kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(i));
        kept_bytes_ -= block.size;
        return claim(block);
      }
    }
    Block block{mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), size};
    if (block.data == MAP_FAILED) {
      drop_kept();
      block.data = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (block.data == MAP_FAILED) {
      throw ctorch::Fault(CTORCH_ERROR_OUT_OF_MEMORY,
                          "can't allocate memory: you tried to allocate " + std::to_string(bytes) + " bytes");
    }
    std::lock_guard<std::mutex> lock(mutex_);
    return claim(block);
  }

  // Takes a block back; false if it is none of these.
  bool give(void *data) {
    std::vector<Block> evicted;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto found = used_.find(data);
      if (found == used_.end()) return false;
      Block block{data, found->second};
      used_.erase(found);
      uncount(block.size);
      kept_.push_back(block);
      kept_bytes_ += block.size;
      size_t n = 0;
      for (; kept_bytes_ > kBound; ++n) kept_bytes_ -= kept_[n].size;
      evicted.assign(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(n));
      kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(n));
    }
    for (const Block &block : evicted) munmap(block.data, block.size);
    return true;
  }

 private:
  struct Block {
    void *data;
    size_t size;
  };

  void *claim(Block block) {
    used_[block.data] = block.size;
    count(block.size);
    return block.data;
  }

  // Gives all kept blocks back to the system.
  void drop_kept() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const Block &block : kept_) munmap(block.data, block.size);
    kept_.clear();
    kept_bytes_ = 0;
  }

  std::mutex mutex_;
  std::unordered_map<void *, size_t> used_;
  std::vector<Block> kept_;  // the latest at the end
  size_t kept_bytes_ = 0;
};

// Never destroyed: tensors may outlive static objects at exit.
LargeBlocks &large_blocks() {
  static auto *blocks = new LargeBlocks;
  return *blocks;
}

c10::DeleterFnPtr base_delete = nullptr;

void delete_small(void *data) {
  uncount(block_size(data));
  base_delete(data);
}

void delete_large(void *data) { large_blocks().give(data); }

void delete_any(void *data) {
  if (data != nullptr && !large_blocks().give(data)) delete_small(data);
}

#if TORCH_VERSION_MAJOR < 2
#define CTORCH_CONST const
#else
#define CTORCH_CONST
#endif

// Small blocks come from libtorch's own allocator. Their size is asked from
// malloc, so no header is added to them.
class Allocator final : public c10::Allocator {
 public:
  explicit Allocator(c10::Allocator *base) : base_(base) {}

  c10::DataPtr allocate(size_t bytes) CTORCH_CONST override {
    if (bytes >= LargeBlocks::kLarge) {
      void *data = large_blocks().take(bytes);
      return c10::DataPtr(data, data, &delete_large, c10::Device(c10::DeviceType::CPU));
    }
    c10::DataPtr data = base_->allocate(bytes);
    if (data.get() != nullptr && data.compare_exchange_deleter(base_delete, &delete_small)) count(block_size(data.get()));
    return data;
  }

  c10::DeleterFnPtr raw_deleter() const override { return &delete_any; }

#if TORCH_VERSION_MAJOR >= 2
  void copy_data(void *to, const void *from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
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
  c10::SetCPUAllocator(new Allocator(base));  // never freed, as the blocks it gave out
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
