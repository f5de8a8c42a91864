// NCCL for process groups, in the library that cuda.cc is in. Its operator is called in
// ../../torch/distributed.
#if __has_include(<nccl.h>)

#define USE_C10D_NCCL
#define USE_DISTRIBUTED
#include <torch/library.h>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

namespace {

using Group = c10::intrusive_ptr<c10d::ProcessGroup>;

// Lets a group move tensors on CUDA devices by NCCL, with the same prefix in the store as
// torch.distributed.
void attach(const Group& group, int64_t timeout, const std::vector<int64_t>& ranks) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = std::chrono::milliseconds(timeout);
  options->group_name = group->getGroupName();
  options->global_ranks_in_group.assign(ranks.begin(), ranks.end());
  auto store = c10::make_intrusive<c10d::PrefixStore>("cuda/", group->getStore());
  c10::intrusive_ptr<c10d::Backend> backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(
      std::move(store), group->getRank(), group->getSize(), std::move(options));
  group->setBackend(c10::DeviceType::CUDA, c10d::ProcessGroup::NCCL, backend);
}

TORCH_LIBRARY(gotorch_nccl, m) {
  m.def("attach(__torch__.torch.classes.c10d.ProcessGroup group, int timeout, int[] ranks) -> ()", attach);
}

}  // namespace

#endif
