// The profiler: an observer of all operators of all threads, at the place where
// libtorch's own looks (at::RecordFunction), so that both see the same calls.
//
// An event belongs to the call that it is of until that has ended, and then to the
// recording that saw it begin. So a recording may start and stop at any moment, whatever
// other threads are doing; what has not ended by then is left out of it.
#include <ATen/record_function.h>
#include <time.h>
#include <torch/csrc/profiler/util.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "callback.h"

namespace {

struct Event {
  std::string name;
  uint64_t id = 0;  // in the order of beginning
  int64_t scope = 0;
  int64_t start = 0, end = 0;  // nanoseconds since 1970
  uint64_t thread = 0, end_thread = 0, forward_thread = 0;
  int64_t sequence = -1;
  uint64_t flops = 0;
  uint64_t stack = 0;  // Go's number of it
  bool async = false;
  std::vector<std::vector<int64_t>> shapes;
  std::vector<std::string> types;
};

struct Allocation {
  int64_t time;
  uint64_t thread;
  uint64_t address;
  int64_t bytes;  // below 0 for freed ones
  int64_t total;  // of all that was seen made
};

// What ended on one thread.
struct Lane {
  uint64_t thread = at::RecordFunction::currentThreadId();
  int64_t system_thread = 0;
  std::mutex mutex;
  std::deque<Event> events;
  std::deque<Allocation> allocations;
};

struct Recording {
  bool shapes, flops;
  ctorch::GoFunction stack;
  at::CallbackHandle handle = 0;
  std::atomic<uint64_t> last_id{0};

  std::mutex mutex;
  std::vector<std::shared_ptr<Lane>> lanes;

