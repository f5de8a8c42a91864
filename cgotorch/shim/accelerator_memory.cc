// The memory of accelerators: what their caching allocators hold, and when it calls for
// Go's garbage collector.
#include <ATen/Context.h>
#include <c10/core/Allocator.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "accelerator.h"

#if __has_include(<c10/core/CachingDeviceAllocator.h>) && \
    (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9))
#define CTORCH_DEVICE_ALLOCATORS
#include <ATen/core/CachingHostAllocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/DeviceGuard.h>
#endif

#if __has_include(<ATen/accelerator/Graph.h>)
#include <ATen/DeviceAccelerator.h>
#define CTORCH_HOST_CACHE
#endif

#include <c10/core/impl/VirtualGuardImpl.h>

namespace ctorch {

#ifdef CTORCH_DEVICE_ALLOCATORS

namespace {

using c10::CachingDeviceAllocator::DeviceStats;

c10::DeviceAllocator* allocator() { return c10::getDeviceAllocator(accelerator()); }

// The allocator if devices have memory by now, else null. Before, there is nothing to tell.
c10::DeviceAllocator* used_allocator() {
  auto* found = allocator();
  return found->initialized() ? found : nullptr;
}

// Writes numbers by the names that Python has for them.
class StatWriter {
 public:
  void put(const std::string& name, int64_t value) { list_.insert(name, value); }

  template <class Stat>
  void put_stat(const std::string& name, const Stat& stat) {
    put(name + ".current", stat.current);
    put(name + ".peak", stat.peak);
    put(name + ".allocated", stat.allocated);
    put(name + ".freed", stat.freed);
  }

  template <class Duration>
  void put_duration(const std::string& name, const Duration& stat) {
    put(name + ".total", stat.total);
    put(name + ".max", stat.max);
    put(name + ".min", stat.min);
    put(name + ".count", stat.count);
    put(name + ".avg", stat.count == 0 ? 0 : stat.total / stat.count);
  }

  template <class Stats>
  void put_pools(const std::string& name, const Stats& stats) {
    static const char* const pools[] = {"all", "small_pool", "large_pool"};
    for (size_t i = 0; i < stats.size() && i < 3; ++i) put_stat(name + "." + pools[i], stats[i]);
  }

  const c10::Dict<std::string, int64_t>& list() const { return list_; }

 private:
  c10::Dict<std::string, int64_t> list_;
};

void put_stats(const DeviceStats& stats, Writer& results) {
  StatWriter w;
  w.put_pools("allocation", stats.allocation);
  w.put_pools("segment", stats.segment);
  w.put_pools("active", stats.active);
  w.put_pools("inactive_split", stats.inactive_split);
  w.put_pools("allocated_bytes", stats.allocated_bytes);
  w.put_pools("reserved_bytes", stats.reserved_bytes);
  w.put_pools("active_bytes", stats.active_bytes);
  w.put_pools("inactive_split_bytes", stats.inactive_split_bytes);
  w.put_pools("requested_bytes", stats.requested_bytes);
  w.put_stat("oversize_allocations", stats.oversize_allocations);
  w.put_stat("oversize_segments", stats.oversize_segments);
  w.put("num_alloc_retries", stats.num_alloc_retries);
  w.put("num_ooms", stats.num_ooms);
  w.put("num_sync_all_streams", stats.num_sync_all_streams);
  w.put("num_device_alloc", stats.num_device_alloc);
  w.put("num_device_free", stats.num_device_free);
  w.put("max_split_size", stats.max_split_size);
  results.put(w.list());
}

at::HostAllocator& host_allocator() { return *at::getHostAllocator(accelerator()); }

template <class Stats>
void put_host_stats(const Stats& stats, Writer& results) {
  if constexpr (requires { stats.active_requests.current; }) {
    StatWriter w;
    w.put_stat("allocations", stats.allocations);
    w.put_stat("allocated_bytes", stats.allocated_bytes);
    w.put_stat("active_requests", stats.active_requests);
    w.put_stat("active_bytes", stats.active_bytes);
    w.put("num_host_alloc", stats.num_host_alloc);
    w.put("num_host_free", stats.num_host_free);
    w.put_duration("host_alloc_time", stats.host_alloc_time);
    w.put_duration("host_free_time", stats.host_free_time);
    results.put(w.list());
  } else {
    too_old("statistics of pinned memory; 2.11 has them");
  }
}

template <class Allocator>
std::pair<size_t, size_t> memory_info(Allocator& allocator, c10::DeviceIndex index) {
  if constexpr (requires { allocator.getMemoryInfo(index); }) {
    return allocator.getMemoryInfo(index);
  } else {
    too_old("question how much memory a device has; 2.11 has it");
  }
}

// How much each device may hold before the garbage collector runs.
struct Limits {
  std::atomic<bool> watched{false};
  std::mutex mutex;
  int64_t least = INT64_MAX;  // for a device that has no limit yet
  std::vector<int64_t> of_devices;

