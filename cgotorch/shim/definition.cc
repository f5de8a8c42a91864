// Operators that Go defines: a kernel for each dispatch key that a program may come by,
// which calls the Go function of the operator. They are there as long as the process,
// since libtorch lets calls go on while it takes a kernel away; what an operator does, and
// whether it still does, Go decides at each call.
#include <ATen/ATen.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/op_registration/op_registration.h>
#include <torch/csrc/jit/frontend/function_schema_parser.h>

#include <algorithm>
#include <atomic>
#include <sstream>

#include "callback.h"
#include "op.h"

#if TORCH_VERSION_MAJOR >= 2
#include <ATen/functorch/BatchedTensorImpl.h>
#include <ATen/functorch/DynamicLayer.h>
#include <ATen/functorch/VmapInterpreter.h>
namespace functorch = at::functorch;
#endif

using c10::DispatchKey;
using c10::DispatchKeySet;
using c10::IValue;
using c10::OperatorHandle;
using ctorch::Fault;
using ctorch::Reader;
using ctorch::Writer;

namespace {

struct Definition {
  ctorch::GoFunction function;
  c10::FunctionSchema schema;
  std::vector<ctorch::Kind> results;
  bool composite;
  bool writes = false;                // it changes arguments
  std::atomic<int32_t> cast[2] = {};  // for the CPU and CUDA, a dtype's number and 1, or 0
  std::vector<c10::RegistrationHandleRAII> registrations;

  std::string name() const { return c10::toString(schema.operator_name()); }
};

// Calls f with each tensor of a value, which it may replace.
template <class Function>
void each_tensor(IValue& value, Function f) {
  if (value.isTensor()) {
    at::Tensor tensor = value.toTensor();
    if (!tensor.defined()) return;
    f(tensor);
    value = tensor;
  } else if (value.isTensorList() || value.isOptionalTensorList()) {
    c10::impl::GenericList list(value.isTensorList() ? c10::TypePtr(c10::TensorType::get())
                                                     : c10::TypePtr(c10::OptionalType::ofTensor()));
    for (const IValue& element : value.toListRef()) {
      IValue copy = element;
      each_tensor(copy, f);
      list.push_back(copy);
    }
    value = list;
  }
}

// The tensors among values, in their order.
std::vector<at::Tensor> tensors_of(const IValue* values, size_t count) {
  std::vector<at::Tensor> tensors;
  for (size_t i = 0; i < count; ++i) {
    IValue value = values[i];
    each_tensor(value, [&](at::Tensor& tensor) { tensors.push_back(tensor); });
  }
  return tensors;
}

// Takes an operator's arguments off the stack.
std::vector<IValue> take_arguments(const Definition& op, c10::Stack* stack) {
  const auto count = static_cast<std::ptrdiff_t>(op.schema.arguments().size());
  std::vector<IValue> arguments(std::make_move_iterator(stack->end() - count), std::make_move_iterator(stack->end()));
  stack->erase(stack->end() - count, stack->end());
  return arguments;
}

// Calls Go with what is put into words by put, and reads its reply by read.
void ask(const Definition& op, int64_t kernel, const std::vector<IValue>& more, const std::vector<IValue>& arguments,
         const std::function<void(Reader&)>& read) {
  if (!ctorch::MayCallGo::now()) {
    throw Fault(CTORCH_ERROR_UNSUPPORTED, op.name() + " is defined in Go, and was called where Go must not be called");
  }
  Writer words;
  words.put(kernel);
  for (const IValue& value : more) words.put(value);
  for (size_t i = 0; i < arguments.size(); ++i) {
    try {
      words.put(arguments[i]);
    } catch (const Fault& fault) {
      throw Fault(fault.kind, op.name() + ": argument '" + op.schema.arguments()[i].name() + "': " + fault.message);
    }
  }
  ctorch_reply reply;
  reply.read = read;
  op.function(words, reply, ctorch::held_node_mutex());
}

const char* const kWho = "the kernel";

// Whether both may be changed by writing to one.
bool share_memory(const at::Tensor& a, const at::Tensor& b) {
  return a.has_storage() && b.has_storage() && a.storage().unsafeGetStorageImpl() == b.storage().unsafeGetStorageImpl();
}

// Refuses results that share memory with arguments or with one another, unless the schema
// says so: then a result is the argument.
void check_memory(const Definition& op, const std::vector<IValue>& arguments, const std::vector<IValue>& results) {
  std::vector<at::Tensor> before = tensors_of(arguments.data(), arguments.size());
  for (size_t i = 0; i < results.size(); ++i) {
    const auto* alias = op.schema.returns()[i].alias_info();
    if (alias != nullptr && alias->isWrite()) {
      for (size_t j = 0; j < arguments.size(); ++j) {
        const auto* of = op.schema.arguments()[j].alias_info();
        if (of == nullptr || of->beforeSets() != alias->beforeSets()) continue;
        if (!results[i].isTensor() || !arguments[j].isTensor() ||
            !results[i].toTensor().is_same(arguments[j].toTensor())) {
          throw Fault(CTORCH_ERROR_RUNTIME, op.name() + ": result " + std::to_string(i) + " must be argument '" +
                                                op.schema.arguments()[j].name() + "', as the schema says");
        }
      }
      continue;
    }
    for (const auto& tensor : tensors_of(&results[i], 1)) {
      for (const auto& other : before) {
        if (!share_memory(tensor, other)) continue;
        throw Fault(CTORCH_ERROR_RUNTIME,
                    op.name() + ": result " + std::to_string(i) +
                        " shares memory with an argument or with another result, which the schema does not say: give "
                        "a Clone of it");
      }
      before.push_back(tensor);
    }
  }
}

void compute(Definition& op, const OperatorHandle&, DispatchKeySet, c10::Stack* stack) {
  const auto arguments = take_arguments(op, stack);
  std::vector<IValue> results;
  ask(op, CTORCH_KERNEL_COMPUTE, {}, arguments,
      [&](Reader& reader) { ctorch::read_results(op.schema, op.results, kWho, reader, results); });
  if (!op.composite) check_memory(op, arguments, results);
  for (auto& result : results) stack->push_back(std::move(result));
}

// Whether a gradient is asked for, or a forward gradient.
bool is_differentiated(const std::vector<at::Tensor>& tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const at::Tensor& tensor) {
    return (at::GradMode::is_enabled() && tensor.requires_grad()) || tensor._fw_grad(0).defined();
  });
}

