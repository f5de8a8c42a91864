// Operations whose derivative is a Go function.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <mutex>
#include <unordered_set>

#include "callback.h"

#if __has_include(<ATen/FuncTorchTLS.h>)
#include <ATen/FuncTorchTLS.h>
#endif

using ctorch::Fault;
using ctorch::GoFunction;
using ctorch::NodePtr;
using ctorch::Reader;
using ctorch::variable_list;
using ctorch::WeakNodePtr;
using torch::autograd::SavedVariable;
using torch::autograd::VariableInfo;

namespace {

// The graph's node of such an operation.
struct GoNode : public torch::autograd::Node {
  GoFunction backward;
  std::string label;
  bool materialize = true;
  size_t inputs = 0;
  std::vector<VariableInfo> outputs;

  std::string name() const override { return label; }

  variable_list apply(variable_list&& grads) override {
    at::OptionalDeviceGuard guard;
    grads.resize(outputs.size());
    for (size_t i = 0; materialize && i < grads.size(); ++i) {
      if (!grads[i].defined()) grads[i] = outputs[i].zeros(guard);
    }
    auto given = call_backward(grads);
    const size_t count = given.size();
    while (given.size() > inputs && !given.back().defined()) given.pop_back();
    if (given.size() != inputs) {
      throw Fault(CTORCH_ERROR_RUNTIME, "function " + label + " returned an incorrect number of gradients (expected " +
                                            std::to_string(inputs) + ", got " + std::to_string(count) + ")");
    }
    return given;
  }

  // Gives Go a reference to the node, for what it saved. It does not keep the node:
  // Go's function may keep it, and is itself kept by the node.
  variable_list call_backward(const variable_list& grads) {
    auto* self = new WeakNodePtr(ctorch::share<torch::autograd::Node>(this));
    try {
      return backward(grads, reinterpret_cast<uint64_t>(self)).tensors;
    } catch (const Fault&) {  // Go was not called
      delete self;
      throw;
    }
  }

  void release_variables() override {
    std::lock_guard<std::mutex> lock(mutex_);
    saved_.clear();
    released_ = true;
  }

  void save(const variable_list& tensors, const NodePtr& self) {
    for (const auto& tensor : tensors) {
      saved_.emplace_back(tensor, tensor.defined() && tensor.grad_fn() == self);
    }
  }

  variable_list saved() {
    std::lock_guard<std::mutex> lock(mutex_);
    if (released_) throw Fault(CTORCH_ERROR_RUNTIME, torch::autograd::ERR_BACKWARD_TWICE);
    ctorch::Unpacking unpacking(&mutex_);
    variable_list tensors;
    for (const auto& variable : saved_) tensors.push_back(variable.unpack(ctorch::share<torch::autograd::Node>(this)));
    return tensors;
  }

 private:
  std::vector<SavedVariable> saved_;
  bool released_ = false;
};

using Tensors = std::unordered_set<at::TensorImpl*>;

Tensors impls(const variable_list& tensors) {
  Tensors set;
  for (const auto& tensor : tensors) set.insert(tensor.unsafeGetTensorImpl());
  return set;
}

// Calls libtorch's function, which got more parameters from version to version.
template <class Node>
auto wrap_outputs(const variable_list& inputs, const Tensors& constant, const Tensors& dirty,
                  const std::vector<ctorch::optional<at::Tensor>>& outputs, const Node& node,
                  const torch::autograd::_jvp_fn_t& jvp) {
  using torch::autograd::_wrap_outputs;
  auto view_as_self = [](const at::Tensor& x) -> at::Tensor { return x.view_as(x); };
  NodePtr attached;
  const Tensors none;
  if constexpr (requires {
                  _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self, false, attached);
                }) {
    return _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self, false, attached);
  } else if constexpr (requires {
                         _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self, false);
                       }) {
    return _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self, false);
  } else if constexpr (requires { _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self); }) {
    return _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none, view_as_self);
  } else if constexpr (requires { _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none); }) {
    return _wrap_outputs(inputs, constant, dirty, outputs, node, jvp, none);
  } else {
    return _wrap_outputs(inputs, constant, dirty, outputs, node, jvp);
  }
}

// libtorch's derivative of such an operation goes through Go, where the
// transforms of torch.func cannot follow.
void refuse_transforms() {
#if TORCH_VERSION_MAJOR >= 2 && __has_include(<ATen/FuncTorchTLS.h>)
  const auto& transforms = at::functorch::functorchTLSAccessor();
  if (transforms) transforms->checkSupportsCppAutogradFunction();
#endif
}

}  // namespace

extern "C" {

ctorch_status ctorch_function_apply(uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::MayCallGo may;
    Reader reader{words, words + count};
    GoFunction backward(reader.take_int()), jvp(reader.take_int());
    std::string label = reader.take_string();
    bool materialize = reader.take_bool();
    variable_list inputs = reader.take_tensors(), raw = reader.take_tensors(), saved = reader.take_tensors();
    variable_list dirty = reader.take_tensors(), constant = reader.take_tensors();
    refuse_transforms();

    auto node = ctorch::make_node<GoNode>();
    NodePtr attach;  // none where no gradient is asked for
    if (at::GradMode::is_enabled() && torch::autograd::any_variable_requires_grad(inputs)) {
      node->backward = backward;
      node->label = label;
      node->materialize = materialize;
      node->inputs = inputs.size();
      node->set_next_edges(torch::autograd::collect_next_edges(inputs));
      node->clear_input_metadata();
      attach = node;
    }
    for (const auto& tensor : dirty) torch::autograd::impl::bump_version(tensor);
    std::vector<ctorch::optional<at::Tensor>> outputs;
    for (auto& tensor : raw) {
      outputs.push_back(tensor.defined() ? ctorch::optional<at::Tensor>(tensor) : ctorch::optional<at::Tensor>());
    }
    auto wrapped = wrap_outputs(inputs, impls(constant), impls(dirty), outputs, attach,
                                [&](variable_list, variable_list tangents) { return jvp(tangents).tensors; });
    ctorch::Writer writer(words, capacity);
    for (const auto& output : wrapped) {
      at::Tensor tensor = output ? *output : at::Tensor();
      if (attach) node->outputs.push_back(tensor.defined() ? VariableInfo(tensor) : VariableInfo());
      writer.put_tensor(tensor);
    }
    if (attach) node->save(saved, attach);
    writer.finish(status);
  });
}

void ctorch_function_forget(uint64_t node) { delete reinterpret_cast<WeakNodePtr*>(node); }

ctorch_status ctorch_function_saved(uint64_t* words, int32_t, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::MayCallGo may;
    Reader reader{words, words + 2};
    NodePtr node = reinterpret_cast<WeakNodePtr*>(reader.take_int())->lock();
    if (!node) throw Fault(CTORCH_ERROR_RUNTIME, torch::autograd::ERR_BACKWARD_TWICE);
    auto tensors = dynamic_cast<GoNode&>(*node).saved();
    ctorch::Writer writer(words, capacity);
    writer.put_tensors(std::move(tensors));
    writer.finish(status);
  });
}
}
