// Runs of plans. Each value is one tensor for as long as an instance lives; what changes
// from run to run is where the memory of inputs, results and some others is. So views are
// made once, and an operator's arguments are the same each time.
#include <ATen/ATen.h>

#include <sstream>

#include "plan.h"

using c10::IValue;

namespace ctorch {

namespace {

using Storage = c10::intrusive_ptr<c10::StorageImpl>;

// A storage whose memory is set later.
Storage make_storage(size_t bytes, c10::DataPtr pointer, bool resizable) {
  const auto device = pointer.device();
  return c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes, std::move(pointer),
                                               c10::GetAllocator(device.type()), resizable);
}

c10::DataPtr nowhere(c10::Device device) { return c10::DataPtr(nullptr, device); }

// A tensor of a value's layout in a storage.
at::Tensor make_tensor(const PlanValue& value, const Storage& storage, int64_t offset) {
  auto tensor = at::detail::make_tensor<at::TensorImpl>(c10::Storage(storage), value.keys, value.dtype);
  tensor.unsafeGetTensorImpl()->set_storage_offset(offset);
  tensor.unsafeGetTensorImpl()->set_sizes_and_strides(value.sizes, value.strides);
  return tensor;
}

// Where a tensor's storage would begin if the tensor lay as far in it as the value does.
void* begin_of(const at::Tensor& tensor, const PlanValue& value) {
  auto* data = static_cast<char*>(const_cast<void*>(tensor.storage().unsafeGetStorageImpl()->data_ptr().get()));
  return data + (tensor.storage_offset() - value.offset) * static_cast<int64_t>(value.dtype.itemsize());
}

// Whether a tensor is one of a transform of functions, whose operators a plan does not call.
bool transformed(const at::Tensor& tensor) {
  return !tensor.has_storage() || tensor.key_set().has(c10::DispatchKey::FuncTorchBatched) ||
         tensor.key_set().has(c10::DispatchKey::FuncTorchGradWrapper);
}

bool fits(const at::Tensor& tensor, const PlanValue& value, c10::Device device) {
  return tensor.dtype() == value.dtype && tensor.sizes() == value.sizes && tensor.strides() == value.strides &&
         tensor.device() == device && tensor.layout() == c10::kStrided &&
         tensor.is_conj() == value.keys.has(c10::DispatchKey::Conjugate) &&
         tensor.is_neg() == value.keys.has(c10::DispatchKey::Negative);
}

[[noreturn]] void misfit(const std::string& what, const at::Tensor& tensor, const PlanValue& value,
                         c10::Device device) {
  std::ostringstream out;
  auto bits = [](bool conjugated, bool negated) {
    return std::string(conjugated ? " conjugated" : "") + (negated ? " negated" : "");
  };
  out << what << " is " << tensor.scalar_type() << tensor.sizes() << " with strides " << tensor.strides() << " on "
      << tensor.device() << bits(tensor.is_conj(), tensor.is_neg()) << ", but the graph was captured with "
      << c10::typeMetaToScalarType(value.dtype) << c10::IntArrayRef(value.sizes) << " with strides "
      << c10::IntArrayRef(value.strides) << " on " << device
      << bits(value.keys.has(c10::DispatchKey::Conjugate), value.keys.has(c10::DispatchKey::Negative));
  throw Fault(CTORCH_ERROR_VALUE, out.str());
}

// A node that is ready to run.
struct Step {
  struct Taken {
    size_t result, element;
    int value;
  };
  int node;
  const c10::OperatorHandle* op;
  bool grad;
  std::vector<IValue> arguments;
  std::vector<int> room;     // groups to make memory for
  std::vector<Taken> taken;  // results to take the memory of
  std::vector<int> dead;     // groups that nobody uses any more
};

class Instance final : public PlanInstance {
 public:
  explicit Instance(ctorch_plan& plan) : plan_(plan), ending_(plan.nodes.size()) {
    for (size_t i = 0; i < plan.groups.size(); ++i) {
      const PlanGroup& group = plan.groups[i];
      if (group.role == PlanGroup::kTaken && !group.given && group.last < static_cast<int>(plan.nodes.size())) {
        ending_[group.last].push_back(static_cast<int>(i));
      }
    }
    for (const auto& [device, bytes] : plan.arenas)
      arenas_.push_back(c10::GetAllocator(device.type())->allocate(bytes));
    make_storages();
    for (const auto& value : plan.values) {
      values_.push_back(value.kind == PlanValue::kConstant ? value.constant
                                                           : make_tensor(value, storages_[value.group], value.offset));
    }
    for (size_t i = 0; i < plan.nodes.size(); ++i) add_step(static_cast<int>(i));
  }