// The arguments on the stack.
const IValue* arguments_on(const Definition& op, const c10::Stack* stack) {
  return stack->data() + (stack->size() - op.schema.arguments().size());
}

// At autograd's key: what needs no gradient goes on below.
void record(Definition& op, const OperatorHandle& handle, DispatchKeySet keys, c10::Stack* stack) {
  if (!is_differentiated(tensors_of(arguments_on(op, stack), op.schema.arguments().size()))) {
    at::AutoDispatchBelowAutograd below;
    return handle.redispatchBoxed(keys & c10::after_autograd_keyset, stack);
  }
  if (op.writes) {
    throw Fault(CTORCH_ERROR_RUNTIME, op.name() +
                                          " changes arguments in place, so it has no gradient, but an argument "
                                          "requires one: call it within torch.NoGrad, or give it a detached tensor");
  }
  const auto arguments = take_arguments(op, stack);
  std::vector<IValue> results;
  ask(op, CTORCH_KERNEL_RECORD, {}, arguments,
      [&](Reader& reader) { ctorch::read_results(op.schema, op.results, kWho, reader, results); });
  for (auto& result : results) stack->push_back(std::move(result));
}

// Counts what is written, so that a backward pass knows that a saved tensor has changed.
void note_writes(Definition& op, const OperatorHandle& handle, DispatchKeySet keys, c10::Stack* stack) {
  std::vector<at::Tensor> written;
  for (size_t i = 0; i < op.schema.arguments().size(); ++i) {
    const auto* alias = op.schema.arguments()[i].alias_info();
    if (alias == nullptr || !alias->isWrite()) continue;
    for (auto& tensor : tensors_of(arguments_on(op, stack) + i, 1)) written.push_back(std::move(tensor));
  }
  {
    at::AutoDispatchBelowADInplaceOrView below;
    handle.redispatchBoxed(keys & c10::after_ADInplaceOrView_keyset, stack);
  }
  for (const auto& tensor : written) {
    if (!tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
  }
}

// At autocast's keys: casts the arguments if there is a rule.
void cast(Definition& op, const OperatorHandle& handle, DispatchKeySet keys, c10::Stack* stack) {
  const DispatchKey key = keys.highestPriorityTypeId();
  const bool cuda = key == DispatchKey::AutocastCUDA;
  const DispatchKeySet below = keys & DispatchKeySet(DispatchKeySet::FULL_AFTER, key);
  const int32_t rule = op.cast[cuda];
  if (rule == 0) return handle.redispatchBoxed(below, stack);
  c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
  for (size_t i = stack->size() - op.schema.arguments().size(); i < stack->size(); ++i) {
    each_tensor((*stack)[i], [&](at::Tensor& tensor) {
      if (!tensor.is_floating_point() || tensor.scalar_type() == at::kDouble) return;
      if (tensor.device().type() == (cuda ? at::kCUDA : at::kCPU)) {
        tensor = tensor.to(static_cast<at::ScalarType>(rule - 1));
      }
    });
  }
  handle.redispatchBoxed(below, stack);
}

#if TORCH_VERSION_MAJOR >= 2

// At vmap's key: gives Go the tensors with the dimension that vmap hides.
void batch(Definition& op, const OperatorHandle& handle, DispatchKeySet, c10::Stack* stack) {
  auto layer = functorch::maybeCurrentDynamicLayer();
  TORCH_INTERNAL_ASSERT(layer.has_value());
  const int64_t level = layer->layerId();
  auto arguments = take_arguments(op, stack);
  c10::impl::GenericList dims(c10::OptionalType::create(c10::IntType::get()));
  bool any = false;
  for (IValue& argument : arguments) {
    each_tensor(argument, [&](at::Tensor& tensor) {
      IValue dim;
      auto* batched = functorch::maybeGetBatchedImpl(tensor);
      if (batched != nullptr && batched->level() == level) {
        dim = batched->bdim();
        tensor = at::Tensor(batched->value());
        any = true;
      }
      dims.push_back(dim);
    });
  }
  c10::impl::ExcludeDispatchKeyGuard no_batch{DispatchKeySet(DispatchKey::FuncTorchBatched)};
  if (!any) {
    for (auto& argument : arguments) stack->push_back(std::move(argument));
    return handle.callBoxed(stack);
  }
  std::vector<IValue> results;
  std::vector<IValue> out;  // the batch's dimension of each tensor among the results
  const IValue size = layer->batchSize().guard_int(__FILE__, __LINE__);
  ask(op, CTORCH_KERNEL_BATCH, {size, dims}, arguments, [&](Reader& reader) {
    static const ctorch::Kind kind =
        ctorch::kind_of(c10::ListType::create(c10::OptionalType::create(c10::IntType::get())));
    out = ctorch::read_value(reader, kind).toListRef().vec();
    ctorch::read_results(op.schema, op.results, "the rule for vmap", reader, results);
  });
  size_t at = 0;
  for (IValue& result : results) {
    each_tensor(result, [&](at::Tensor& tensor) {
      if (at < out.size() && out[at].isInt()) {
        tensor = functorch::addBatchDim(tensor, out[at].toInt(), level);
      }
      ++at;
    });
    stack->push_back(std::move(result));
  }
}

#endif

// A kernel of an operator.
struct Kernel final : c10::OperatorKernel {
  using Function = void (*)(Definition&, const OperatorHandle&, DispatchKeySet, c10::Stack*);
  Kernel(Definition& definition, Function function) : definition(definition), function(function) {}
  void operator()(const OperatorHandle& op, DispatchKeySet keys, c10::Stack* stack) {
    function(definition, op, keys, stack);
  }
  Definition& definition;
  Function function;
};

c10::FunctionSchema parse(const char* text) {
  try {
#if TORCH_VERSION_MAJOR >= 2
    return torch::jit::parseSchema(text, false);
#else
    return torch::jit::parseSchema(text);
#endif
  } catch (const c10::Error& e) {
    throw Fault(CTORCH_ERROR_VALUE, e.what_without_backtrace());
  } catch (const std::exception& e) {
    throw Fault(CTORCH_ERROR_VALUE, e.what());
  }
}

// Registers the kernels, and the operator last, so that nobody finds it without these.
void define(Definition& op) {
  auto& dispatcher = c10::Dispatcher::singleton();
  const auto add = [&](DispatchKey key, Kernel::Function function) {
    op.registrations.push_back(dispatcher.registerImpl(
        op.schema.operator_name(), key,
        c10::KernelFunction::makeFromBoxedFunctor(std::make_unique<Kernel>(op, function)), {}, nullptr, "gotorch"));
  };
  if (op.composite) {
    add(DispatchKey::CompositeImplicitAutograd, compute);
  } else {
    add(DispatchKey::CompositeExplicitAutograd, compute);
    add(DispatchKey::Autograd, record);
    if (op.writes) add(DispatchKey::ADInplaceOrView, note_writes);
    add(DispatchKey::AutocastCPU, cast);
    add(DispatchKey::AutocastCUDA, cast);
#if TORCH_VERSION_MAJOR >= 2
    add(DispatchKey::FuncTorchBatched, batch);
#endif
  }
  op.registrations.push_back(dispatcher.registerDef(op.schema, "gotorch"));
}

Definition* definition_of(uint64_t handle) { return reinterpret_cast<Definition*>(handle); }

}  // namespace

extern "C" {

ctorch_error* ctorch_schema_text(const char* schema, char** text) {
  return ctorch::guard([&] {
    std::ostringstream out;
    out << parse(schema);
    *text = ctorch::copy_string(out.str());
  });
}

ctorch_error* ctorch_define(const char* schema, uint64_t function, bool composite, uint64_t* definition) {
  return ctorch::guard([&] {
    ctorch::GoFunction go(function);
    std::unique_ptr<Definition> op(new Definition{go, parse(schema), {}, composite});
    op->results = ctorch::result_kinds(op->schema);
    for (const auto& argument : op->schema.arguments()) {
      op->writes |= argument.alias_info() != nullptr && argument.alias_info()->isWrite();
    }
    define(*op);
    *definition = reinterpret_cast<uint64_t>(op.release());
  });
}

void ctorch_definition_cast(uint64_t definition, int32_t device_type, int32_t dtype) {
  definition_of(definition)->cast[static_cast<at::DeviceType>(device_type) == at::kCUDA] = dtype + 1;
}
}
