// c10d: process groups and the work that they do. Collectives are operators; here is
// what else Go needs of them.
#include "c10d.h"

#include "op.h"

#ifdef CTORCH_C10D

#include <c10/util/Logging.h>

#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>
#include <torch/csrc/distributed/c10d/GroupRegistry.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

namespace ctorch::c10d_methods {

namespace {

// Makes a group as torch.distributed does, with the same prefixes in the store.
void new_group(Reader& r, Writer& results) {
  const std::string prefix = r.take_string() + "/";
  auto store = c10::make_intrusive<c10d::PrefixStore>(prefix, take_store(r));
  const std::string backend_name = r.take_string();
  const auto rank = static_cast<int>(r.take_int());
  const auto size = static_cast<int>(r.take_int());
  const auto timeout = take_duration(r);
  const std::string name = r.take_string(), description = r.take_string();
  auto ranks = take_list(r, [](Reader& r) { return static_cast<uint64_t>(r.take_int()); });
  if (backend_name != "gloo") {
    throw Fault(CTORCH_ERROR_UNSUPPORTED, "this libtorch has no backend " + backend_name + "; it has gloo");
  }
  auto options = c10d::ProcessGroupGloo::Options::create_default(timeout);
  options->global_ranks_in_group = std::move(ranks);
  options->group_name = name;
  auto backend = c10::make_intrusive<c10d::ProcessGroupGloo>(c10::make_intrusive<c10d::PrefixStore>("cpu/", store),
                                                             rank, size, std::move(options));
  auto group = c10::make_intrusive<c10d::ProcessGroup>(store, rank, size);
  group->setDefaultBackend(c10d::ProcessGroup::GLOO);
  for (auto device : {c10::DeviceType::CPU, c10::DeviceType::CUDA}) {
    group->setBackend(device, c10d::ProcessGroup::GLOO, c10::intrusive_ptr<c10d::Backend>(backend));
  }
  group->setGroupName(name);
  group->setGroupDesc(description);
  c10d::register_process_group(name, group);
  results.put(group);
}

void new_reduce_op(Reader& r, Writer& results) {
  const auto kind = static_cast<c10d::ReduceOp::RedOpType>(r.take_int());
  if (kind != c10d::ReduceOp::PREMUL_SUM) {
    results.put(c10::make_intrusive<c10d::ReduceOp>(kind));
  } else if (r.tag() == CTORCH_TENSOR) {
    results.put(c10::make_intrusive<c10d::ReduceOp>(c10d::makePreMulSum(borrow(r.payload()[0]))));
  } else {
    const double factor = read_number(r, c10::TypeKind::FloatType).toDouble();
    results.put(c10::make_intrusive<c10d::ReduceOp>(c10d::makePreMulSum(factor)));
  }
}

// Gloo throws what it cannot read, such as a message of another size than is waited for,
// in a thread of its own, where nobody catches it, and the process would end. Such a thread
// is left where it is instead, and whoever waits for work gets the message.
std::mutex fault_mutex;
std::string fault;
std::terminate_handler other_terminate = nullptr;

std::string gloo_fault() {
  std::lock_guard<std::mutex> lock(fault_mutex);
  return fault;
}

[[noreturn]] void keep_gloo_fault() {
  try {
    if (auto exception = std::current_exception()) std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    const std::string text = e.what();
    if (text.find("gloo/transport/") != std::string::npos) {
      {
        std::lock_guard<std::mutex> lock(fault_mutex);
        if (fault.empty()) fault = text;
      }
      for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    }
  } catch (...) {
  }
  other_terminate();
  std::abort();
}

// Ends a group, unless gloo's threads cannot end any more; says whether it did.
void shut_group(Reader& r, Writer& results) {
  auto group = take_object<c10d::ProcessGroup>(r);
  if (c10d::is_process_group_registered(group->getGroupName())) {
    c10d::unregister_process_group(group->getGroupName());
  }
  const bool whole = gloo_fault().empty();
  if (whole) group->shutdown();
  results.put(whole);
}

void wait_for_work(Reader& r, Writer& results) {
  auto work = take_object<c10d::Work>(r);
  const auto timeout = take_duration(r);
  if (timeout != kNoTimeout || dynamic_cast<c10d::ProcessGroupGloo::AsyncWork*>(work.get()) == nullptr) {
    results.put(work->wait(timeout));
    return;
  }
  while (!work->isCompleted()) {
    const std::string text = gloo_fault();
    if (!text.empty()) throw Fault(CTORCH_ERROR_RUNTIME, text);
    try {
      work->wait(std::chrono::milliseconds(200));
    } catch (const std::exception&) {  // the time is over, or the work has failed, which wait says again
    }
  }
  results.put(work->wait());
}

// Libtorch logs stacks of errors that it also throws. They are kept back unless the user
// says what is to be logged.
void quiet_logging() {
  if (std::getenv("TORCH_CPP_LOG_LEVEL") != nullptr) {
    c10::initLogging();
  } else {
    FLAGS_caffe2_log_level = 3;  // what ends the process
  }
}

}  // namespace

const std::vector<Method> of_groups = {
    {"group.new", new_group},
    {"group.shut", shut_group},
    {"group.set_timeout",
     [](Reader& r, Writer&) {
       auto group = take_object<c10d::ProcessGroup>(r);
       group->setTimeout(take_duration(r));
     }},
    {"reduce_op.new", new_reduce_op},
    {"work.wait", wait_for_work},
    {"work.completed", [](Reader& r, Writer& results) { results.put(take_object<c10d::Work>(r)->isCompleted()); }},
    {"work.source",
     [](Reader& r, Writer& results) { results.put(static_cast<int64_t>(take_object<c10d::Work>(r)->sourceRank())); }},
};

static const Methods& methods() {
  static const Methods& all = [&]() -> const Methods& {
    quiet_logging();
    other_terminate = std::set_terminate(keep_gloo_fault);
    return methods_of({&of_stores, &of_groups, &of_reducers});
  }();
  return all;
}

}  // namespace ctorch::c10d_methods

#endif

extern "C" {

ctorch_status ctorch_c10d_call(uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
#ifdef CTORCH_C10D
    ctorch::call_method(ctorch::c10d_methods::methods(), words, count, capacity, status);
#else
    (void)words, (void)count, (void)capacity, (void)status;
    throw ctorch::Fault(
        CTORCH_ERROR_UNSUPPORTED,
        std::string("torch.distributed needs libtorch 2.15 or newer, and this is libtorch ") + ctorch_version());
#endif
  });
}
}
