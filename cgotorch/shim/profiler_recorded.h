// What the profiler records, and how it is handed to Go.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <time.h>
#include <torch/csrc/profiler/util.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "profiler_log.h"
#include "shim.h"

namespace ctorch {

namespace clocks {
using namespace c10;                    // newer libtorches have it there
using namespace torch::profiler::impl;  // older ones here
inline uint64_t ticks() { return static_cast<uint64_t>(getApproximateTime()); }
}  // namespace clocks

// The processor's counter, which is read sooner than the clock, and 0 at no time.
using clocks::ticks;

// A moment by both.
struct Moment {
  uint64_t ticks;
  int64_t time;  // nanoseconds since 1970
};

// The closest of several looks at both: between them the thread may have waited.
inline Moment moment() {
  Moment best = {};
  for (uint64_t least = UINT64_MAX, i = 0; i < 20; ++i) {
    timespec time;
    const uint64_t before = ticks();
    clock_gettime(CLOCK_REALTIME, &time);
    const uint64_t took = ticks() - before;
    if (took >= least) continue;
    least = took;
    best = {before + took / 2, static_cast<int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec};
  }
  return best;
}

// The tensor behind an input, as far as one can say whether another is the same. It lets
// nobody else have its address.
struct Identity {
  c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl> tensor;
  const void* storage;
  int64_t bytes;

  // Whether a tensor has one.
  static bool is_there(const at::Tensor& x) { return x.defined() && x.layout() == at::kStrided && x.has_storage(); }

  explicit Identity(const at::Tensor& x) : tensor(x.getIntrusivePtr()), storage(x.storage().data()), bytes(1) {
    for (int64_t i = 0; i < x.dim(); ++i) bytes = std::max(bytes, x.size(i) * x.stride(i));
    bytes *= static_cast<int64_t>(x.element_size());
  }
};

// std::optional, or c10::optional in older libtorches.
using OptionalName = decltype(std::declval<const at::RecordFunction&>().operator_name());

// What is known of the inputs of a call.
struct Inputs {
  std::vector<std::vector<int64_t>> shapes;
  std::vector<std::string> types;
  uint64_t flops = 0;
  OptionalName op;                                // with memory, as is this:
  std::vector<std::vector<Identity>> identities;  // of each input that is a tensor or a list
};

struct Call {
  std::atomic<uint64_t> end{0};  // 0 until it has ended; start and end are ticks
  uint64_t start = 0;
  std::string name;
  int64_t sequence = -1;
  uint64_t forward_thread = 0;
  uint64_t stack = 0;  // Go's number of it
  std::unique_ptr<Inputs> inputs;
  at::RecordScope scope = at::RecordScope::FUNCTION;
  bool async = false;
};

struct Allocation {
  uint64_t time = 0;  // ticks
  uint64_t address = 0;
  int64_t bytes = 0;  // below 0 for freed ones
  int64_t total = 0;  // of all that was seen made
};

// A tensor of which the program says what it is.
struct Role {
  uint64_t time = 0;
  int64_t role = 0;
  std::optional<Identity> identity;
};

// Numbers that say what was recorded; texts are in a table of their own.
class Packer {
 public:
  Packer(Moment began, Moment ended)
      : began_(began),
        nanoseconds_(static_cast<double>(ended.time - began.time) / static_cast<double>(ended.ticks - began.ticks)) {}

  void put(int64_t number) { numbers_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void put(uint64_t number) { put(static_cast<int64_t>(number)); }

  void put_time(uint64_t ticks) {
    const auto since = static_cast<double>(static_cast<int64_t>(ticks - began_.ticks));
    put(began_.time + static_cast<int64_t>(since * nanoseconds_));
  }

  void put(const std::string& text) {
    auto [at, added] = places_.emplace(text, static_cast<int64_t>(places_.size()));
    if (added) {
      lengths_.push_back(static_cast<int64_t>(text.size()));
      texts_ += text;
    }
    put(at->second);
  }

  void put(const Call& call) {
    put(call.name);
    put(static_cast<int64_t>(call.scope));
    put_time(call.start);
    put_time(call.end.load(std::memory_order_relaxed));
    put(call.forward_thread);
    put(call.sequence);
    put(call.stack);
    put(static_cast<int64_t>(call.async));
    static const Inputs none;
    put(call.inputs == nullptr ? none : *call.inputs);
  }

  void put(const Inputs& inputs) {
    put(inputs.flops);
    decltype(c10::Dispatcher::singleton().findSchema(*inputs.op)) op;
    if (inputs.op) op = c10::Dispatcher::singleton().findSchema(*inputs.op);
    put(static_cast<int64_t>(op.has_value()));
    put(static_cast<int64_t>(inputs.shapes.size()));
    for (size_t i = 0; i < inputs.shapes.size(); ++i) {
      put(i < inputs.types.size() ? inputs.types[i] : std::string());
      put(static_cast<int64_t>(inputs.shapes[i].size()));
      for (int64_t size : inputs.shapes[i]) put(size);
      const bool known = i < inputs.identities.size();
      put(known ? static_cast<int64_t>(inputs.identities[i].size()) : int64_t{0});
      if (known) {
        for (const Identity& x : inputs.identities[i]) put(x);
      }
      put(static_cast<int64_t>(op && is_written(*op, i)));
    }
  }

  void put(const Identity& x) {
    put(reinterpret_cast<uint64_t>(x.tensor._unsafe_get_target()));
    put(reinterpret_cast<uint64_t>(x.storage));
    put(x.bytes);
  }

  void put(const Allocation& allocation) {
    put_time(allocation.time);
    put(allocation.address);
    put(allocation.bytes);
    put(allocation.total);
  }

  void put(const Role& role) {
    put_time(role.time);
    put(role.role);
    put(*role.identity);
  }

  // Puts how many elements of a log put_one puts, and them: it says whether it did.
  template <class T, class PutOne>
  void put(Log<T>& log, PutOne&& put_one) {
    const size_t at = numbers_.size();
    int64_t count = 0;
    put(count);
    log.drain([&](T& element) {
      const bool there = put_one(element);
      if (there) ++count;
      return there;
    });
    std::memcpy(&numbers_[at], &count, sizeof count);
  }

  void finish(ctorch_status& status, uint64_t* words, int32_t capacity) {
    Writer writer(words, capacity);
    writer.put(std::move(texts_));
    writer.put(std::string(reinterpret_cast<const char*>(lengths_.data()), lengths_.size() * sizeof(int64_t)));
    writer.put(std::move(numbers_));
    writer.finish(status);
  }

 private:
  static bool is_written(const c10::OperatorHandle& op, size_t argument) {
    const auto& arguments = op.schema().arguments();
    return argument < arguments.size() && arguments[argument].alias_info() != nullptr &&
           arguments[argument].alias_info()->isWrite();
  }

  const Moment began_;
  const double nanoseconds_;  // of a tick
  std::string texts_, numbers_;
  std::vector<int64_t> lengths_;
  std::unordered_map<std::string, int64_t> places_;
};

}  // namespace ctorch
