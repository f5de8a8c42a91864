// Recipes of plans: which values share memory, how each operator writes its results, and
// where in the arena they lie.
#include "plan.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "callback.h"

using c10::OperatorHandle;
using ctorch::Fault;
using ctorch::PlanGroup;
using ctorch::PlanNode;
using ctorch::PlanOutput;
using ctorch::PlanValue;
using ctorch::Reader;

namespace {

// Operators that copy their first argument.
bool copies(const std::string& name) { return name == "aten::clone" || name == "aten::_to_copy"; }

// Operators that write to running statistics without their schemas saying so.
bool writes_statistics(const std::string& name, const std::string& argument) {
  return name.find("batch_norm") != std::string::npos && name.find("backward") == std::string::npos &&
         argument.rfind("running_", 0) == 0;
}

// Operators that change a tensor's sizes and strides, but not its memory.
bool changes_layout(const OperatorHandle& op) {
#if TORCH_VERSION_MAJOR >= 2
  return op.hasTag(at::Tag::inplace_view);
#else
  const std::string& name = op.schema().name();
  return name == "aten::transpose_" || name == "aten::t_" || name == "aten::squeeze_" || name == "aten::unsqueeze_";
#endif
}

size_t round_up(size_t bytes) { return (bytes + 511) / 512 * 512; }

// Whether writer is op with its results as arguments.
bool writes_results_of(const OperatorHandle& writer, const OperatorHandle& op) {
  const auto& all = writer.schema().arguments();
  const auto& arguments = op.schema().arguments();
  const size_t results = op.schema().returns().size();
  if (results == 0 || all.size() != arguments.size() + results) return false;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool out = i >= arguments.size();
    if (all[i].is_out() != out) return false;
    if (!out && (all[i].name() != arguments[i].name() || *all[i].type() != *arguments[i].type())) return false;
    if (out && all[i].type()->kind() != c10::TypeKind::TensorType) return false;
  }
  return true;
}

// The operator that writes op's results into tensors that are there, if it does so itself:
// those that were generated copy.
ctorch::optional<OperatorHandle> find_writer(const OperatorHandle& op, c10::DeviceType device) {
#if TORCH_VERSION_MAJOR >= 2
  struct Known {
    std::unordered_multimap<std::string, c10::OperatorName> writers;  // by the name without the overload
    Known() {
      for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
        if (name.overload_name.find("out") != std::string::npos || name.overload_name.find("grad_input") == 0 ||
            name.overload_name.find("output") == 0) {
          writers.emplace(name.name, name);
        }
      }
    }
  };
  static const auto* known = new Known;
  const auto key = device == c10::DeviceType::CPU ? c10::DispatchKey::CPU : c10::DispatchKey::CUDA;
  auto range = known->writers.equal_range(op.schema().name());
  for (auto it = range.first; it != range.second; ++it) {
    auto writer = c10::Dispatcher::singleton().findSchema(it->second);
    if (writer && writes_results_of(*writer, op) && !writer->hasTag(at::Tag::generated) &&
        writer->hasComputedKernelForDispatchKey(key)) {
      return *writer;
    }
  }
#else
  (void)op;
  (void)device;
  (void)&writes_results_of;
#endif
  return {};
}

// Makes a recipe of words.
class Planner {
 public:
  explicit Planner(ctorch_plan& plan) : plan_(plan) {}

  void read(Reader reader) {
    read_values(reader);
    read_nodes(reader);
    for (int value : read_slots(reader)) {
      plan_.outputs.push_back(value);
      give(value);
    }
    const uint64_t gradients = list(reader);
    for (uint64_t i = 0; i < gradients; ++i) {
      auto pair = read_slots(reader);
      plan_.gradients.push_back({pair.at(0), pair.at(1)});
      if (pair[1] >= 0) give(pair[1]);
    }
    plan_.empty_gradients = read_slots(reader);
    for (size_t i = 0; i < plan_.nodes.size(); ++i) choose(static_cast<int>(i));
    lay_out();
  }

