// The reducer of DistributedDataParallel: it adds gradients up over processes while
// they are computed.
#include "c10d.h"
#include "callback.h"

#ifdef CTORCH_C10D

#include <torch/csrc/autograd/engine.h>

#include <map>
#include <torch/csrc/distributed/c10d/reducer.hpp>

namespace ctorch::c10d_methods {

namespace {

// A reducer as an object: libtorch has no class of it. It knows its parameters by their
// numbers.
struct ReducerObject final : torch::CustomClassHolder {
  ReducerObject(std::shared_ptr<c10d::Reducer> reducer, const std::vector<at::Tensor>& parameters)
      : reducer(std::move(reducer)) {
    for (const auto& parameter : parameters) numbers.emplace(parameter.unsafeGetTensorImpl(), numbers.size());
  }
  std::shared_ptr<c10d::Reducer> reducer;
  std::map<at::TensorImpl*, size_t> numbers;
};

const auto reducer_class = torch::class_<ReducerObject>("gotorch", "Reducer");

std::shared_ptr<c10d::Reducer> take_reducer(Reader& reader) { return take_object<ReducerObject>(reader)->reducer; }

// Writes a bucket: its gradients in a row, its number, whether it is the last one, and the
// numbers of its parameters.
void put_bucket(Writer& words, const c10d::GradBucket& bucket, const std::map<at::TensorImpl*, size_t>& numbers) {
  words.put_tensor(bucket.getBuffer());
  words.put(static_cast<int64_t>(bucket.getIndex()));
  words.put(bucket.isLast());
  c10::List<int64_t> list;
  for (const auto& parameter : bucket.getParameters()) {
    list.push_back(static_cast<int64_t>(numbers.at(parameter.unsafeGetTensorImpl())));
  }
  words.put(list);
}

// A communication hook that is a Go function. It begins to move a bucket, and gives a function
// that is called at the end of the backward pass, which waits and gives the result.
class GoHook final : public c10d::CommHookInterface {
 public:
  GoHook(GoFunction start, c10d::Reducer& reducer, std::map<at::TensorImpl*, size_t> numbers)
      : start_(std::move(start)), mutex_(&Open::mutex_of(reducer)), numbers_(std::move(numbers)) {}

  c10::intrusive_ptr<c10::ivalue::Future> runHook(c10d::GradBucket& bucket) override {
    Writer words;
    put_bucket(words, bucket, numbers_);
    ctorch_reply reply;
    start_(words, reply, mutex_);
    const auto index = static_cast<int64_t>(bucket.getIndex());
    started_[index] = {GoFunction(reply.number), bucket.getBuffer()};
    auto future = c10::make_intrusive<c10::ivalue::Future>(c10::IntType::get());
    future->markCompleted(c10::IValue(index));
    return future;
  }

  at::Tensor parseHookResult(const c10::IValue& index) override {
    auto started = std::move(started_.extract(index.toInt()).mapped());
    const auto given = started.wait({}, 0, mutex_).tensors;
    if (given.size() != 1 || !given[0].defined())
      throw Fault(CTORCH_ERROR_TYPE, "the communication hook gave no tensor");
    const at::Tensor &x = given[0], &buffer = started.buffer;
    if (x.numel() != buffer.numel() || x.device() != buffer.device()) {
      throw Fault(CTORCH_ERROR_VALUE, "the communication hook gave a tensor that does not fit the bucket: of " +
                                          std::to_string(x.numel()) + " elements on " + x.device().str() + ", not " +
                                          std::to_string(buffer.numel()) + " on " + buffer.device().str());
    }
    return x;
  }