  bool current() const override {
    for (int number : plan_.constants) {
      const PlanValue& value = plan_.values[number];
      if (!fits(value.constant, value, plan_.groups[value.group].device) ||
          value.constant.storage_offset() != value.offset) {
        misfit("a tensor that the graph uses", value.constant, value, plan_.groups[value.group].device);
      }
      if (value.constant.requires_grad() != value.requires_grad) {
        throw Fault(CTORCH_ERROR_VALUE,
                    std::string("a tensor that the graph uses requires ") +
                        (value.requires_grad ? "no gradients now, and did" : "gradients now, and did not") +
                        " when it was captured: capture it anew");
      }
      if (value.constant.storage().unsafeGetStorageImpl() != storages_[value.group].get()) return false;
    }
    return true;
  }

  void check(const std::vector<at::Tensor>& inputs, bool grad) const override {
    if (inputs.size() != plan_.inputs.size()) {
      throw Fault(CTORCH_ERROR_VALUE, "the graph has " + std::to_string(plan_.inputs.size()) + " inputs, and " +
                                          std::to_string(inputs.size()) + " were given");
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::string what = "input " + std::to_string(i);
      check(plan_.inputs[i], inputs[i], what);
      if (grad && inputs[i].requires_grad() && !plan_.values[plan_.inputs[i]].requires_grad) {
        throw Fault(
            CTORCH_ERROR_VALUE,
            what + " requires gradients, which do not flow through a graph: detach it, or run within torch.NoGrad");
      }
    }
    for (int number : plan_.before) check(number, gradient(plan_.values[number].link), "a gradient");
    for (int of : plan_.empty_gradients) {
      if (gradient(of).defined()) {
        throw Fault(CTORCH_ERROR_VALUE,
                    "a gradient is there that was not when the graph was captured: clear it before, or within what is "
                    "captured");
      }
    }
  }

  void note_writes() const override {
    for (int number : plan_.constants) {
      const PlanValue& value = plan_.values[number];
      if (plan_.groups[value.group].written && !value.constant.is_inference()) {
        value.constant.unsafeGetTensorImpl()->bump_version();
      }
    }
  }

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, int& node) override {
    for (size_t i = 0; i < inputs.size(); ++i) bind(plan_.inputs[i], inputs[i]);
    for (int number : plan_.before) bind(number, gradient(plan_.values[number].link));
    std::vector<IValue> stack;
    for (const auto& step : steps_) {
      node = step.node;
      for (int group : step.room) make_room(group);
      stack.assign(step.arguments.begin(), step.arguments.end());
      if (step.grad != at::GradMode::is_enabled()) at::GradMode::set_enabled(step.grad);
      step.op->callBoxed(&stack);
      for (const auto& taken : step.taken) take(taken, stack);
      stack.clear();
      for (int group : step.dead) set(group, nowhere(plan_.groups[group].device));
    }
    node = -1;
    for (int group : waiting_) make_room(group);
    return finish(inputs);
  }

 private:
  void set(int group, c10::DataPtr pointer) { storages_[group]->set_data_ptr_noswap(std::move(pointer)); }

  void make_room(int group) {
    const PlanGroup& of = plan_.groups[group];
    set(group, c10::GetAllocator(of.device.type())->allocate(of.bytes));
  }

  void make_storages() {
    for (const auto& group : plan_.groups) {
      c10::DataPtr pointer = nowhere(group.device);
      if (group.role == PlanGroup::kArena) {
        for (size_t i = 0; i < arenas_.size(); ++i) {
          if (plan_.arenas[i].first == group.device) {
            pointer = c10::DataPtr(static_cast<char*>(arenas_[i].get()) + group.offset, group.device);
          }
        }
      }
      storages_.push_back(make_storage(group.bytes, std::move(pointer), false));
    }
    for (int number : plan_.constants) {
      const PlanValue& value = plan_.values[number];
      storages_[value.group] = Storage::reclaim_copy(value.constant.storage().unsafeGetStorageImpl());
    }
  }