 private:
  static uint64_t list(Reader& reader) {
    if (reader.done() || reader.tag() != CTORCH_LIST) throw Fault(CTORCH_ERROR_VALUE, "a plan's words are cut off");
    uint64_t n = reader.count();
    ++reader.at;
    return n;
  }

  int slot(Reader& reader) {
    if (reader.done()) throw Fault(CTORCH_ERROR_VALUE, "a plan's words are cut off");
    int value = -1;
    if (reader.tag() == CTORCH_SLOT) {
      const uint64_t word = reader.payload()[0];
      if (word >= plan_.values.size()) throw Fault(CTORCH_ERROR_VALUE, "a plan has no value " + std::to_string(word));
      value = static_cast<int>(word);
    }
    reader.skip();
    return value;
  }

  std::vector<int> read_slots(Reader& reader) {
    uint64_t n = list(reader);
    std::vector<int> slots;
    while (n-- > 0) slots.push_back(slot(reader));
    return slots;
  }

  void read_values(Reader& reader) {
    examples_ = reader.take_tensors();
    const uint64_t n = list(reader);
    if (n != 2 * examples_.size()) throw Fault(CTORCH_ERROR_VALUE, "a plan's values have no kinds");
    for (const auto& example : examples_) {
      const int64_t word = reader.take_int();
      PlanValue value{static_cast<PlanValue::Kind>(word & 0xff), static_cast<int>(word >> 8)};
      if (example.layout() != c10::kStrided || !example.has_storage() || example.is_quantized() ||
          example._is_zerotensor() || (!example.is_cpu() && !example.is_cuda())) {
        throw Fault(CTORCH_ERROR_UNSUPPORTED, "a plan has tensors with strides only, on the CPU or CUDA");
      }
      value.keys = example.key_set();
      value.dtype = example.dtype();
      value.sizes = example.sizes().vec();
      value.strides = example.strides().vec();
      value.offset = example.storage_offset();
      value.requires_grad = reader.take_bool();
      if (value.kind == PlanValue::kConstant) value.constant = example;
      if (value.kind == PlanValue::kInput) {
        if (static_cast<size_t>(value.link) >= plan_.inputs.size()) plan_.inputs.resize(value.link + 1, -1);
        plan_.inputs[value.link] = static_cast<int>(plan_.values.size());
      }
      plan_.values.push_back(std::move(value));
      const int index = static_cast<int>(plan_.values.size()) - 1;
      switch (plan_.values[index].kind) {
        case PlanValue::kInput:
          add_group(index, PlanGroup::kInput);
          break;
        case PlanValue::kConstant:
          plan_.constants.push_back(index);
          if (!join(index) || plan_.groups[plan_.values[index].group].role != PlanGroup::kConstant) {
            add_group(index, PlanGroup::kConstant);
          }
          break;
        case PlanValue::kGradient:
          plan_.before.push_back(index);
          add_group(index, PlanGroup::kGradient);
          break;
        default:
          break;
      }
    }
    for (int value : plan_.inputs) {
      if (value < 0) throw Fault(CTORCH_ERROR_VALUE, "a plan lacks an input");
    }
  }

  const c10::StorageImpl* storage(int value) const { return examples_[value].storage().unsafeGetStorageImpl(); }

  void add_group(int value, PlanGroup::Role role) {
    const auto& example = examples_[value];
    plan_.values[value].group = static_cast<int>(plan_.groups.size());
    plan_.groups.push_back({role, example.storage().nbytes(), example.device(), at_, at_});
    by_storage_[storage(value)] = plan_.values[value].group;
  }

  bool join(int value) {
    auto found = by_storage_.find(storage(value));
    if (found == by_storage_.end()) return false;
    plan_.values[value].group = found->second;
    return true;
  }

  void use(int value) {
    if (plan_.values[value].group < 0) throw Fault(CTORCH_ERROR_VALUE, "a plan uses a value before it is there");
    plan_.groups[plan_.values[value].group].last = at_;
  }

