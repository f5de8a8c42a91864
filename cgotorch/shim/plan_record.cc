// Recordings of plans: a plan's run as a graph of its device, CUDA's, that is replayed by
// one call. libtorch has such graphs for any device, so this needs no headers of CUDA.
#include <ATen/ATen.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include "plan.h"

#if __has_include(<ATen/accelerator/Graph.h>)
#define CTORCH_DEVICE_GRAPHS
#include <ATen/DeviceAccelerator.h>
#include <ATen/accelerator/Graph.h>
#endif

namespace ctorch {

#ifdef CTORCH_DEVICE_GRAPHS

namespace {

// How many runs come before the one that is recorded: libraries make what they need.
constexpr int kWarmUps = 2;

[[noreturn]] void refuse(const std::string& why) {
  throw Fault(CTORCH_ERROR_UNSUPPORTED, "it cannot be recorded as a CUDA graph: " + why);
}

bool has_generator(const PlanNode& node) {
  for (Reader reader{node.arguments.data(), node.arguments.data() + node.arguments.size()}; !reader.done();) {
    if (reader.tag() == CTORCH_GENERATOR) return true;
    if (reader.tag() == CTORCH_LIST) {
      ++reader.at;
    } else {
      reader.skip();
    }
  }
  return false;
}

}  // namespace

class PlanRecording {
 public:
  explicit PlanRecording(ctorch_plan& plan)
      : plan_(plan), device_(device_of(plan)), guard_(device_.type()), side_(guard_.getStreamFromGlobalPool(device_)) {}

  static c10::Device device_of(const ctorch_plan& plan) {
    for (const auto& node : plan.nodes) {
      if (!is_own(node.op->name)) refuse(node.op->name + " is not libtorch's own, and may call Go");
      if (has_generator(node)) refuse(node.op->name + " draws from a generator other than the device's default one");
    }
    for (const auto& group : plan.groups) {
      if (!group.device.is_cuda()) refuse("it has tensors on " + group.device.str());
      if (group.device != plan.groups[0].device) refuse("it has tensors on several devices");
      if (group.role == PlanGroup::kInput && group.written) refuse("it changes an input in place: change a Clone");
      if (group.role == PlanGroup::kInput && group.given)
        refuse("it returns an input or a view of one: return a Clone");
    }
    if (plan.groups.empty()) refuse("it has no tensors");
    if (!plan.before.empty()) {
      refuse("it adds to gradients that were there before: clear them within what is captured");
    }
    return plan.groups[0].device;
  }

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, int& node) {
    const bool grad = at::GradMode::is_enabled();
    std::lock_guard<std::mutex> lock(mutex_);
    PlanMode mode;
    c10::DeviceGuard on(device_);
    if (!instance_ || !instance_->current() || addresses() != addresses_) start();
    instance_->check(inputs, grad);
    node = 0;  // from here on something is done
    for (size_t i = 0; i < inputs.size(); ++i) inputs_[i].copy_(inputs[i]);
    if (runs_ == kWarmUps) record(node);
    if (runs_ < kWarmUps) {
      results_ = aside([&] { return instance_->run(inputs_, node); });
      keep_gradients();
    } else {
      graph_->replay();
      instance_->note_writes();
    }
    node = -1;
    auto results = give();
    if (runs_ < kWarmUps) let_go();
    runs_ = std::min(runs_ + 1, kWarmUps + 1);
    return results;
  }

 private:
  // Where constants are, which a recording takes for granted.
  std::vector<const void*> addresses() const {
    std::vector<const void*> list;
    for (int number : plan_.constants) list.push_back(plan_.values[number].constant.const_data_ptr());
    return list;
  }

  // Makes everything anew.
  void start() {
    if (graph_) at::accelerator::synchronizeDevice(device_.index());
    let_go();
    graph_.reset();
    instance_ = make_instance(plan_);
    instance_->current();
    addresses_ = addresses();
    inputs_.clear();
    for (int number : plan_.inputs) {
      const PlanValue& value = plan_.values[number];
      auto options = at::TensorOptions().dtype(value.dtype).device(device_);
      inputs_.push_back(at::empty_strided(value.sizes, value.strides, options));
    }
    runs_ = 0;
  }

  // Runs f on a stream of its own, between what comes before and after on the current one.
  template <class Function>
  std::vector<at::Tensor> aside(Function f) {
    const c10::Stream here = guard_.getStream(device_);
    c10::Event before(device_.type()), after(device_.type());
    before.record(here);
    before.block(side_);
    auto results = [&] {
      c10::StreamGuard on(side_);
      return f();
    }();
    after.record(side_);
    after.block(here);
    return results;
  }

  void record(int& node) {
    at::accelerator::synchronizeDevice(device_.index());
    graph_ = std::make_unique<at::accelerator::Graph>();
    try {
      c10::StreamGuard on(side_);
      // Other threads may go on meanwhile.
      graph_->capture_begin({0, 0}, at::GraphCaptureMode::ThreadLocal);
      try {
        results_ = instance_->run(inputs_, node);
        keep_gradients();
      } catch (...) {
        try {
          graph_->capture_end();
        } catch (...) {  // what happened first is what counts
        }
        throw;
      }
      graph_->capture_end();
    } catch (...) {
      let_go();
      instance_.reset();
      graph_.reset();
      throw;
    }
  }

  // Takes the gradients that a run has left, whose memory is the recording's.
  void keep_gradients() {
    gradients_.clear();
    for (const auto& pair : plan_.gradients) gradients_.push_back(plan_.values[pair.of].constant.grad());
  }

  // The results and gradients, copied out of the recording's memory.
  std::vector<at::Tensor> give() {
    std::vector<at::Tensor> results;
    for (size_t i = 0; i < results_.size(); ++i) {
      const PlanGroup& group = plan_.groups[plan_.values[plan_.outputs[i]].group];
      results.push_back(group.role == PlanGroup::kConstant ? results_[i] : results_[i].clone());
    }
    for (size_t i = 0; i < gradients_.size(); ++i) {
      const at::Tensor& gradient = gradients_[i];
      plan_.values[plan_.gradients[i].of].constant.mutable_grad() = gradient.defined() ? gradient.clone() : gradient;
    }
    return results;
  }

  void let_go() {
    results_.clear();
    gradients_.clear();
  }

  ctorch_plan& plan_;
  c10::Device device_;
  c10::impl::VirtualGuardImpl guard_;
  c10::Stream side_;
  std::mutex mutex_;
  int runs_ = 0;  // how many there were; kWarmUps + 1 where it is recorded
  std::vector<const void*> addresses_;
  std::vector<at::Tensor> inputs_, results_, gradients_;
  std::unique_ptr<PlanInstance> instance_;
  std::unique_ptr<at::accelerator::Graph> graph_;
};

void record_plan(ctorch_plan& plan) { plan.recording = std::make_shared<PlanRecording>(plan); }

std::vector<at::Tensor> run_recorded(ctorch_plan& plan, const std::vector<at::Tensor>& inputs, int& node) {
  return plan.recording->run(inputs, node);
}

#else

void record_plan(ctorch_plan&) {
  throw Fault(CTORCH_ERROR_UNSUPPORTED,
              std::string("libtorch ") + ctorch_version() + " has no graphs of devices; 2.15 has them");
}

std::vector<at::Tensor> run_recorded(ctorch_plan& plan, const std::vector<at::Tensor>& inputs, int& node) {
  return run_plan(plan, inputs, node);
}

#endif

}  // namespace ctorch