  static Limits& get() {
    static auto* limits = new Limits;
    return *limits;
  }
};

// Calls f with the index of each device and how many bytes tensors hold there, until it
// says that that is enough.
template <class Function>
void for_each_device(Function f) {
  auto type = find_accelerator();
  if (!type) return;
  auto* allocator = c10::getDeviceAllocator(*type);
  if (!allocator->initialized()) return;
  const c10::DeviceIndex count = c10::impl::VirtualGuardImpl(*type).deviceCount();
  for (c10::DeviceIndex i = 0; i < count; ++i) {
    if (f(static_cast<size_t>(i), allocator->getDeviceStats(i).allocated_bytes[0].current)) return;
  }
}

bool over_limits() {
  Limits& limits = Limits::get();
  bool over = false;
  std::lock_guard<std::mutex> lock(limits.mutex);
  for_each_device([&](size_t i, int64_t live) {
    over = live > (i < limits.of_devices.size() ? limits.of_devices[i] : limits.least);
    return over;
  });
  return over;
}

}  // namespace

void watch_devices() noexcept { Limits::get().watched.store(true, std::memory_order_relaxed); }

bool devices_pressed() noexcept {
  static thread_local unsigned calls = 0;
  if (!Limits::get().watched.load(std::memory_order_relaxed) || ++calls % 16 != 0) return false;
  return ctorch_memory_devices_over();
}

const std::vector<Method> of_memory = {
    {"memory.stats",
     [](Reader& r, Writer& results) {
       auto* allocator = used_allocator();
       if (allocator == nullptr) {
         results.put(c10::Dict<std::string, int64_t>());
       } else {
         put_stats(allocator->getDeviceStats(take_index(r).index()), results);
       }
     }},
    {"memory.info",
     [](Reader& r, Writer& results) {
       const auto [free, total] = memory_info(*allocator(), take_index(r).index());
       results.put(static_cast<int64_t>(free));
       results.put(static_cast<int64_t>(total));
     }},
    {"memory.empty_cache",
     [](Reader&, Writer&) {
       if (auto* allocator = used_allocator()) allocator->emptyCache();
     }},
    {"memory.empty_host_cache",
     [](Reader&, Writer&) {
#ifdef CTORCH_HOST_CACHE
       if (used_allocator() != nullptr) at::accelerator::emptyHostCache();
#else
       too_old("cache of pinned memory that can be emptied; 2.15 has it");
#endif
     }},
    {"memory.reset_peak",
     [](Reader& r, Writer&) {
       if (auto* allocator = used_allocator()) allocator->resetPeakStats(take_index(r).index());
     }},
    {"memory.reset_accumulated",
     [](Reader& r, Writer&) {
       if (auto* allocator = used_allocator()) allocator->resetAccumulatedStats(take_index(r).index());
     }},
    {"memory.host_stats", [](Reader&, Writer& results) { put_host_stats(host_allocator().get_stats(), results); }},
    {"memory.reset_host_peak", [](Reader&, Writer&) { host_allocator().reset_peak_stats(); }},
    {"memory.reset_host_accumulated", [](Reader&, Writer&) { host_allocator().reset_accumulated_stats(); }},
    // Gives the address of so many bytes, until memory.free.
    {"memory.allocate",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_index(r);
       at::globalContext().lazyInitDevice(device.type());
       const c10::DeviceGuard guard(device);
       void* data = allocator()->raw_allocate(static_cast<size_t>(r.take_int()));
       results.put(static_cast<int64_t>(reinterpret_cast<intptr_t>(data)));
     }},
    {"memory.free",
     [](Reader& r, Writer&) {
       allocator()->raw_deallocate(reinterpret_cast<void*>(static_cast<intptr_t>(r.take_int())));
     }},
};

#else

void watch_devices() noexcept {}

bool devices_pressed() noexcept { return false; }

namespace {

void refuse(Reader&, Writer&) {
  accelerator();
  too_old("statistics of devices' memory; 2.9 has them");
}

}  // namespace

const std::vector<Method> of_memory = {
    {"memory.stats", refuse},
    {"memory.info", refuse},
    {"memory.empty_cache", refuse},
    {"memory.empty_host_cache", refuse},
    {"memory.reset_peak", refuse},
    {"memory.reset_accumulated", refuse},
    {"memory.host_stats", refuse},
    {"memory.reset_host_peak", refuse},
    {"memory.allocate", refuse},
    {"memory.free", refuse},
    {"memory.reset_host_accumulated", refuse},
};

#endif

}  // namespace ctorch

extern "C" {

bool ctorch_memory_devices_over(void) {
  bool over = false;
#ifdef CTORCH_DEVICE_ALLOCATORS
  ctorch_error_free(ctorch::guard([&] { over = ctorch::over_limits(); }));
#endif
  return over;
}

void ctorch_memory_devices_settle(int64_t least) {
#ifdef CTORCH_DEVICE_ALLOCATORS
  ctorch_error_free(ctorch::guard([&] {
    ctorch::Limits& limits = ctorch::Limits::get();
    std::lock_guard<std::mutex> lock(limits.mutex);
    limits.least = least;
    limits.of_devices.clear();
    ctorch::for_each_device([&](size_t, int64_t live) {
      limits.of_devices.push_back(live + std::max(least, live / 4));
      return false;
    });
  }));
#else
  (void)least;
#endif
}
}
