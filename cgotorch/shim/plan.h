// Plans: programs of operators for tensors of known sizes, which run in one call and in
// memory that is planned. plan.cc makes a recipe of a program, plan_run.cc runs it.
#pragma once

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "op.h"

namespace ctorch {

// A value of a program: the tensor that it was when the program was recorded.
struct PlanValue {
  enum Kind { kComputed, kInput, kConstant, kGradient };
  Kind kind;
  int link;             // which input it is, or the gradient of which value
  int group = -1;       // of those that share memory
  at::Tensor constant;  // of kConstant, the tensor itself
  c10::DispatchKeySet keys;
  caffe2::TypeMeta dtype;
  std::vector<int64_t> sizes, strides;
  int64_t offset;
  bool requires_grad;  // of an input or a constant
};

// Values that share memory.
struct PlanGroup {
  enum Role {
    kInput,     // an argument's memory
    kConstant,  // memory that is there anyway
    kGradient,  // that of the gradient of a constant
    kArena,     // a part of the plan's own memory
    kFresh,     // memory made for each run, since it is given away
    kTaken,     // memory that an operator makes
  };
  Role role;
  size_t bytes;
  c10::Device device;
  int first, last;       // the nodes that use it
  bool given = false;    // whether a result has it
  bool written = false;  // whether a node changes what was there before
  size_t offset = 0;     // in the arena
};

// The results of a node, each a value or a list of values; -1 is one that is not there.
struct PlanOutput {
  bool list;
  std::vector<int> values;
};

struct PlanNode {
  enum Kind {
    kNothing,  // its results are there: views, and memory without values
    kCall,     // calls the operator and takes its results
    kOut,      // lets the operator write into memory that is there
    kCopy,     // the same by a copy
  };
  const ctorch_op* op;
  bool grad;                        // runs with gradients on, which some operators ask for
  bool room;                        // its results are memory without values
  std::vector<uint64_t> arguments;  // words with SLOTs
  std::vector<PlanOutput> outputs;
  Kind kind = kCall;
  ctorch::optional<c10::OperatorHandle> writer;  // the operator of kOut
};

// A gradient that the program leaves: of a constant, a value or -1 for none.
struct PlanGradient {
  int of, value;
};

// What runs: a recipe's tensors and the arguments of its operators. Only one thread runs
// it at a time.
class PlanInstance {
 public:
  virtual ~PlanInstance() = default;
  // Whether constants still have the memory that views here were made of. Throws where they
  // are of another kind.
  virtual bool current() const = 0;
  // Throws where inputs or gradients are of another kind. grad says whether gradients are on
  // where it is called.
  virtual void check(const std::vector<at::Tensor>& inputs, bool grad) const = 0;
  // Runs it with inputs that were checked, within PlanMode. node says at which node it is.
  virtual std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs, int& node) = 0;
  // Counts what it has written in constants.
  virtual void note_writes() const = 0;
};

std::unique_ptr<PlanInstance> make_instance(ctorch_plan& plan);

// The modes that a plan runs in: below autograd and autocast.
struct PlanMode {
  c10::InferenceMode no_inference{false};
  at::AutoDispatchBelowADInplaceOrView below_autograd;
  at::AutoGradMode no_grad{false};
  c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
};

// A plan as a graph of its device.
class PlanRecording;

}  // namespace ctorch

struct ctorch_plan {
  std::vector<ctorch::PlanValue> values;
  std::vector<ctorch::PlanGroup> groups;
  std::vector<ctorch::PlanNode> nodes;
  std::vector<int> inputs, outputs;
  std::vector<int> constants;  // the values that are these
  std::vector<int> before;     // those that are gradients of constants
  std::vector<ctorch::PlanGradient> gradients;
  std::vector<int> empty_gradients;                    // constants that must have none
  std::vector<std::pair<c10::Device, size_t>> arenas;  // how much memory it plans on each device
  std::mutex mutex;
  std::vector<std::unique_ptr<ctorch::PlanInstance>> idle;  // those that nobody runs
  std::shared_ptr<ctorch::PlanRecording> recording;         // NULL where it is not recorded

  ctorch_plan();
  ~ctorch_plan();
};

namespace ctorch {

// Runs a plan with a list of tensors and gives its results. node says at which node it
// failed, -1 for none.
std::vector<at::Tensor> run_plan(ctorch_plan& plan, const std::vector<at::Tensor>& inputs, int& node);

// Lets the plan be recorded as a graph of its device. Throws where it cannot be.
void record_plan(ctorch_plan& plan);

// run_plan for one that is recorded.
std::vector<at::Tensor> run_recorded(ctorch_plan& plan, const std::vector<at::Tensor>& inputs, int& node);

}  // namespace ctorch