  void give(int value) {
    use(value);
    plan_.groups[plan_.values[value].group].given = true;
  }

  void read_nodes(Reader& reader) {
    uint64_t n = list(reader);
    for (; n > 0; --n, ++at_) {
      uint64_t parts = list(reader);
      if (parts < 4) throw Fault(CTORCH_ERROR_VALUE, "a plan's node is cut off");
      PlanNode node{reinterpret_cast<const ctorch_op*>(reader.take_int())};
      node.grad = reader.take_bool();
      node.room = reader.take_bool();
      for (uint64_t outputs = list(reader); outputs > 0; --outputs) {
        PlanOutput output{reader.tag() == CTORCH_LIST};
        output.values = output.list ? read_slots(reader) : std::vector<int>{slot(reader)};
        node.outputs.push_back(std::move(output));
      }
      read_arguments(node, reader, parts - 4);
      plan_.nodes.push_back(std::move(node));
      define();
    }
  }

  // Reads a node's arguments, and notes which values it uses and changes.
  void read_arguments(PlanNode& node, Reader& reader, uint64_t count) {
    used_.clear();
    const uint64_t* from = reader.at;
    const auto& schema = node.op->handle.schema().arguments();
    for (uint64_t i = 0; i < count; ++i) {
      Reader argument = reader;
      reader.skip();
      bool writes = false;
      if (i < node.op->params.size() && node.op->params[i].position >= 0) {
        const auto& local = schema[node.op->params[i].position];
        writes = (local.alias_info() != nullptr && local.alias_info()->isWrite()) ||
                 writes_statistics(node.op->name, local.name());
      }
      while (argument.at < reader.at) {
        if (argument.tag() == CTORCH_LIST) {
          ++argument.at;
          continue;
        }
        const int value = slot(argument);
        if (value < 0) continue;
        use(value);
        used_.push_back(value);
        if (writes && !changes_layout(node.op->handle)) {
          plan_.groups[plan_.values[value].group].written = true;
          written_.insert(at_);
        }
      }
    }
    node.arguments.assign(from, reader.at);
  }

  // Finds out where the memory of the last node's results comes from.
  void define() {
    PlanNode& node = plan_.nodes.back();
    bool fresh = false;
    for (const auto& output : node.outputs) {
      for (int value : output.values) {
        if (value < 0) continue;
        if (plan_.values[value].group < 0) {
          // Two inputs may share memory: a view is one of the input that it was made of.
          auto of = std::find_if(used_.begin(), used_.end(), [&](int u) { return storage(u) == storage(value); });
          if (of != used_.end()) {
            plan_.values[value].group = plan_.values[*of].group;
          } else if (!join(value)) {
            add_group(value, PlanGroup::kTaken);
          }
        }
        use(value);
        fresh |= plan_.groups[plan_.values[value].group].first == at_ &&
                 plan_.groups[plan_.values[value].group].role == PlanGroup::kTaken;
      }
    }
    const bool results = std::any_of(node.outputs.begin(), node.outputs.end(), [](const PlanOutput& output) {
      return std::any_of(output.values.begin(), output.values.end(), [](int value) { return value >= 0; });
    });
    if (!fresh && results && written_.count(at_) == 0) node.kind = PlanNode::kNothing;
  }

  // Chooses how a node writes its results.
  void choose(int index) {
    PlanNode& node = plan_.nodes[index];
    if (node.kind == PlanNode::kNothing || node.outputs.empty()) return;
    for (const auto& output : node.outputs) {
      if (output.list || output.values[0] < 0) return;
      const PlanGroup& group = plan_.groups[plan_.values[output.values[0]].group];
      if (group.first != index || group.role != PlanGroup::kTaken) return;
    }
    const int first = node.outputs[0].values[0];
    if (node.room) {
      node.kind = PlanNode::kNothing;
    } else if (copies(node.op->name)) {
      node.kind = PlanNode::kCopy;
    } else {
      node.writer = find_writer(node.op->handle, plan_.groups[plan_.values[first].group].device.type());
      if (!node.writer) return;
      node.kind = PlanNode::kOut;
    }
    for (const auto& output : node.outputs) {
      PlanGroup& group = plan_.groups[plan_.values[output.values[0]].group];
      group.role = group.given ? PlanGroup::kFresh : PlanGroup::kArena;
    }
  }