  void add_step(int index) {
    const PlanNode& node = plan_.nodes[index];
    Step step{index, node.writer ? &*node.writer : &node.op->handle, node.grad};
    // A group is dead after the last step that uses it, which a node without a step may be.
    step.dead = ending_[index];
    for (const auto& output : node.outputs) {
      for (int value : output.values) {
        if (value < 0 || plan_.groups[plan_.values[value].group].first != index) continue;
        if (plan_.groups[plan_.values[value].group].role == PlanGroup::kFresh)
          step.room.push_back(plan_.values[value].group);
      }
    }
    if (node.kind == PlanNode::kNothing) {
      // Its memory is made, and that of others let go, with the step before or after.
      waiting_.insert(waiting_.end(), step.room.begin(), step.room.end());
      if (!steps_.empty()) steps_.back().dead.insert(steps_.back().dead.end(), step.dead.begin(), step.dead.end());
      return;
    }
    step.room.insert(step.room.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    fill(node, step);
    for (size_t i = 0; node.kind == PlanNode::kCall && i < node.outputs.size(); ++i) {
      const auto& values = node.outputs[i].values;
      for (size_t j = 0; j < values.size(); ++j) {
        if (values[j] < 0) continue;
        const int number = plan_.values[values[j]].group;
        const PlanGroup& group = plan_.groups[number];
        if (group.role != PlanGroup::kTaken || group.first != index || !has_.insert(number).second) continue;
        step.taken.push_back({i, node.outputs[i].list ? j : 0, values[j]});
      }
    }
    steps_.push_back(std::move(step));
  }

  // Reads a node's arguments with tensors in the place of its values.
  void fill(const PlanNode& node, Step& step) {
    std::vector<uint64_t> words = node.arguments;
    for (Reader reader{words.data(), words.data() + words.size()}; !reader.done();) {
      if (reader.tag() == CTORCH_LIST) {
        ++reader.at;
        continue;
      }
      if (reader.tag() == CTORCH_SLOT) {
        const size_t at = static_cast<size_t>(reader.at - words.data());
        words[at] = CTORCH_TENSOR;
        words[at + 1] = reinterpret_cast<uint64_t>(values_[words[at + 1]].unsafeGetTensorImpl());
      }
      reader.skip();
    }
    read_arguments(*node.op, Reader{words.data(), words.data() + words.size()}, step.arguments);
    switch (node.kind) {
      case PlanNode::kOut:
        for (const auto& output : node.outputs) step.arguments.emplace_back(values_[output.values[0]]);
        break;
      case PlanNode::kCopy: {
        static const auto* copy =
            new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow("aten::copy_", ""));
        step.op = copy;
        step.arguments = {values_[node.outputs[0].values[0]], step.arguments[0], false};
        break;
      }
      default:
        break;
    }
  }

  // Takes the memory of a result.
  void take(const Step::Taken& taken, const std::vector<IValue>& results) {
    if (taken.result >= results.size()) throw Fault(CTORCH_ERROR_RUNTIME, "it gives fewer results than before");
    const IValue& result = results[taken.result];
    at::Tensor tensor;
    if (result.isTensor()) {
      tensor = result.toTensor();
    } else if (result.isTensorList() && taken.element < result.toTensorList().size()) {
      tensor = result.toTensorList()[taken.element];
    }
    const PlanValue& value = plan_.values[taken.value];
    const c10::Device device = plan_.groups[value.group].device;
    if (!tensor.defined()) throw Fault(CTORCH_ERROR_RUNTIME, "a result is not there that was there before");
    if (!fits(tensor, value, device) || tensor.storage_offset() != value.offset) {
      misfit("result " + std::to_string(taken.result), tensor, value, device);
    }
    auto* storage = tensor.storage().unsafeGetStorageImpl();
    if (tensor.storage().use_count() == 1) {
      set(value.group, storage->set_data_ptr(nowhere(device)));
      return;
    }
    // Somebody else has the storage, too: it is kept along.
    auto* keep = new c10::Storage(tensor.storage());
    set(value.group, c10::DataPtr(
                         const_cast<void*>(storage->data_ptr().get()), keep,
                         [](void* context) { delete static_cast<c10::Storage*>(context); }, device));
  }

  const at::Tensor& gradient(int of) const { return plan_.values[of].constant.grad(); }