 private:
  struct Open : c10d::Reducer {  // the mutex is there for those that derive from it
    static std::mutex& mutex_of(c10d::Reducer& reducer) { return reducer.*(&Open::mutex_); }
  };
  struct Started {
    GoFunction wait;
    at::Tensor buffer;
  };
  GoFunction start_;
  std::mutex* mutex_;  // the reducer holds it when it calls the hook
  std::map<at::TensorImpl*, size_t> numbers_;
  std::map<int64_t, Started> started_;
};

std::vector<size_t> take_sizes(Reader& reader) {
  return take_list(reader, [](Reader& r) { return static_cast<size_t>(r.take_int()); });
}

std::vector<bool> take_bools(Reader& reader) {
  return take_list(reader, [](Reader& r) { return r.take_bool(); });
}

c10::List<int64_t> to_list(const std::vector<size_t>& sizes) {
  c10::List<int64_t> list;
  for (size_t size : sizes) list.push_back(static_cast<int64_t>(size));
  return list;
}

void verify_parameters(Reader& r, Writer&) {
  auto group = take_object<c10d::ProcessGroup>(r);
  c10d::verify_params_across_processes(group, r.take_tensors(), std::nullopt);
}

void broadcast_tensors(Reader& r, Writer&) {
  auto group = take_object<c10d::ProcessGroup>(r);
  const auto tensors = r.take_tensors();
  const auto bytes = static_cast<size_t>(r.take_int());
  const at::AutoGradMode no_grad(false);
  c10d::broadcast_coalesced(group, tensors, bytes, static_cast<int>(r.take_int()));
}

void assign_buckets(Reader& r, Writer& results) {
  const auto tensors = r.take_tensors();
  const auto limits = take_sizes(r);
  auto [buckets, sizes] = c10d::compute_bucket_assignment_by_size(tensors, limits, take_bools(r));
  c10::List<c10::List<int64_t>> lists;
  for (const auto& bucket : buckets) lists.push_back(to_list(bucket));
  results.put(lists);
  results.put(to_list(sizes));
}

void new_reducer(Reader& r, Writer& results) {
  auto parameters = r.take_tensors();
  auto buckets = take_list(r, take_sizes);
  auto group = take_object<c10d::ProcessGroup>(r);
  auto sparse = take_bools(r);
  const int64_t bytes = r.take_int(), first_bytes = r.take_int();
  const bool find_unused = r.take_bool(), views = r.take_bool();
  std::unordered_map<size_t, std::string> names;
  for (const auto& name : take_strings(r)) names.emplace(names.size(), name);
  auto reducer = std::make_shared<c10d::Reducer>(parameters, std::move(buckets), std::move(group), std::move(sparse),
                                                 bytes, find_unused, views, std::move(names), first_bytes, false, false,
                                                 std::vector<int64_t>());
  results.put(c10::make_intrusive<ReducerObject>(std::move(reducer), parameters));
}

void register_hook(Reader& r, Writer&) {
  auto object = take_object<ReducerObject>(r);
  GoFunction start(static_cast<uint64_t>(r.take_int()));
  object->reducer->register_comm_hook(std::make_unique<GoHook>(std::move(start), *object->reducer, object->numbers));
}

// The buckets with zeros in place of gradients.
void zero_buckets(Reader& r, Writer& results) {
  auto object = take_object<ReducerObject>(r);
  const auto buckets = object->reducer->get_grad_buckets(true);
  results.start(CTORCH_LIST, buckets.size());
  for (const auto& bucket : buckets) put_bucket(results, bucket, object->numbers);
}

// Lets the backward pass that runs end with the first reduction of a static graph.
void delay_reduction(Reader& r, Writer&) {
  torch::autograd::Engine::get_default_engine().queue_callback(
      [reducer = take_reducer(r)] { reducer->delay_all_reduce(); });
}

}  // namespace

const std::vector<Method> of_reducers = {
    {"ddp.verify", verify_parameters},
    {"ddp.broadcast", broadcast_tensors},
    {"ddp.buckets", assign_buckets},
    {"reducer.new", new_reducer},
    {"reducer.forward", [](Reader& r, Writer&) { take_reducer(r)->prepare_for_forward(); }},
    {"reducer.backward",
     [](Reader& r, Writer&) {
       auto reducer = take_reducer(r);
       reducer->prepare_for_backward(r.take_tensors());
     }},
    {"reducer.rebuild", [](Reader& r, Writer& results) { results.put(take_reducer(r)->rebuild_buckets()); }},
    {"reducer.hook", register_hook},
    {"reducer.static", [](Reader& r, Writer&) { take_reducer(r)->set_static_graph(); }},
    {"reducer.delay", delay_reduction},
    {"reducer.zeros", zero_buckets},
    {"reducer.used", [](Reader& r, Writer& results) { results.put(take_reducer(r)->get_local_used_map_on_device()); }},
    {"reducer.push", [](Reader& r, Writer&) { take_reducer(r)->push_rebuilt_params_for_all_indices(); }},
    {"reducer.joined",
     [](Reader& r, Writer&) {
       auto reducer = take_reducer(r);
       auto work = take_object<c10d::Work>(r);
       reducer->set_forward_pass_work_handle(std::move(work), r.take_bool());
     }},
    {"reducer.remove", [](Reader& r, Writer&) { take_reducer(r)->remove_autograd_hooks(); }},
};

}  // namespace ctorch::c10d_methods

#endif
