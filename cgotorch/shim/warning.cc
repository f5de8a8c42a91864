// Warnings: what libtorch warns of waits here until Go takes it. A handler of Go's
// could not be called, since most calls must not call Go.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>

#include "shim.h"

namespace {

struct Warning {
  std::string text;
  std::string source;  // where in libtorch
  bool deprecation;
  bool operator==(const Warning& other) const { return text == other.text && source == other.source; }
};

std::atomic<int32_t> waiting{0};

struct Queue {
  std::mutex mutex;
  std::vector<Warning> warnings;
};

// Never destroyed: libtorch's threads may warn at exit.
Queue& queue() {
  static auto* list = new Queue;
  return *list;
}

void add(Warning warning) {
  std::lock_guard<std::mutex> lock(queue().mutex);
  auto& list = queue().warnings;
  if (std::find(list.begin(), list.end(), warning) != list.end()) return;
  list.push_back(std::move(warning));
  waiting.store(static_cast<int32_t>(list.size()), std::memory_order_release);
}

std::string place(const c10::SourceLocation& at) {
  return at.file == nullptr ? "" : std::string(at.file) + ":" + std::to_string(at.line);
}

class Handler final : public c10::WarningHandler {
 public:
#if TORCH_VERSION_MAJOR < 2
  void process(const c10::SourceLocation& at, const std::string& text, const bool) override { take(at, text, false); }
#else
  void process(const c10::Warning& warning) override {
    take(warning.source_location(), warning.msg(), std::holds_alternative<c10::DeprecationWarning>(warning.type()));
  }
#endif

 private:
  // Throws nothing: libtorch may warn in a destructor.
  void take(const c10::SourceLocation& at, const std::string& text, bool deprecation) noexcept {
    try {
      add({text, place(at), deprecation});
    } catch (...) {  // no memory for a warning
    }
  }
};

}  // namespace

namespace ctorch {

// A thread's handler is a pointer of its own, which is at first, in each thread that
// there will ever be, one to the same object. It is made another one in its place, so
// that no call has to set its thread's.
void collect_warnings() {
  static_assert(sizeof(Handler) == sizeof(c10::WarningHandler));
  new (warnings::get_warning_handler()) Handler;
}

}  // namespace ctorch

extern "C" {

const int32_t* ctorch_warnings_waiting(void) {
  static_assert(sizeof waiting == sizeof(int32_t) && std::atomic<int32_t>::is_always_lock_free);
  return reinterpret_cast<const int32_t*>(&waiting);
}

ctorch_status ctorch_warnings_take(uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    std::vector<Warning> taken;
    {
      std::lock_guard<std::mutex> lock(queue().mutex);
      taken.swap(queue().warnings);
      waiting.store(0, std::memory_order_release);
    }
    ctorch::Writer writer(words, capacity);
    for (auto& warning : taken) {
      writer.put(std::move(warning.text));
      writer.put(std::move(warning.source));
      writer.put(warning.deprecation);
    }
    writer.finish(status);
  });
}
}
