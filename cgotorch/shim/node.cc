// Nodes of graphs, and the Go functions that are hooked to nodes and tensors.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

#include "callback.h"

using ctorch::borrow_node;
using ctorch::Fault;
using ctorch::GoFunction;
using ctorch::NodePtr;
using ctorch::release_node;
using ctorch::variable_list;

namespace {

// Checks what a hook gave for gradients, as Python does.
void check_hook(const variable_list& before, const variable_list& given) {
  if (given.size() != before.size()) {
    throw Fault(CTORCH_ERROR_RUNTIME, "hook has returned an incorrect number of values (got " +
                                          std::to_string(given.size()) + ", but expected " +
                                          std::to_string(before.size()) + ")");
  }
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i].defined()) continue;
    if (!before[i].defined()) throw Fault(CTORCH_ERROR_RUNTIME, "can't replace a None gradient with a non-None value");
    torch::autograd::check_variable_result(before[i], given[i], std::to_string(i));
  }
}

// The Go functions of a hook. A node has one hook of a kind that calls them all, since
// libtorch walks through a node's hooks by reference, while a function may add another.
class Functions {
 public:
  void add(GoFunction function) {
    std::lock_guard<std::mutex> lock(mutex_);
    list_.push_back(std::move(function));
  }
  std::vector<GoFunction> now() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return list_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<GoFunction> list_;
};

struct Before final : torch::autograd::FunctionPreHook {
  Functions functions;
  variable_list operator()(const variable_list& given) override {
    variable_list grads = given;
    for (const auto& function : functions.now()) {
      auto reply = function(grads);
      if (!reply.number) continue;
      check_hook(grads, reply.tensors);
      grads = std::move(reply.tensors);
    }
    return grads;
  }
};

struct After final : torch::autograd::FunctionPostHook {
  Functions functions;
  variable_list operator()(const variable_list& given, const variable_list& outputs) override {
    variable_list inputs = given;
    for (const auto& function : functions.now()) {
      variable_list all = inputs;
      all.insert(all.end(), outputs.begin(), outputs.end());
      auto reply = function(all, inputs.size());
      if (!reply.number) continue;
      check_hook(inputs, reply.tensors);
      inputs = std::move(reply.tensors);
    }
    return inputs;
  }
};

// The hook of type T among a node's, or NULL.
template <class T, class List>
T* find_hook(const List& hooks) {
  for (const auto& hook : hooks) {
    if (auto* found = dynamic_cast<T*>(hook.get())) return found;
  }
  return nullptr;
}

// The shape of a gradient that a node takes; empty if it has none, as that of a
// nested tensor, and with a libtorch that keeps it to itself.
template <class Metadata>
std::vector<int64_t> shape_of(const Metadata& gradient) {
  std::vector<int64_t> shape;
  if constexpr (requires { gradient.shape_as_dim_vector(); }) {
    try {
      for (const auto& size : gradient.shape_as_dim_vector()) shape.push_back(size.expect_int());
    } catch (const std::exception&) {
      shape.clear();
    }
  }
  return shape;
}

at::Tensor differentiable(uint64_t tensor) {
  at::Tensor x = ctorch::borrow(tensor);
  if (!x.requires_grad()) {
    throw Fault(CTORCH_ERROR_RUNTIME, "cannot register a hook on a tensor that doesn't require gradient");
  }
  return x;
}

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
#define CTORCH_ACCUMULATED_HOOKS

// libtorch keeps one such hook a tensor; this one calls any number of functions.
struct Accumulated final : torch::autograd::PostAccumulateGradHook {
  std::vector<std::pair<uint64_t, GoFunction>> functions;
  void operator()(const at::Tensor& tensor) override {
    for (const auto& entry : std::vector<std::pair<uint64_t, GoFunction>>(functions)) {
      entry.second({tensor}, 0, ctorch::current_node_mutex());
    }
  }
};

