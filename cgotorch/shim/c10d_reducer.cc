// The reducer of DistributedDataParallel: it adds gradients up over processes while
// they are computed.
#include "c10d.h"

#ifdef CTORCH_C10D

#include <torch/csrc/distributed/c10d/reducer.hpp>

namespace ctorch::c10d_methods {

namespace {

// A reducer as an object: libtorch has no class of it.
struct ReducerObject final : torch::CustomClassHolder {
  explicit ReducerObject(std::shared_ptr<c10d::Reducer> reducer) : reducer(std::move(reducer)) {}
  std::shared_ptr<c10d::Reducer> reducer;
};

const auto reducer_class = torch::class_<ReducerObject>("gotorch", "Reducer");

std::shared_ptr<c10d::Reducer> take_reducer(Reader& reader) { return take_object<ReducerObject>(reader)->reducer; }

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
  auto reducer = std::make_shared<c10d::Reducer>(std::move(parameters), std::move(buckets), std::move(group),
                                                 std::move(sparse), bytes, find_unused, views, std::move(names),
                                                 first_bytes, false, false, std::vector<int64_t>());
  results.put(c10::make_intrusive<ReducerObject>(std::move(reducer)));
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
    {"reducer.hook",
     [](Reader& r, Writer&) {
       auto reducer = take_reducer(r);
       reducer->register_builtin_comm_hook(static_cast<c10d::BuiltinCommHookType>(r.take_int()));
     }},
    {"reducer.remove", [](Reader& r, Writer&) { take_reducer(r)->remove_autograd_hooks(); }},
};

}  // namespace ctorch::c10d_methods

#endif
