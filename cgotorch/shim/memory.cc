// Native memory: the allocator of CPU tensors, which counts what is alive, so
// that Go's garbage collector can be told, and keeps large blocks for the next
// tensor of the same size; and the calling thread's scope.
//
// Goroutines wander between threads, and malloc gives each thread an arena of its
// own. Blocks of many megabytes then lie freed in one arena while another one
// grows. Large blocks are therefore mapped here and kept in one place.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#ifdef __APPLE__
#include <malloc/malloc.h>
#define block_size malloc_size
#else
#include <malloc.h>
#define block_size malloc_usable_size
#endif

#include "accelerator.h"
#include "small_blocks.h"

namespace {

// Whether the program is built with the address sanitizer, which looks at blocks of malloc only.
const bool sanitized = dlsym(RTLD_DEFAULT, "__asan_init") != nullptr;

std::atomic<int64_t> live{0};
std::atomic<int64_t> peak{0};
std::atomic<int64_t> limit{INT64_MAX};
// The initial-exec model spares a call for each access; libc keeps room for such
// small variables in libraries that are opened late.
__attribute__((tls_model("initial-exec"))) thread_local uint64_t scope = 0;

void count(size_t bytes) {
  int64_t now = live.fetch_add(static_cast<int64_t>(bytes), std::memory_order_relaxed) + static_cast<int64_t>(bytes);
  int64_t before = peak.load(std::memory_order_relaxed);
  while (now > before && !peak.compare_exchange_weak(before, now, std::memory_order_relaxed)) {
  }
}

void uncount(size_t bytes) { live.fetch_sub(static_cast<int64_t>(bytes), std::memory_order_relaxed); }

// Where a process may have only so much address space (ulimit -v), a part of it is held
// back for what cannot do without: Go's runtime ends the program when it gets none,
// and so does OpenMP. Freed memory need not go back to the system, so half of that
// part is let go once most tensors are gone.
class AddressSpace {
 public:
  static AddressSpace& get() {
    static auto* space = new AddressSpace;
    return *space;
  }

  bool limited() const { return statm_ >= 0; }

  // Whether bytes more can be mapped.
  bool has_room(size_t bytes) const {
    if (!limited()) return true;
    char text[32] = {};
    if (pread(statm_, text, sizeof text - 1, 0) <= 0) return true;
    const size_t used = std::strtoull(text, nullptr, 10) * page_;
    const bool many = static_cast<size_t>(live.load(std::memory_order_relaxed)) > limit_ / 4;
    const size_t back = many ? limit_ / 8 : limit_ / 16;
    return used + back < limit_ && bytes < limit_ - used - back;
  }

 private:
  static constexpr size_t kLeast = size_t{1} << 30;  // a limit that libtorch itself just fits into

  AddressSpace() {
    rlimit limit = {};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur < kLeast) return;
    limit_ = limit.rlim_cur;
    statm_ = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  }

  size_t limit_ = 0;
  size_t page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  int statm_ = -1;  // what Linux says of the process's memory, or -1
};

[[noreturn]] void out_of_memory(size_t bytes) {
  throw ctorch::Fault(CTORCH_ERROR_OUT_OF_MEMORY,
                      "can't allocate memory: you tried to allocate " + std::to_string(bytes) + " bytes");
}

// Large blocks, mapped from the system in sizes of 8 classes to each power of
// two. Freed ones are kept, the latest kBound bytes of them, and given out again.
class LargeBlocks {
 public:
  static constexpr size_t kLarge = 128 << 10;
  static constexpr size_t kBound = 128 << 20;

  void* take(size_t bytes) {
    const size_t size = class_size(bytes);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto& kept = kept_[size];
      if (!kept.empty()) {
        void* data = kept.back().data;
        kept.pop_back();
        kept_bytes_ -= size;
        return claim(data, size);
      }
    }
    void* data = map(size);
    if (data == MAP_FAILED) {
      give_back();
      data = map(size);
    }
    if (data == MAP_FAILED) out_of_memory(bytes);
    std::lock_guard<std::mutex> lock(mutex_);
    return claim(data, size);
  }

  // Takes a block back; false if it is none of these.
  bool give(void* data) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      auto found = used_.find(data);
      if (found == used_.end()) return false;
      const size_t size = found->second;
      used_.erase(found);
      uncount(size);
      kept_[size].push_back({data, ++clock_});
      kept_bytes_ += size;
      if (kept_bytes_ <= kBound) return true;
    }
    evict(kBound);
    return true;
  }

  // Gives all memory that is kept for later back to the system.
  void give_back() {
    evict(0);
#ifdef __GLIBC__
    malloc_trim(0);
#endif
  }

 private:
  struct Kept {
    void* data;
    uint64_t since;
  };

  static size_t class_size(size_t bytes) {
    size_t step = kLarge / 8;
    while (step * 16 < bytes) step *= 2;
    return (bytes + step - 1) / step * step;
  }

  static void* map(size_t size) {
    if (!AddressSpace::get().has_room(size)) return MAP_FAILED;
    return mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }

  void* claim(void* data, size_t size) {
    used_[data] = size;
    count(size);
    return data;
  }

  // Gives the blocks that were kept longest back to the system until bound bytes
  // are left.
  void evict(size_t bound) {
    std::lock_guard<std::mutex> lock(mutex_);
    while (kept_bytes_ > bound) {
      auto oldest = kept_.end();
      for (auto it = kept_.begin(); it != kept_.end(); ++it) {
        if (it->second.empty()) continue;
        if (oldest == kept_.end() || it->second.front().since < oldest->second.front().since) oldest = it;
      }
      munmap(oldest->second.front().data, oldest->first);
      oldest->second.pop_front();
      kept_bytes_ -= oldest->first;
    }
  }

  std::mutex mutex_;
  std::unordered_map<void*, size_t> used_;
  std::unordered_map<size_t, std::deque<Kept>> kept_;  // by size, the latest at the end
  size_t kept_bytes_ = 0;
  uint64_t clock_ = 0;
};

