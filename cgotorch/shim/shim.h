// What the .cc files of the shim share: the guard that turns exceptions into
// ctorch_error, handles, and the reader and writer of words.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <c10/util/Exception.h>

#include <atomic>
#include <string>
#include <vector>

#include "ctorch.h"

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/version.h>
#endif

namespace ctorch {

#if TORCH_VERSION_MAJOR < 2
template <class T>
using optional = c10::optional<T>;
#else
template <class T>
using optional = std::optional<T>;
#endif

#if TORCH_VERSION_MAJOR < 2
namespace warnings = c10::Warning;
#else
namespace warnings = c10::WarningUtils;
#endif

// Fault is an error of the shim's own, with its kind.
struct Fault : std::exception {
  int32_t kind;
  std::string message;
  Fault(int32_t kind, std::string message) : kind(kind), message(std::move(message)) {}
  const char* what() const noexcept override { return message.c_str(); }
};

// Makes a ctorch_error; never throws, and never gives NULL.
ctorch_error* make_error(int32_t kind, const char* message, const char* arguments = nullptr) noexcept;

// Turns the exception in flight into a ctorch_error. Call it in a catch block.
ctorch_error* current_error(const char* arguments = nullptr) noexcept;

// What ctorch_set_num_threads said last: the number, below a count of its calls; 0: nothing.
extern std::atomic<uint64_t> threads_said;

// Gives the calling thread that number, if it did not hear of it yet. OpenMP keeps one for each
// thread of the system, and Go's goroutines move between those.
void hear_threads() noexcept;

// Runs body; every function that can fail has its whole body in one of these.
template <class Body>
ctorch_error* guard(Body&& body) noexcept {
  if (threads_said.load(std::memory_order_acquire) != 0) hear_threads();
  try {
    body();
    return nullptr;
  } catch (...) {
    return current_error();
  }
}

// The same for a function that gives a status; body fills it in.
template <class Body>
ctorch_status guard_status(Body&& body) noexcept;

// A tensor's handle is its TensorImpl, holding one reference.
inline uint64_t release(at::Tensor tensor) { return reinterpret_cast<uint64_t>(tensor.unsafeReleaseTensorImpl()); }

inline at::Tensor borrow(uint64_t handle) {
  if (handle == 0) throw Fault(CTORCH_ERROR_CLOSED, "the tensor is closed");
  return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(
      reinterpret_cast<at::TensorImpl*>(handle)));
}

inline uint64_t release(at::Generator generator) {
  return reinterpret_cast<uint64_t>(generator.unsafeReleaseGeneratorImpl());
}

inline at::Generator borrow_generator(uint64_t handle) {
  if (handle == 0) throw Fault(CTORCH_ERROR_CLOSED, "the generator is closed");
  return at::Generator(
      c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(reinterpret_cast<c10::GeneratorImpl*>(handle)));
}

// An object's handle is libtorch's value of it, holding one reference.
inline uint64_t release(c10::intrusive_ptr<c10::ivalue::Object> object) {
  return reinterpret_cast<uint64_t>(object.release());
}

inline c10::IValue borrow_object(uint64_t handle) {
  if (handle == 0) throw Fault(CTORCH_ERROR_CLOSED, "the object is closed");
  return c10::intrusive_ptr<c10::ivalue::Object>::reclaim_copy(reinterpret_cast<c10::ivalue::Object*>(handle));
}

// The name of an object's class.
std::string class_name(const c10::IValue& object);

inline c10::Device unpack_device(uint64_t word) {
  return c10::Device(static_cast<c10::DeviceType>(static_cast<int32_t>(word)),
                     static_cast<c10::DeviceIndex>(static_cast<int32_t>(word >> 32)));
}

inline uint64_t pack_device(c10::Device device) {
  return static_cast<uint32_t>(device.type()) | static_cast<uint64_t>(static_cast<uint32_t>(device.index())) << 32;
}

// A copy that C code can own; ctorch_free it.
char* copy_string(const std::string& text);

// How deep values may be nested.
constexpr int kMostDepth = 100;

// Reads values from words.
struct Reader {
  const uint64_t* at;
  const uint64_t* end;

  bool done() const { return at >= end; }
  int tag() const { return static_cast<int>(*at & 0xff); }
  uint64_t count() const { return *at >> 8; }
  const uint64_t* payload() const { return at + 1; }
  // Steps over the value at hand.
  void skip();
  // Takes a value of the given tag.
  bool take_bool();
  int64_t take_int();
  std::string take_string();
  std::vector<at::Tensor> take_tensors();
};

// Collects values; finish hands them to the caller, or hand_over those of a writer
// that has words of its own.
class Writer {
 public:
  Writer() = default;
  Writer(uint64_t* words, int32_t capacity) : words_(words), capacity_(capacity) {}
  ~Writer();  // drops what was not handed over
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  void put(const c10::IValue& value);
  // Starts a container of so many values, or pairs in a dict, which are put next.
  void start(int tag, uint64_t count) { head(tag, count); }
  void put_tensor(at::Tensor tensor);
  void put_tensors(std::vector<at::Tensor> tensors);
  void finish(ctorch_status& status);
  std::vector<uint64_t>& words() { return spill_; }
  void hand_over();

 private:
  void word(uint64_t w);
  void put_container(const c10::IValue& value);
  void head(int tag, uint64_t count = 0) { word(static_cast<uint64_t>(tag) | count << 8); }
  uint64_t* words_ = nullptr;
  int32_t capacity_ = 0;
  int32_t count_ = 0;
  int depth_ = 0;
  std::vector<uint64_t> spill_;
  std::vector<uint64_t> tensors_;
  std::vector<at::Generator> generators_;
  std::vector<c10::intrusive_ptr<c10::ivalue::Object>> objects_;
};

// Reads a value of a type, however nested, and steps over it. What does not fit is a Fault
// that says where it is: "argument x[2]['mask']: must be a Tensor, not a str", for the
// argument x.
c10::IValue read_typed(Reader& reader, const c10::TypePtr& type, const std::string& argument);

// Reads a value of whatever type, and steps over it.
c10::IValue read_any(Reader& reader);

// What libtorch says of its build after label, up to one of the characters ends.
std::string config(const std::string& label, const char* ends);

// Bytes of pressure and the thread's scope, for a status.
int32_t under_pressure() noexcept;
uint64_t current_scope() noexcept;
void count_memory();

// Whether the profiler wants to know of CPU memory, and what it is told then. It does not
// mind memory that it does not know being freed.
extern std::atomic<bool> records_memory;
void record_allocated(const void* data, size_t bytes) noexcept;
void record_freed(const void* data) noexcept;

// Makes libtorch's warnings wait for Go.
void collect_warnings();

// Makes the engine of engine.cc the one that runs graphs.
void use_own_engine();

template <class Body>
ctorch_status guard_status(Body&& body) noexcept {
  ctorch_status status = {};
  status.error = guard([&] { body(status); });
  status.scope = current_scope();
  status.pressure = under_pressure();
  return status;
}

}  // namespace ctorch