  // Gives each group of the arena its place: the largest first, each as low as those allow
  // that are there at the same time.
  void lay_out() {
    std::vector<PlanGroup*> order;
    for (auto& group : plan_.groups) {
      if (group.role == PlanGroup::kArena) order.push_back(&group);
    }
    std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->bytes > b->bytes; });
    std::vector<PlanGroup*> placed;  // by offset
    for (PlanGroup* group : order) {
      size_t offset = 0;
      for (const PlanGroup* other : placed) {
        if (other->device != group->device || other->last < group->first || group->last < other->first) continue;
        if (offset + round_up(group->bytes) <= other->offset) break;
        offset = std::max(offset, other->offset + round_up(other->bytes));
      }
      group->offset = offset;
      auto after = [](const PlanGroup* a, const PlanGroup* b) { return a->offset < b->offset; };
      placed.insert(std::upper_bound(placed.begin(), placed.end(), group, after), group);
      arena(group->device) = std::max(arena(group->device), offset + round_up(group->bytes));
    }
  }

  size_t& arena(c10::Device device) {
    for (auto& [of, bytes] : plan_.arenas) {
      if (of == device) return bytes;
    }
    plan_.arenas.emplace_back(device, 0);
    return plan_.arenas.back().second;
  }

  ctorch_plan& plan_;
  std::vector<at::Tensor> examples_;
  std::unordered_map<const c10::StorageImpl*, int> by_storage_;
  std::vector<int> used_;            // by the node at hand
  std::unordered_set<int> written_;  // nodes that change what was there
  int at_ = 0;                       // the node at hand
};

}  // namespace

extern "C" {

ctorch_error* ctorch_plan_new(const uint64_t* words, int32_t count, ctorch_plan** plan) {
  return ctorch::guard([&] {
    auto made = std::make_unique<ctorch_plan>();
    Planner(*made).read(Reader{words, words + count});
    *plan = made.release();
  });
}

void ctorch_plan_free(ctorch_plan* plan) { delete plan; }

int64_t ctorch_plan_bytes(const ctorch_plan* plan) {
  size_t bytes = 0;
  for (const auto& arena : plan->arenas) bytes += arena.second;
  return static_cast<int64_t>(bytes);
}

ctorch_error* ctorch_plan_record(ctorch_plan* plan) {
  return ctorch::guard([&] { ctorch::record_plan(*plan); });
}

bool ctorch_plan_calls_go(const ctorch_plan* plan) {
  return std::any_of(plan->nodes.begin(), plan->nodes.end(),
                     [](const PlanNode& node) { return !ctorch::is_own(node.op->name); });
}

ctorch_status ctorch_plan_run(ctorch_plan* plan, uint64_t* words, int32_t count, int32_t capacity, bool calls_go) {
  int node = -1;
  ctorch_status status = ctorch::guard_status([&](ctorch_status& given) {
    std::optional<ctorch::MayCallGo> may;
    if (calls_go) may.emplace();
    Reader reader{words, words + count};
    const auto run = plan->recording ? ctorch::run_recorded : ctorch::run_plan;
    auto results = run(*plan, reader.take_tensors(), node);
    ctorch::Writer writer(words, capacity);
    writer.put_tensors(std::move(results));
    writer.finish(given);
  });
  if (status.error != nullptr) status.count = node;
  return status;
}
}

ctorch_plan::ctorch_plan() = default;
ctorch_plan::~ctorch_plan() = default;
