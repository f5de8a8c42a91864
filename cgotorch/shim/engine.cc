// The engine that runs graphs: libtorch's own, with two things that it leaves to
// the language above, hooks for saved tensors and where an operation was called.
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/graph_task.h>
#include <torch/csrc/autograd/saved_variable_hooks.h>

#include <mutex>

#include "callback.h"

using ctorch::Fault;
using ctorch::GoFunction;
using ctorch::NodePtr;
using torch::autograd::AnomalyMode;

namespace {

// What pack functions the calling thread's operations call, the latest last.
thread_local std::vector<GoFunction> packers;

// The mutex of a node that is asked for what it saved, but does not run.
thread_local std::mutex* unpacking = nullptr;

struct SavedHooks final : torch::autograd::SavedVariableHooks {
  explicit SavedHooks(GoFunction pack) : pack_(std::move(pack)) {}
  void call_pack_hook(const at::Tensor& tensor) override {
    at::AutoGradMode no_grad(false);
    nested_ = tensor.is_nested();
    if (!nested_) sizes_ = tensor.sizes().vec();
    options_ = tensor.options();
    uint64_t unpack = pack_({tensor}).number;
    if (unpack == 0) {
      kept_ = tensor.tensor_data();  // a result that is saved itself would keep its graph
    } else {
      unpack_ = GoFunction(unpack);
    }
  }
  at::Tensor call_unpack_hook() override {
    if (kept_.defined()) return kept_;
    std::mutex* held = unpacking != nullptr ? unpacking : ctorch::current_node_mutex();
    ctorch::Unpacking others(nullptr);  // the hook may run other graphs
    auto given = unpack_({}, 0, held).tensors;
    if (given.size() != 1 || !given[0].defined()) {
      throw Fault(CTORCH_ERROR_TYPE, "Output of saved tensor unpack_hook expected to be a Tensor but got None");
    }
    // Derivatives trust what was saved, down to reading beyond a tensor that is smaller.
    const at::Tensor& tensor = given[0];
    if (tensor.is_nested() != nested_ || (!nested_ && tensor.sizes() != at::IntArrayRef(sizes_)) ||
        !tensor.options().type_equal(options_) || tensor.device() != options_.device()) {
      throw Fault(
          CTORCH_ERROR_RUNTIME,
          "Output of saved tensor unpack_hook must have the size, dtype and device of the tensor that was packed");
    }
    return tensor;
  }

 private:
  GoFunction pack_, unpack_;
  at::Tensor kept_;  // what the pack function left to libtorch
  bool nested_ = false;
  std::vector<int64_t> sizes_;
  at::TensorOptions options_;
};

std::mutex stack_mutex;
GoFunction go_stack;

// Where the operation that made a node was called.
class Trace final : public torch::autograd::AnomalyMetadata {
 public:
  void store_stack() override {
    if (!ctorch::MayCallGo::now()) return;
    GoFunction stack;
    {
      std::lock_guard<std::mutex> lock(stack_mutex);
      stack = go_stack;
    }
    if (stack) text_ = stack({}).text;
  }
  void print_stack(const std::string&) override {}  // the error says it
  void assign_parent(const NodePtr& parent) override { parent_ = parent; }

  std::string describe(const std::string& name) const {
    std::string text = "Error detected in " + name + ".";
    text += text_.empty() ? " No forward pass information available." : calls();
    for (NodePtr parent = parent_; parent;) {
      auto* trace = dynamic_cast<Trace*>(parent->metadata());
      text += "\n\nPrevious calculation was induced by " + parent->name() + ".";
      if (trace == nullptr) break;
      if (!trace->text_.empty()) text += trace->calls();
      parent = trace->parent_;
    }
    return text;
  }

 private:
  std::string calls() const { return " Traceback of forward call that caused the error:\n" + text_; }
  std::string text_;
  NodePtr parent_;
};

class Engine final : public torch::autograd::Engine {
 public:
  static torch::autograd::Engine& get() {
    static auto* engine = new Engine;  // never destroyed, as its threads
    return *engine;
  }

  std::unique_ptr<torch::autograd::AnomalyMetadata> make_anomaly_metadata() override {
    return std::make_unique<Trace>();
  }

  std::unique_ptr<torch::autograd::SavedVariableHooks> get_default_saved_variable_hooks() override {
    if (packers.empty() || !ctorch::MayCallGo::now()) return nullptr;
    return std::make_unique<SavedHooks>(packers.back());
  }

#if TORCH_VERSION_MAJOR < 2
  using Task = std::shared_ptr<torch::autograd::GraphTask>;
#else
  using Task = const std::shared_ptr<torch::autograd::GraphTask>&;
#endif
  void thread_on_exception(Task task, const NodePtr& node, std::exception& error) override {
    auto* torch_error = dynamic_cast<c10::Error*>(&error);
    if (AnomalyMode::is_enabled() && node && torch_error != nullptr) {
      if (auto* trace = dynamic_cast<Trace*>(node->metadata())) torch_error->add_context(trace->describe(node->name()));
    }
    torch::autograd::Engine::thread_on_exception(task, node, error);
  }

 private:
  Engine() = default;
};

}  // namespace

namespace ctorch {

Unpacking::Unpacking(std::mutex* mutex) : before_(std::exchange(unpacking, mutex)) {}
Unpacking::~Unpacking() { unpacking = before_; }

void use_own_engine() { torch::autograd::set_default_engine_stub(&Engine::get); }

}  // namespace ctorch

extern "C" {

ctorch_error* ctorch_saved_hooks_push(uint64_t pack) {
  return ctorch::guard([&] { packers.emplace_back(pack); });
}

void ctorch_saved_hooks_pop(void) { packers.pop_back(); }

void ctorch_anomaly_set(bool enabled, bool check_nan, uint64_t stack) {
  if (stack != 0) {
    std::lock_guard<std::mutex> lock(stack_mutex);
    go_stack = GoFunction(stack);
  }
  AnomalyMode::set_enabled(enabled, check_nan);
}

bool ctorch_anomaly_enabled(void) { return AnomalyMode::is_enabled(); }

bool ctorch_anomaly_checks_nan(void) { return AnomalyMode::should_check_nan(); }
}
