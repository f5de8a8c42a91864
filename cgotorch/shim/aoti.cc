// Models that PyTorch's AOTInductor compiled: shared libraries that run on libtorch.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <unordered_map>

#include "shim.h"

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 15)
#define CTORCH_HAS_AOTI
#include <ATen/DynamicLibrary.h>
#include <torch/csrc/inductor/aoti_runner/model_container_runner.h>
#endif

using ctorch::Fault;
using ctorch::Reader;
using ctorch::Writer;

#ifdef CTORCH_HAS_AOTI

struct ctorch_aoti {
  std::unique_ptr<torch::inductor::AOTIModelContainerRunner> runner;
};

namespace {

using Runner = torch::inductor::AOTIModelContainerRunner;

// What a runner shows only to classes that are made of it.
struct Inside : Runner {
  static AOTInductorModelContainerHandle container(const Runner& r) { return r.*(&Inside::container_handle_); }
  static at::DynamicLibrary& library(const Runner& r) { return *(r.*(&Inside::model_so_)); }
};

// A function of the model's C interface that the runner makes no use of.
template <class Function>
class Query {
 public:
  Query(const Runner& runner, const char* name) : container_(Inside::container(runner)) {
    function_ = reinterpret_cast<Function*>(Inside::library(runner).sym(name));
  }
  template <class Value, class... Arguments>
  Value get(Arguments... arguments) const {
    Value value{};
    if (function_(container_, arguments..., &value) != AOTI_RUNTIME_SUCCESS) {
      throw Fault(CTORCH_ERROR_RUNTIME, "the compiled model does not say what it is made of");
    }
    return value;
  }

 private:
  AOTInductorModelContainerHandle container_;
  Function* function_;
};

#define CTORCH_QUERY(runner, name)                                                                                     \
  Query<decltype(AOTInductorModelContainer##name)>(runner, "AOTInductorModelContainer" #name)

// The names that a model has for its inputs or outputs.
template <class Count, class Name>
c10::IValue names(const Count& count, const Name& name) {
  c10::List<std::string> list;
  const auto n = count.template get<size_t>();
  for (size_t i = 0; i < n; ++i) list.push_back(name.template get<const char*>(i));
  return list;
}

c10::IValue constants(const Runner& runner) {
  const auto fqn = CTORCH_QUERY(runner, GetConstantOriginalFQN);
  const auto dtype = CTORCH_QUERY(runner, GetConstantDtype);
  const auto folded = CTORCH_QUERY(runner, GetConstantFromFolded);
  const auto type = CTORCH_QUERY(runner, GetConstantType);
  c10::impl::GenericList list(c10::AnyType::get());
  const auto n = CTORCH_QUERY(runner, GetNumConstants).get<size_t>();
  for (size_t i = 0; i < n; ++i) {
    if (folded.get<bool>(i)) continue;  // computed of the others when the model first runs
    list.push_back(c10::ivalue::Tuple::create(std::string(fqn.get<const char*>(i)),
                                              static_cast<int64_t>(dtype.get<int32_t>(i)),
                                              static_cast<int64_t>(type.get<int32_t>(i))));
  }
  return list;
}

// A copy of a tensor that has the layout of another one, in a storage of its own: the
// model copies storages as they are.
at::Tensor shaped_as(const at::Tensor& tensor, const at::Tensor& like, const std::string& name) {
  if (!tensor.sizes().equals(like.sizes()) || tensor.scalar_type() != like.scalar_type()) {
    std::ostringstream why;
    why << name << " is " << tensor.scalar_type() << tensor.sizes() << ", and the model has " << like.scalar_type()
        << like.sizes();
    throw Fault(CTORCH_ERROR_VALUE, why.str());
  }
  auto copy = at::empty_strided(like.sizes(), like.strides(), like.options());
  return copy.copy_(tensor);
}

}  // namespace

extern "C" {

ctorch_error* ctorch_aoti_load(const char* library, const char* device, const char* kernels, int32_t runners,
                               ctorch_aoti** model) {
  return ctorch::guard([&] {
    const std::string name(device);
    const auto& makers = torch::inductor::getAOTIModelRunnerRegistry();
    const auto maker = makers.find(name.substr(0, name.find(':')));
    if (maker == makers.end())
      throw Fault(CTORCH_ERROR_UNSUPPORTED, "this libtorch runs no models compiled for " + name);
    auto made = std::make_unique<ctorch_aoti>();
    made->runner = maker->second(library, static_cast<size_t>(runners), name, kernels, false);
    *model = made.release();
  });
}

void ctorch_aoti_free(ctorch_aoti* model) { delete model; }

ctorch_status ctorch_aoti_describe(ctorch_aoti* model, uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    const Runner& runner = *model->runner;
    Writer writer(words, capacity);
    for (const auto& spec : model->runner->get_call_spec()) writer.put(spec);
    writer.put(names(CTORCH_QUERY(runner, GetNumInputs), CTORCH_QUERY(runner, GetInputName)));
    writer.put(names(CTORCH_QUERY(runner, GetNumOutputs), CTORCH_QUERY(runner, GetOutputName)));
    writer.put(constants(runner));
    writer.finish(status);
  });
}