  std::mutex blocks_mutex;
  std::unordered_map<const void*, int64_t> blocks;  // that were seen made
  int64_t total = 0;
};

std::mutex running_mutex;

// Never destroyed: libtorch's threads may record at exit.
std::shared_ptr<Recording>& running() {
  static auto* recording = new std::shared_ptr<Recording>;
  return *recording;
}

// Changes whenever running does.
std::atomic<uint64_t> generation{0};

// What a thread records for.
struct Thread {
  uint64_t generation = 0;
  std::shared_ptr<Recording> recording;
  std::shared_ptr<Lane> lane;
  int depth = 0;       // of calls in each other, without regions
  uint64_t stack = 0;  // of the outermost one
};

int64_t system_thread() {
#ifdef __linux__
  return syscall(SYS_gettid);
#else
  return static_cast<int64_t>(at::RecordFunction::currentThreadId());
#endif
}

Thread& this_thread() {
  static thread_local Thread thread;
  if (thread.generation == generation.load(std::memory_order_acquire)) return thread;
  thread = Thread();
  std::lock_guard<std::mutex> lock(running_mutex);
  thread.generation = generation.load(std::memory_order_relaxed);
  if (running() == nullptr) return thread;
  thread.recording = running();
  thread.lane = std::make_shared<Lane>();
  thread.lane->system_thread = system_thread();
  std::lock_guard<std::mutex> lanes(thread.recording->mutex);
  thread.recording->lanes.push_back(thread.lane);
  return thread;
}

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

// A call that has begun.
struct Open : at::ObserverContext {
  std::shared_ptr<Recording> recording;
  Event event;
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& call) {
  Thread& thread = this_thread();
  if (thread.recording == nullptr) return nullptr;
  Recording& recording = *thread.recording;
  auto open = std::make_unique<Open>();
  open->recording = thread.recording;
  Event& event = open->event;
  event.name = call.name();
  event.scope = static_cast<int64_t>(call.scope());
  event.thread = thread.lane->thread;
  event.forward_thread = call.forwardThreadId();
  event.sequence = call.seqNr();
  event.async = call.isAsync();
  if (recording.shapes) {
    event.shapes = torch::profiler::impl::inputSizes(call, false);
    event.types = torch::profiler::impl::inputTypes(call);
  }
  if (recording.flops) {
    event.flops = torch::profiler::impl::computeFlops(event.name, torch::profiler::impl::saveExtraArgs(call));
  }
  if (recording.stack) {
    if (thread.depth == 0) thread.stack = ctorch::MayCallGo::now() ? recording.stack({}).number : 0;
    event.stack = thread.stack;
  }
  if (call.scope() != at::RecordScope::USER_SCOPE) ++thread.depth;
  event.id = recording.last_id.fetch_add(1, std::memory_order_relaxed) + 1;
  event.start = now();
  return open;
}

void end(const at::RecordFunction& call, at::ObserverContext* context) {
  if (context == nullptr) return;
  const int64_t time = now();
  auto* open = static_cast<Open*>(context);
  Thread& thread = this_thread();
  if (thread.recording != open->recording) return;  // which has stopped
  Event& event = open->event;
  event.end = time;
  event.end_thread = thread.lane->thread;
  if (event.thread != event.end_thread) {
    event.async = true;
  } else if (call.scope() != at::RecordScope::USER_SCOPE) {
    --thread.depth;
  }
  std::lock_guard<std::mutex> lock(thread.lane->mutex);
  thread.lane->events.push_back(std::move(event));
}

void add_allocation(const void* data, int64_t bytes, int64_t total) {
  Thread& thread = this_thread();
  if (thread.recording == nullptr) return;
  std::lock_guard<std::mutex> lock(thread.lane->mutex);
  thread.lane->allocations.push_back({now(), thread.lane->thread, reinterpret_cast<uint64_t>(data), bytes, total});
}

// Numbers that say what was recorded; texts are in a table of their own.
class Packer {
 public:
  void put(int64_t number) { numbers_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void put(uint64_t number) { put(static_cast<int64_t>(number)); }

  void put(const std::string& text) {
    auto [at, added] = places_.emplace(text, static_cast<int64_t>(places_.size()));
    if (added) {
      lengths_.push_back(static_cast<int64_t>(text.size()));
      texts_ += text;
    }
    put(at->second);
  }

  void put(const Event& event) {
    put(event.name);
    put(event.id);
    put(event.scope);
    put(event.start);
    put(event.end);
    put(event.thread);
    put(event.end_thread);
    put(event.forward_thread);
    put(event.sequence);
    put(event.flops);
    put(event.stack);
    put(static_cast<int64_t>(event.async));
    put(static_cast<int64_t>(event.shapes.size()));
    for (size_t i = 0; i < event.shapes.size(); ++i) {
      put(i < event.types.size() ? event.types[i] : std::string());
      put(static_cast<int64_t>(event.shapes[i].size()));
      for (int64_t size : event.shapes[i]) put(size);
    }
  }

  void put(const Allocation& allocation) {
    put(allocation.time);
    put(allocation.thread);
    put(allocation.address);
    put(allocation.bytes);
    put(allocation.total);
  }

  void finish(ctorch_status& status, uint64_t* words, int32_t capacity) {
    ctorch::Writer writer(words, capacity);
    writer.put(std::move(texts_));
    writer.put(std::string(reinterpret_cast<const char*>(lengths_.data()), lengths_.size() * sizeof(int64_t)));
    writer.put(std::move(numbers_));
    writer.finish(status);
  }

 private:
  std::string texts_, numbers_;
  std::vector<int64_t> lengths_;
  std::unordered_map<std::string, int64_t> places_;
};

// A region that the user named.
struct Region {
  std::string name;
  uint64_t thread = at::RecordFunction::currentThreadId();
  at::RecordFunction call{at::RecordScope::USER_SCOPE};
};

}  // namespace

namespace ctorch {

std::atomic<bool> records_memory{false};

void record_allocated(const void* data, size_t bytes) noexcept {
  try {
    const auto recording = this_thread().recording;
    if (recording == nullptr || bytes == 0) return;
    int64_t total;
    {
      std::lock_guard<std::mutex> lock(recording->blocks_mutex);
      recording->blocks[data] = static_cast<int64_t>(bytes);
      total = recording->total += static_cast<int64_t>(bytes);
    }
    add_allocation(data, static_cast<int64_t>(bytes), total);
  } catch (const std::bad_alloc&) {  // the tensor matters more
  }
}

void record_freed(const void* data) noexcept {
  try {
    const auto recording = this_thread().recording;
    if (recording == nullptr) return;
    int64_t bytes, total;
    {
      std::lock_guard<std::mutex> lock(recording->blocks_mutex);
      auto block = recording->blocks.find(data);
      if (block == recording->blocks.end()) return;  // older than the recording
      bytes = block->second;
      recording->blocks.erase(block);
      total = recording->total -= bytes;
    }
    add_allocation(data, -bytes, total);
  } catch (const std::bad_alloc&) {
  }
}

}  // namespace ctorch

extern "C" {

ctorch_error* ctorch_profiler_start(uint64_t stack, bool shapes, bool memory, bool flops) {
  return ctorch::guard([&] {
    auto recording = std::make_shared<Recording>();
    recording->shapes = shapes || flops;
    recording->flops = flops;
    if (stack != 0) recording->stack = ctorch::GoFunction(stack);
    std::lock_guard<std::mutex> lock(running_mutex);
    if (running() != nullptr) throw ctorch::Fault(CTORCH_ERROR_RUNTIME, "Profiler is already enabled");
    recording->handle = at::addGlobalCallback(at::RecordFunctionCallback(&begin, &end).needsInputs(recording->shapes));
    running() = recording;
    generation.fetch_add(1, std::memory_order_release);
    ctorch::records_memory.store(memory, std::memory_order_relaxed);
  });
}

ctorch_status ctorch_profiler_stop(uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    std::shared_ptr<Recording> recording;
    {
      std::lock_guard<std::mutex> lock(running_mutex);
      if (running() == nullptr) {
        throw ctorch::Fault(CTORCH_ERROR_RUNTIME, "the profiler is not running");
      }
      ctorch::records_memory.store(false, std::memory_order_relaxed);
      recording.swap(running());
      at::removeCallback(recording->handle);
      generation.fetch_add(1, std::memory_order_release);
    }
    {
      std::lock_guard<std::mutex> lock(recording->blocks_mutex);
      recording->blocks.clear();  // threads may hold the recording longer
    }
    Packer packer;
    std::lock_guard<std::mutex> lanes(recording->mutex);
    packer.put(static_cast<int64_t>(recording->lanes.size()));
    for (auto& lane : recording->lanes) {
      std::lock_guard<std::mutex> lock(lane->mutex);
      packer.put(lane->thread);
      packer.put(lane->system_thread);
      packer.put(static_cast<int64_t>(lane->events.size()));
      for (const auto& event : lane->events) packer.put(event);
      packer.put(static_cast<int64_t>(lane->allocations.size()));
      for (const auto& allocation : lane->allocations) packer.put(allocation);
      lane->events.clear();
      lane->allocations.clear();
    }
    packer.finish(status, words, capacity);
  });
}

ctorch_error* ctorch_profiler_enter(const char* name, void** region) {
  return ctorch::guard([&] {
    ctorch::MayCallGo may;
    auto* entered = new Region;
    *region = entered;
    entered->name = name;
    if (entered->call.isActive()) entered->call.before(entered->name.c_str());
  });
}

bool ctorch_profiler_here(const void* region) {
  return static_cast<const Region*>(region)->thread == at::RecordFunction::currentThreadId();
}

void ctorch_profiler_leave(void* region) { delete static_cast<Region*>(region); }
}