  void check(int number, const at::Tensor& tensor, const std::string& what) const {
    const PlanValue& value = plan_.values[number];
    const c10::Device device = plan_.groups[value.group].device;
    if (!tensor.defined()) throw Fault(CTORCH_ERROR_VALUE, what + " is not there, but was when the graph was captured");
    if (transformed(tensor)) {
      throw Fault(CTORCH_ERROR_UNSUPPORTED,
                  "a transform of a function does not see into a graph: capture what it makes");
    }
    if (!fits(tensor, value, device)) misfit(what, tensor, value, device);
  }

  // Lets an input or a gradient be where it is in this run.
  void bind(int number, const at::Tensor& tensor) {
    const PlanValue& value = plan_.values[number];
    const PlanGroup& group = plan_.groups[value.group];
    set(value.group, c10::DataPtr(begin_of(tensor, value), group.device));
    if (group.written && !tensor.is_inference()) tensor.unsafeGetTensorImpl()->bump_version();
  }

  // Gives the results and gradients, and lets go of what was this run's.
  std::vector<at::Tensor> finish(const std::vector<at::Tensor>& inputs) {
    std::vector<Storage> given(plan_.groups.size());
    auto result = [&](int number) {
      const PlanValue& value = plan_.values[number];
      const PlanGroup& group = plan_.groups[value.group];
      int64_t offset = value.offset;
      Storage& storage = given[value.group];
      at::Tensor base;
      switch (group.role) {
        case PlanGroup::kConstant:
          if (value.kind == PlanValue::kConstant) return value.constant;
          storage = storages_[value.group];
          break;
        case PlanGroup::kInput:
        case PlanGroup::kGradient:
          for (const auto* lent : {&plan_.inputs, &plan_.before}) {
            for (int i : *lent) {
              const PlanValue& other = plan_.values[i];
              if (other.group != value.group) continue;
              base = other.kind == PlanValue::kInput ? inputs[other.link] : gradient(other.link);
              if (i == number) return base;
              offset += base.storage_offset() - other.offset;
            }
          }
          storage = Storage::reclaim_copy(base.storage().unsafeGetStorageImpl());
          break;
        default:
          if (!storage) {
            storage = make_storage(group.bytes, storages_[value.group]->set_data_ptr(nowhere(group.device)), true);
          }
      }
      return make_tensor(value, storage, offset);
    };
    std::vector<at::Tensor> results;
    for (int number : plan_.outputs) results.push_back(result(number));
    std::vector<at::Tensor> gradients;
    for (const auto& pair : plan_.gradients) gradients.push_back(pair.value < 0 ? at::Tensor() : result(pair.value));
    for (size_t i = 0; i < gradients.size(); ++i) {
      plan_.values[plan_.gradients[i].of].constant.mutable_grad() = std::move(gradients[i]);
    }
    for (const auto* lent : {&plan_.inputs, &plan_.before}) {
      for (int number : *lent) {
        const int group = plan_.values[number].group;
        set(group, nowhere(plan_.groups[group].device));
      }
    }
    note_writes();
    return results;
  }

  ctorch_plan& plan_;
  std::vector<std::vector<int>> ending_;  // groups that the node is the last to use
  std::vector<c10::DataPtr> arenas_;
  std::vector<Storage> storages_;  // of the groups
  std::vector<at::Tensor> values_;
  std::vector<Step> steps_;
  std::vector<int> waiting_;     // groups whose memory the next step makes, or the end
  std::unordered_set<int> has_;  // groups that a step takes
};

}  // namespace

std::unique_ptr<PlanInstance> make_instance(ctorch_plan& plan) { return std::make_unique<Instance>(plan); }

std::vector<at::Tensor> run_plan(ctorch_plan& plan, const std::vector<at::Tensor>& inputs, int& node) {
  const bool grad = at::GradMode::is_enabled();
  PlanMode mode;
  std::unique_ptr<PlanInstance> instance;
  {
    std::lock_guard<std::mutex> lock(plan.mutex);
    if (!plan.idle.empty()) {
      instance = std::move(plan.idle.back());
      plan.idle.pop_back();
    }
  }
  if (!instance || !instance->current()) {
    instance = make_instance(plan);
    instance->current();
  }
  instance->check(inputs, grad);
  auto results = instance->run(inputs, node);  // one that fails is not used again
  constexpr size_t most = 16;
  std::lock_guard<std::mutex> lock(plan.mutex);
  if (plan.idle.size() < most) plan.idle.push_back(std::move(instance));
  return results;
}

}  // namespace ctorch
