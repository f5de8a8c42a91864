// Autograd: backward and grad, gradients, and the thread's modes.
#include <ATen/core/grad_mode.h>
#include <c10/core/AutogradState.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>
#include <torch/csrc/autograd/variable.h>

#include "callback.h"

using ctorch::Fault;
using ctorch::Reader;

namespace {

thread_local bool in_dual_level = false;

// The values that backward and grad share, in the order they come.
struct Request {
  std::vector<at::Tensor> outputs, gradients, inputs;
  bool retain_graph, create_graph;

  explicit Request(Reader& reader)
      : outputs(reader.take_tensors()), gradients(reader.take_tensors()), inputs(reader.take_tensors()) {
    retain_graph = reader.take_bool();
    create_graph = reader.take_bool();
    gradients.resize(outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!gradients[i].defined()) gradients[i] = one_like(outputs[i]);
    }
  }

  // The gradient of a number as Python makes it: libtorch would call other operators for it.
  // What cannot be one is left to libtorch, which says so.
  static at::Tensor one_like(const at::Tensor& output) {
    if (!output.requires_grad() || !output.is_floating_point() || output.layout() != at::kStrided) return {};
    if (output.is_nested() || output.numel() != 1) return {};
    return at::ones_like(output, {}, at::MemoryFormat::Preserve);
  }
};

// How many backward passes the thread is in.
thread_local int passes = 0;

struct Pass {
  Pass() { ++passes; }
  ~Pass() { --passes; }
};

}  // namespace

extern "C" {

ctorch_status ctorch_autograd_backward(uint64_t* words, int32_t count) {
  return ctorch::guard_status([&](ctorch_status&) {
    ctorch::MayCallGo may;
    Pass pass;
    Reader reader{words, words + count};
    Request request(reader);
    torch::autograd::backward(request.outputs, request.gradients, request.retain_graph, request.create_graph,
                              request.inputs);
  });
}

ctorch_status ctorch_autograd_grad(uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::MayCallGo may;
    Pass pass;
    Reader reader{words, words + count};
    Request request(reader);
    bool allow_unused = reader.take_bool();
    auto gradients = torch::autograd::grad(request.outputs, request.inputs, request.gradients, request.retain_graph,
                                           request.create_graph, allow_unused);
    ctorch::Writer writer(words, capacity);
    for (auto& gradient : gradients) writer.put_tensor(std::move(gradient));
    writer.finish(status);
  });
}

bool ctorch_autograd_running(void) { return passes > 0; }

ctorch_status ctorch_autograd_get_grad(uint64_t handle, uint64_t* words) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::Writer writer(words, 2);
    writer.put_tensor(ctorch::borrow(handle).grad());
    writer.finish(status);
  });
}

ctorch_status ctorch_autograd_get_grads(uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    Reader reader{words, words + count};
    std::vector<at::Tensor> tensors = reader.take_tensors();
    ctorch::Writer writer(words, capacity);
    for (const auto& tensor : tensors) {
      writer.put_tensor(tensor.grad());
      writer.put(static_cast<int64_t>(tensor.scalar_type()));
      writer.put(tensor.device());
    }
    writer.finish(status);
  });
}

ctorch_error* ctorch_autograd_clear_grads(uint64_t* words, int32_t count) {
  return ctorch::guard([&] {
    Reader reader{words, words + count};
    for (auto& tensor : reader.take_tensors()) tensor.mutable_grad() = at::Tensor();
  });
}

ctorch_error* ctorch_autograd_set_grad(uint64_t handle, uint64_t grad) {
  return ctorch::guard([&] {
    at::Tensor tensor = ctorch::borrow(handle);
    if (grad == 0) {
      tensor.mutable_grad() = at::Tensor();
      return;
    }
    at::Tensor value = ctorch::borrow(grad);
    if (!value.sizes().equals(tensor.sizes())) {
      throw Fault(CTORCH_ERROR_RUNTIME, "assigned grad has data of a different size: the tensor has " +
                                            c10::str(tensor.sizes()) + ", the grad " + c10::str(value.sizes()));
    }
    if (value.scalar_type() != tensor.scalar_type() || value.device() != tensor.device()) {
      throw Fault(CTORCH_ERROR_RUNTIME, "assigned grad has data of a different type or device");
    }
    tensor.mutable_grad() = value;
  });
}

bool ctorch_grad_enabled(void) { return at::GradMode::is_enabled(); }

bool ctorch_grad_set_enabled(bool enabled) {
  bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled);
  return before;
}

bool ctorch_inference_enabled(void) { return c10::InferenceMode::is_enabled(); }

void* ctorch_inference_enter(bool enabled) { return new c10::InferenceMode(enabled); }

void ctorch_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

bool ctorch_forward_grad_set_enabled(bool enabled) {
  auto& state = c10::AutogradState::get_tls_state();
  bool before = state.get_fw_grad_mode();
  state.set_fw_grad_mode(enabled);
  return before;
}

bool ctorch_dual_level_entered(void) { return in_dual_level; }

ctorch_error* ctorch_dual_level_enter(void) {
  return ctorch::guard([] {
    uint64_t level = torch::autograd::ForwardADLevel::get_next_idx();
    if (level != 0) {
      torch::autograd::ForwardADLevel::release_idx(level);
      throw Fault(CTORCH_ERROR_RUNTIME, "Nested forward mode AD is not supported at the moment");
    }
    in_dual_level = true;
  });
}

ctorch_error* ctorch_dual_level_leave(void) {
  return ctorch::guard([] {
    in_dual_level = false;
    torch::autograd::ForwardADLevel::release_idx(0);
  });
}
}