// Never destroyed: tensors may outlive static objects at exit.
LargeBlocks& large_blocks() {
  static auto* blocks = new LargeBlocks;
  return *blocks;
}

void tell_freed(const void* data) {
  if (ctorch::records_memory.load(std::memory_order_relaxed)) ctorch::record_freed(data);
}

// The deleter of small blocks of a number of cache lines.
template <size_t lines>
void delete_small(void* data) {
  tell_freed(data);
  uncount(lines * 64);
  ctorch::give_small(data, lines * 64);
}

template <size_t... i>
constexpr std::array<c10::DeleterFnPtr, sizeof...(i)> small_deleters(std::index_sequence<i...>) {
  return {&delete_small<i + 1>...};
}

constexpr auto kDeleteSmall = small_deleters(std::make_index_sequence<ctorch::kSmall / 64>());

// Medium blocks are malloc's, not those of libtorch's own allocator: on arm64 that has a
// malloc of its own (mimalloc), and of its blocks malloc tells no size.
void* take_medium(size_t bytes) {
  constexpr size_t alignment = 64;  // as libtorch's
  void* data = nullptr;
  if (posix_memalign(&data, alignment, bytes) == 0) return data;
  large_blocks().give_back();
  if (posix_memalign(&data, alignment, bytes) != 0) out_of_memory(bytes);
  return data;
}

// The bytes of medium blocks, and how many there may be before the address space is
// looked at again: malloc has what was freed of them.
std::atomic<int64_t> medium{0};
std::atomic<int64_t> medium_room{0};

void look_at_medium(size_t bytes) {
  constexpr int64_t step = 4 << 20;
  const int64_t want = medium.load(std::memory_order_relaxed) + static_cast<int64_t>(bytes);
  if (want <= medium_room.load(std::memory_order_relaxed)) return;
  if (!AddressSpace::get().has_room(step)) {
    large_blocks().give_back();
    if (!AddressSpace::get().has_room(step)) out_of_memory(bytes);
  }
  medium_room.store(want + step, std::memory_order_relaxed);
}

void delete_medium(void* data) {
  tell_freed(data);
  const size_t size = block_size(data);
  uncount(size);
  medium.fetch_sub(static_cast<int64_t>(size), std::memory_order_relaxed);
  std::free(data);
}

void delete_large(void* data) {
  tell_freed(data);
  large_blocks().give(data);
}

void delete_any(void* data) {
  tell_freed(data);
  if (data == nullptr || large_blocks().give(data)) return;
  if (const size_t size = ctorch::give_small(data)) {
    uncount(size);
  } else {
    delete_medium(data);
  }
}

#if TORCH_VERSION_MAJOR < 2
#define CTORCH_CONST const
#else
#define CTORCH_CONST
#endif

// The size of medium blocks is asked from malloc, so no header is added to them. The
// address sanitizer sees small ones, too, only if they are malloc's.
class Allocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) CTORCH_CONST override {
    c10::DataPtr data = take(bytes);
    if (ctorch::records_memory.load(std::memory_order_relaxed)) ctorch::record_allocated(data.get(), bytes);
    return data;
  }

  c10::DeleterFnPtr raw_deleter() const override { return &delete_any; }

#if TORCH_VERSION_MAJOR >= 2
  void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
#endif

 private:
  c10::DataPtr take(size_t bytes) const {
    if (bytes > PTRDIFF_MAX) out_of_memory(bytes);
    if (bytes == 0) return on_cpu(nullptr, &delete_any);
    if (bytes >= LargeBlocks::kLarge) {
      void* data = large_blocks().take(bytes);
      return on_cpu(data, &delete_large);
    }
    if (bytes <= ctorch::kSmall && !sanitized) {
      void* data = ctorch::take_small(bytes);
      const size_t size = ctorch::small_size(bytes);
      count(size);
      return on_cpu(data, kDeleteSmall[size / 64 - 1]);
    }
    if (AddressSpace::get().limited()) look_at_medium(bytes);
    void* data = take_medium(bytes);
    const size_t size = block_size(data);
    count(size);
    medium.fetch_add(static_cast<int64_t>(size), std::memory_order_relaxed);
    return on_cpu(data, &delete_medium);
  }

  static c10::DataPtr on_cpu(void* data, c10::DeleterFnPtr deleter) {
    return c10::DataPtr(data, data, deleter, c10::Device(c10::DeviceType::CPU));
  }
};

}  // namespace

namespace ctorch {

int32_t under_pressure() noexcept {
  return live.load(std::memory_order_relaxed) > limit.load(std::memory_order_relaxed) || devices_pressed();
}

uint64_t current_scope() noexcept { return scope; }

bool may_map(size_t bytes) { return AddressSpace::get().has_room(bytes); }

// The allocator is never freed, as the blocks that it gave out.
void count_memory() { c10::SetCPUAllocator(new Allocator); }

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
