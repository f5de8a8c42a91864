// Go functions that libtorch calls. Go keeps them in a table; the shim has their
// numbers only. It cannot call Go where it drops the last copy of one, since any
// call may do that, so it collects the numbers until Go asks for them.
#include "callback.h"

#include <algorithm>
#include <mutex>

namespace {

ctorch_go_function call_go = nullptr;

struct Dropped {
  std::mutex mutex;
  std::vector<uint64_t> numbers;
};

// Never destroyed: graphs may outlive static objects at exit.
Dropped& dropped() {
  static auto* list = new Dropped;
  return *list;
}

void drop(uint64_t number) {
  std::lock_guard<std::mutex> lock(dropped().mutex);
  dropped().numbers.push_back(number);
}

}  // namespace

// The mutexes that the frames below Go functions hold, one for each function that runs
// on this thread, NULL for none.
thread_local std::vector<std::mutex*> held_below;

namespace ctorch {

std::mutex* current_node_mutex() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
  struct Open : Node {  // the mutex is there for those that derive from it
    static std::mutex& of(Node& node) { return node.*(&Open::mutex_); }
  };
  const NodePtr node = torch::autograd::get_current_node();
  return node ? &Open::of(*node) : nullptr;
#else
  return nullptr;  // older libtorches do not say which node runs
#endif
}

std::mutex* held_node_mutex() {
  std::mutex* mutex = current_node_mutex();
  if (mutex == nullptr || std::find(held_below.begin(), held_below.end(), mutex) != held_below.end()) return nullptr;
  if (!mutex->try_lock()) return mutex;
  mutex->unlock();
  return nullptr;
}

GoFunction::GoFunction(uint64_t id)
    : held_(new uint64_t(id), [](const uint64_t* number) {
        drop(*number);
        delete number;
      }) {}

ctorch_reply GoFunction::operator()(const variable_list& arguments, uint64_t number, std::mutex* held) const {
  Writer words;
  words.put_tensors(arguments);
  words.put(static_cast<int64_t>(number));
  ctorch_reply reply;
  (*this)(words, reply, held);
  return reply;
}

void GoFunction::operator()(Writer& words, ctorch_reply& reply, std::mutex* held) const {
  auto& list = words.words();
  held_below.push_back(held);
  const bool called = call_go(*held_, list.data(), static_cast<int32_t>(list.size()), current_scope(), &reply);
  held_below.pop_back();
  if (!called) {
    throw Fault(CTORCH_ERROR_RUNTIME, "maximum recursion depth exceeded: hooks are called within hooks 1,000 deep");
  }
  words.hand_over();  // Go has them
  if (reply.panic != 0) throw GoPanic(reply);
}

GoPanic::GoPanic(const ctorch_reply& reply)
    : text_(reply.text), held_(new std::atomic<uint64_t>(reply.panic), [](std::atomic<uint64_t>* number) {
        if (uint64_t left = number->load()) drop(left);
        delete number;
      }) {}

bool& MayCallGo::now() {
  static thread_local bool may = false;
  return may;
}

}  // namespace ctorch

extern "C" {

void ctorch_callback_init(ctorch_go_function call) { call_go = call; }

ctorch_error* ctorch_reply_set(ctorch_reply* reply, const uint64_t* words, int32_t count) {
  return ctorch::guard([&] {
    ctorch::Reader reader{words, words + count};
    if (reply->read) return reply->read(reader);
    reply->tensors = reader.take_tensors();
    reply->number = reader.take_int();
    reply->text = reader.take_string();
  });
}

void ctorch_reply_panic(ctorch_reply* reply, uint64_t panic, const char* text) {
  reply->panic = panic;
  try {
    reply->text = text;
  } catch (const std::bad_alloc&) {  // the panic itself is what counts
  }
}

void ctorch_callback_abandon(void) {
  if (std::mutex* held = held_below.back()) held->unlock();
  held_below.pop_back();
}

int32_t ctorch_callback_dropped(uint64_t* numbers, int32_t capacity) {
  std::lock_guard<std::mutex> lock(dropped().mutex);
  auto& list = dropped().numbers;
  int32_t n = 0;
  for (; n < capacity && !list.empty(); ++n) {
    numbers[n] = list.back();
    list.pop_back();
  }
  return n;
}
}
