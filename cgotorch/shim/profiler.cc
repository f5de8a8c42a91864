// The profiler: an observer of all operators of all threads, at the place where
// libtorch's own looks (at::RecordFunction), so that both see the same calls.
//
// Each thread has a lane, that it writes calls to without a lock. A call that has begun
// holds the lane, and its end is what it writes last. So a recording may start and stop at
// any moment, whatever other threads are doing; what has not ended by then is left out of it.
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <mutex>

#include "callback.h"
#include "profiler_recorded.h"

namespace {

using ctorch::Allocation;
using ctorch::Call;
using ctorch::Identity;
using ctorch::Inputs;
using ctorch::Role;
using ctorch::ticks;

// What a thread does.
struct Lane {
  const uint64_t thread = at::RecordFunction::currentThreadId();
  int64_t system_thread = 0;
  bool stacks = false;
  int depth = 0;       // of calls in each other, without regions, where there are stacks
  uint64_t stack = 0;  // of the outermost one
  ctorch::Log<Call> calls;
  ctorch::Log<Allocation> allocations;
  ctorch::Log<Role> roles;
};

struct Recording {
  bool shapes, memory, flops;
  ctorch::GoFunction stack;
  at::CallbackHandle handle = 0;
  ctorch::Moment began = ctorch::moment();

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
};

int64_t system_thread() {
#ifdef __linux__
  return syscall(SYS_gettid);
#else
  return static_cast<int64_t>(at::RecordFunction::currentThreadId());
#endif
}

// Makes thread that of the recording that runs, if any.
void follow(Thread& thread) {
  thread = Thread();
  std::lock_guard<std::mutex> lock(running_mutex);
  thread.generation = generation.load(std::memory_order_relaxed);
  if (running() == nullptr) return;
  thread.recording = running();
  thread.lane = std::make_shared<Lane>();
  thread.lane->system_thread = system_thread();
  thread.lane->stacks = static_cast<bool>(thread.recording->stack);
  std::lock_guard<std::mutex> lanes(thread.recording->mutex);
  thread.recording->lanes.push_back(thread.lane);
}

Thread& this_thread() {
  static thread_local Thread thread;
  if (thread.generation != generation.load(std::memory_order_acquire)) follow(thread);
  return thread;
}

std::vector<Identity> identities(const c10::IValue& value) {
  std::vector<Identity> list;
  if (value.isTensor() && Identity::is_there(value.toTensor())) list.emplace_back(value.toTensor());
  if (value.isTensorList()) {
    for (const at::Tensor& x : value.toTensorVector()) {
      if (Identity::is_there(x)) list.emplace_back(x);
    }
  }
  return list;
}

std::unique_ptr<Inputs> inputs_of(const at::RecordFunction& call, const Recording& recording) {
  auto inputs = std::make_unique<Inputs>();
  inputs->shapes = torch::profiler::impl::inputSizes(call, false);
  inputs->types = torch::profiler::impl::inputTypes(call);
  if (recording.flops) {
    inputs->flops = torch::profiler::impl::computeFlops(call.name(), torch::profiler::impl::saveExtraArgs(call));
  }
  if (recording.memory) {
    inputs->op = call.operator_name();
    // Without NDEBUG it would ask whether the inputs are there, which only libtorch's debug builds know.
    for (const c10::IValue& value : call.inputs()) inputs->identities.push_back(identities(value));
  }
  return inputs;
}

// A call that has begun.
struct Open : at::ObserverContext {
  std::shared_ptr<Lane> lane;
  Call* call;
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& call) {
  Thread& thread = this_thread();
  if (thread.recording == nullptr) return nullptr;
  const Recording& recording = *thread.recording;
  Lane& lane = *thread.lane;
  auto open = std::make_unique<Open>();
  open->lane = thread.lane;
  std::unique_ptr<Inputs> inputs;
  if (recording.shapes) inputs = inputs_of(call, recording);
  if (lane.stacks) {
    if (lane.depth == 0) lane.stack = ctorch::MayCallGo::now() ? recording.stack({}).number : 0;
    if (call.scope() != at::RecordScope::USER_SCOPE) ++lane.depth;
  }
  open->call = lane.calls.add([&](Call& begun) {
    begun.name = call.name();
    begun.scope = call.scope();
    begun.forward_thread = call.forwardThreadId();
    begun.sequence = call.seqNr();
    begun.async = call.isAsync();
    begun.inputs = std::move(inputs);
    begun.stack = lane.stack;
    begun.start = ticks();
  });
  return open;
}

void end(const at::RecordFunction&, at::ObserverContext* context) {
  const uint64_t time = ticks();
  if (context == nullptr) return;
  auto* open = static_cast<Open*>(context);
  Lane& lane = *open->lane;
  if (at::RecordFunction::currentThreadId() != lane.thread) {
    open->call->async = true;
  } else if (lane.stacks && open->call->scope != at::RecordScope::USER_SCOPE) {
    --lane.depth;
  }
  open->call->end.store(time, std::memory_order_release);
}

void add_allocation(const void* data, int64_t bytes, int64_t total) {
  Thread& thread = this_thread();
  if (thread.recording == nullptr) return;
  thread.lane->allocations.add(
      [&](Allocation& made) { made = {ticks(), reinterpret_cast<uint64_t>(data), bytes, total}; });
}

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
    recording->memory = memory;
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
    ctorch::Packer packer(recording->began, ctorch::moment());
    std::lock_guard<std::mutex> lanes(recording->mutex);
    packer.put(static_cast<int64_t>(recording->lanes.size()));
    for (auto& lane : recording->lanes) {
      packer.put(lane->thread);
      packer.put(lane->system_thread);
      packer.put(lane->calls, [&](Call& call) {
        if (call.end.load(std::memory_order_acquire) == 0) return false;
        packer.put(call);
        call.inputs.reset();
        return true;
      });
      packer.put(lane->allocations, [&](const Allocation& allocation) {
        packer.put(allocation);
        return true;
      });
      packer.put(lane->roles, [&](Role& role) {
        packer.put(role);
        role.identity.reset();
        return true;
      });
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

ctorch_error* ctorch_profiler_role(int64_t role, uint64_t* words, int32_t count) {
  return ctorch::guard([&] {
    Thread& thread = this_thread();
    if (thread.recording == nullptr || !thread.recording->memory || !thread.recording->shapes) return;
    ctorch::Reader reader{words, words + count};
    for (const at::Tensor& x : reader.take_tensors()) {
      if (!Identity::is_there(x)) continue;
      thread.lane->roles.add([&](Role& told) {
        told.time = ticks();
        told.role = role;
        told.identity.emplace(x);
      });
    }
  });
}
}