ctorch_status ctorch_aoti_run(ctorch_aoti* model, uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    auto inputs = Reader{words, words + count}.take_tensors();
    for (auto& input : inputs) input = input.resolve_conj().resolve_neg();  // compiled code reads what is in memory
    auto outputs = model->runner->run(inputs);
    for (auto& output : outputs) {
      for (const auto& input : inputs) {
        if (output.is_same(input)) output = input.alias();
      }
    }
    Writer writer(words, capacity);
    writer.put_tensors(std::move(outputs));
    writer.finish(status);
  });
}

ctorch_status ctorch_aoti_constants(ctorch_aoti* model, uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    c10::impl::GenericList list(c10::AnyType::get());
    at::AutoGradMode no_grad(false);
    for (const auto& [name, tensor] : model->runner->extract_constants_map(false)) {
      if (tensor.defined()) list.push_back(c10::ivalue::Tuple::create(name, tensor.clone()));
    }
    Writer writer(words, capacity);
    writer.put(list);
    writer.finish(status);
  });
}

ctorch_error* ctorch_aoti_update(ctorch_aoti* model, uint64_t* words, int32_t count) {
  return ctorch::guard([&] {
    at::AutoGradMode no_grad(false);
    Reader reader{words, words + count};
    std::unordered_map<std::string, at::Tensor> given;
    uint64_t n = reader.count();
    ++reader.at;
    std::vector<std::string> names;
    while (n-- > 0) names.push_back(reader.take_string());
    const auto tensors = reader.take_tensors();
    for (size_t i = 0; i < names.size(); ++i) given[names[i]] = tensors.at(i);
    const auto now = model->runner->extract_constants_map(false);
    std::unordered_map<std::string, at::Tensor> update;
    for (const auto& [name, fqn] : model->runner->getConstantNamesToOriginalFQNs()) {
      const auto tensor = given.find(fqn);
      if (tensor == given.end()) continue;
      const auto like = now.find(fqn);
      update[name] = like == now.end() || !like->second.defined() ? tensor->second.clone(at::MemoryFormat::Contiguous)
                                                                  : shaped_as(tensor->second, like->second, fqn);
    }
    model->runner->update_constant_buffer(update, false, false);
  });
}
}

#undef CTORCH_QUERY

#else

static ctorch_error* without_aoti() {
  return ctorch::make_error(CTORCH_ERROR_UNSUPPORTED,
                            "this libtorch runs no models of AOTInductor: that takes libtorch 2.15 or newer");
}

extern "C" {

ctorch_error* ctorch_aoti_load(const char*, const char*, const char*, int32_t, ctorch_aoti**) { return without_aoti(); }

void ctorch_aoti_free(ctorch_aoti*) {}

ctorch_status ctorch_aoti_describe(ctorch_aoti*, uint64_t*, int32_t) { return {without_aoti(), nullptr, 0, 0, 0}; }

ctorch_status ctorch_aoti_run(ctorch_aoti*, uint64_t*, int32_t, int32_t) { return {without_aoti(), nullptr, 0, 0, 0}; }

ctorch_status ctorch_aoti_constants(ctorch_aoti*, uint64_t*, int32_t) { return {without_aoti(), nullptr, 0, 0, 0}; }

ctorch_error* ctorch_aoti_update(ctorch_aoti*, uint64_t*, int32_t) { return without_aoti(); }
}

#endif
