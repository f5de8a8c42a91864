// Modes: Go functions that see the operators of a thread, as Python's
// TorchDispatchMode. They sit at a dispatch key below autograd and above the devices'
// kernels, so they see what the operators of a program are made of, and what runs in a
// backward pass.
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <mutex>
#include <sstream>
#include <unordered_map>

#include "callback.h"
#include "op.h"

using c10::DispatchKey;
using c10::DispatchKeySet;
using c10::IValue;
using ctorch::Fault;
using ctorch::Reader;

namespace {

constexpr DispatchKey kKey = DispatchKey::Fake;  // libtorch itself has no kernels for it

struct Mode {
  ctorch::GoFunction function;
  Mode* outer;
};

Mode* mode_of(uint64_t handle) { return reinterpret_cast<Mode*>(handle); }
uint64_t handle_of(Mode* mode) { return reinterpret_cast<uint64_t>(mode); }

// The calling thread's mode. The key is included for threads that have one.
thread_local Mode* current = nullptr;

Mode* set_mode(Mode* mode) {
  c10::impl::tls_set_dispatch_key_included(kKey, mode != nullptr);
  return std::exchange(current, mode);
}

// An operator that a mode saw. Schemas stay where they are as long as the process.
struct Seen {
  uint64_t number;
  const c10::FunctionSchema* schema;
  std::vector<ctorch::Kind> results;
  bool composite;  // libtorch makes it of others
};

struct Table {
  std::mutex mutex;
  std::unordered_map<const c10::FunctionSchema*, std::unique_ptr<Seen>> by_schema;
  std::vector<const Seen*> by_number;
};

Table& table() {
  static auto* table = new Table;  // never destroyed, as libtorch's
  return *table;
}

const Seen& look_up(const c10::OperatorHandle& op) {
  std::lock_guard<std::mutex> lock(table().mutex);
  auto& seen = table().by_schema[&op.schema()];
  if (!seen) {
    seen = std::make_unique<Seen>();
    seen->number = table().by_number.size();
    seen->schema = &op.schema();
    seen->composite = op.hasKernelForDispatchKey(DispatchKey::CompositeImplicitAutograd);
    seen->results = ctorch::result_kinds(op.schema());
    table().by_number.push_back(seen.get());
  }
  return *seen;
}

// The number that stands for a tensor where a program gave one, else None.
IValue number_of(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.unsafeGetTensorImpl()->is_wrapped_number() || tensor.dim() != 0 ||
      !tensor.device().is_cpu()) {
    return IValue();
  }
  switch (tensor.scalar_type()) {
    case at::kDouble:
      return *static_cast<const double*>(tensor.data_ptr());
    case at::kLong:
      return *static_cast<const int64_t*>(tensor.data_ptr());
    case at::kBool:
      return *static_cast<const bool*>(tensor.data_ptr());
    case at::kComplexDouble:
      return *static_cast<const c10::complex<double>*>(tensor.data_ptr());
    default:
      return IValue();
  }
}

void put_argument(ctorch::Writer& words, const c10::OperatorHandle& op, size_t position, const IValue& value) {
  try {
    const IValue number = value.isTensor() ? number_of(value.toTensor()) : IValue();
    words.put(number.isNone() ? value : number);
  } catch (const Fault& fault) {
    throw Fault(fault.kind, c10::toString(op.operator_name()) + ": argument '" +
                                op.schema().arguments()[position].name() + "': " + fault.message +
                                ", so no dispatch mode can see the operator");
  }
}

// Is called in the place of every operator of a thread for which the key is included.
void see(const c10::OperatorHandle& op, DispatchKeySet keys, c10::Stack* stack) {
  const DispatchKeySet below = keys & DispatchKeySet(DispatchKeySet::FULL_AFTER, kKey);
  Mode* mode = current;
  // Another thread than the mode's has the key where libtorch copied it, and calls of
  // some functions must not call Go.
  if (mode == nullptr || !ctorch::MayCallGo::now()) return op.redispatchBoxed(below, stack);
  const Seen& seen = look_up(op);
  // In inference mode nothing above has taken such an operator apart.
  if (seen.composite && !op.hasKernelForDispatchKey(below.highestPriorityTypeId())) {
    return op.redispatchBoxed(below, stack);
  }
  const size_t count = op.schema().arguments().size();
  ctorch::Writer words;
  words.put(static_cast<int64_t>(seen.number));
  for (size_t i = 0; i < count; ++i) put_argument(words, op, i, (*stack)[stack->size() - count + i]);
  stack->erase(stack->end() - static_cast<std::ptrdiff_t>(count), stack->end());

  std::vector<IValue> results;
  ctorch_reply reply;
  reply.read = [&](Reader& reader) {
    ctorch::read_results(*seen.schema, seen.results, "a dispatch mode", reader, results);
  };
  struct Outer {
    Outer(Mode* mode) : before(set_mode(mode->outer)) {}
    ~Outer() { set_mode(before); }
    Mode* before;
  } outer(mode);
  const ctorch::GoFunction function = mode->function;  // which it may end
  function(words, reply, ctorch::held_node_mutex());
  for (auto& result : results) stack->push_back(std::move(result));
}

// Lets libtorch call see. It is done at first use, since it changes an entry of every
// operator.
void install() {
  static auto* handle = new c10::RegistrationHandleRAII(c10::Dispatcher::singleton().registerFallback(
      kKey, c10::KernelFunction::makeFromBoxedFunction<&see>(), "gotorch's dispatch modes"));
  (void)handle;
}

}  // namespace

extern "C" {

ctorch_error* ctorch_mode_new(uint64_t function, uint64_t outer, uint64_t* mode) {
  return ctorch::guard([&] {
    ctorch::GoFunction held(function);
    install();
    *mode = handle_of(new Mode{std::move(held), mode_of(outer)});
  });
}

void ctorch_mode_free(uint64_t mode) { delete mode_of(mode); }

uint64_t ctorch_mode_set(uint64_t mode) { return handle_of(set_mode(mode_of(mode))); }

uint64_t ctorch_mode_current(void) { return handle_of(current); }

ctorch_error* ctorch_mode_operator(uint64_t number, char** schema) {
  return ctorch::guard([&] {
    std::ostringstream out;
    {
      std::lock_guard<std::mutex> lock(table().mutex);
      out << *table().by_number.at(number)->schema;
    }
    *schema = ctorch::copy_string(out.str());
  });
}
}