Accumulated* accumulated(const at::Tensor& tensor) {
  return dynamic_cast<Accumulated*>(torch::autograd::impl::post_acc_grad_hooks(tensor).get());
}
#endif

}  // namespace

extern "C" {

ctorch_error* ctorch_node_of(uint64_t tensor, uint64_t* node) {
  return ctorch::guard([&] { *node = release_node(ctorch::borrow(tensor).grad_fn()); });
}

void ctorch_node_free(uint64_t node) { delete reinterpret_cast<NodePtr*>(node); }

ctorch_error* ctorch_node_name(uint64_t node, char** name) {
  return ctorch::guard([&] { *name = ctorch::copy_string(borrow_node(node)->name()); });
}

ctorch_status ctorch_node_info(uint64_t handle, uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    const NodePtr& node = borrow_node(handle);
    ctorch::Writer writer(words, capacity);
    writer.put(static_cast<int64_t>(reinterpret_cast<uint64_t>(&*node)));
    writer.put(static_cast<int64_t>(node->sequence_nr()));
    writer.put(static_cast<int64_t>(node->num_inputs()));
    for (uint32_t i = 0; i < node->num_inputs(); ++i) writer.put(shape_of(node->input_metadata(i)));
    for (const auto& edge : node->next_edges()) {
      writer.put(static_cast<int64_t>(release_node(edge.function)));
      writer.put(static_cast<int64_t>(edge.input_nr));
    }
    writer.finish(status);
  });
}

ctorch_error* ctorch_node_hook(uint64_t node, uint64_t function, bool after) {
  return ctorch::guard([&] {
    GoFunction go(function);
    auto& target = *borrow_node(node);
    if (after) {
      if (find_hook<After>(target.post_hooks()) == nullptr) target.add_post_hook(std::make_unique<After>());
      find_hook<After>(target.post_hooks())->functions.add(go);
    } else {
      if (find_hook<Before>(target.pre_hooks()) == nullptr) target.add_pre_hook(std::make_unique<Before>());
      find_hook<Before>(target.pre_hooks())->functions.add(go);
    }
  });
}

ctorch_error* ctorch_hook_add(uint64_t tensor, uint64_t function, uint64_t* hook) {
  return ctorch::guard([&] {
    GoFunction go(function);
    *hook = differentiable(tensor).register_hook([go](const at::Tensor& grad) -> at::Tensor {
      auto given = go({grad}).tensors;
      return given.empty() ? at::Tensor() : given[0];
    });
  });
}

ctorch_error* ctorch_hook_remove(uint64_t tensor, uint64_t hook) {
  return ctorch::guard([&] { ctorch::borrow(tensor).remove_hook(static_cast<unsigned>(hook)); });
}

ctorch_error* ctorch_accumulated_hook_add(uint64_t tensor, uint64_t function) {
  return ctorch::guard([&] {
    GoFunction go(function);
    at::Tensor x = differentiable(tensor);
    if (!x.is_leaf()) {
      throw Fault(CTORCH_ERROR_RUNTIME, "post accumulate grad hooks cannot be registered on non-leaf tensors");
    }
#ifdef CTORCH_ACCUMULATED_HOOKS
    if (accumulated(x) == nullptr) {
      torch::autograd::impl::set_post_acc_grad_hooks(x, std::make_unique<Accumulated>());
    }
    accumulated(x)->functions.emplace_back(function, go);
#else
    throw Fault(CTORCH_ERROR_UNSUPPORTED,
                std::string("libtorch ") + ctorch_version() + " has no post accumulate grad hooks; 2.1 brought them");
#endif
  });
}

ctorch_error* ctorch_accumulated_hook_remove(uint64_t tensor, uint64_t function) {
  return ctorch::guard([&] {
#ifdef CTORCH_ACCUMULATED_HOOKS
    if (auto* hook = accumulated(ctorch::borrow(tensor))) {
      auto& list = hook->functions;
      list.erase(std::remove_if(list.begin(), list.end(), [&](const auto& e) { return e.first == function; }),
                 list.end());
    }
#endif
  });
}
}
