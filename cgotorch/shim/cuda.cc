// What takes headers of CUDA: a library of operators, which is built beside the shim where
// libtorch has CUDA and there are headers, and loaded when CUDA is used. Its operators are in
// ../../torch/cuda.
#include <ATen/cuda/MemPool.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/native/transformers/cuda/sdp_utils.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <torch/csrc/cuda/CUDAPluggableAllocator.h>
#include <torch/custom_class.h>
#include <torch/library.h>

#include <cstdio>
#include <thread>

#if __has_include(<nvtx3/nvToolsExt.h>)
#include <nvtx3/nvToolsExt.h>
#define CTORCH_NVTX
#endif

// Of libtorch_cuda, whose headers of them include those of all of CUDA's libraries.
namespace at::cuda {
cudaDeviceProp* getDeviceProperties(c10::DeviceIndex device);
bool canDeviceAccessPeer(c10::DeviceIndex device, c10::DeviceIndex peer);
}  // namespace at::cuda

namespace {

namespace allocator = c10::cuda::CUDACachingAllocator;

c10::DeviceIndex index_of(int64_t device) { return static_cast<c10::DeviceIndex>(device); }

int64_t attribute(cudaDeviceAttr which, int64_t device) {
  int value = 0;
  C10_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, static_cast<int>(device)));
  return value;
}

// The device's name, its UUID as nvidia-smi writes it, and numbers in the order of
// cuda.DeviceProperties.
std::tuple<std::string, std::string, std::vector<int64_t>> properties(int64_t device) {
  const cudaDeviceProp& p = *at::cuda::getDeviceProperties(index_of(device));
  std::string uuid;
  for (int i = 0; i < 16; ++i) {
    char byte[4];
    std::snprintf(byte, sizeof byte, "%02x", static_cast<unsigned char>(p.uuid.bytes[i]));
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += byte;
  }
  return {p.name,
          uuid,
          {p.major,
           p.minor,
           static_cast<int64_t>(p.totalGlobalMem),
           p.multiProcessorCount,
           p.integrated,
           p.isMultiGpuBoard,
           p.maxThreadsPerMultiProcessor,
           p.maxThreadsPerBlock,
           p.warpSize,
           p.l2CacheSize,
           attribute(cudaDevAttrClockRate, device),
           attribute(cudaDevAttrMemoryClockRate, device),
           p.memoryBusWidth,
           static_cast<int64_t>(p.sharedMemPerBlock),
           static_cast<int64_t>(p.sharedMemPerMultiprocessor),
           static_cast<int64_t>(p.sharedMemPerBlockOptin),
           p.regsPerMultiprocessor,
           p.pciBusID,
           p.pciDeviceID,
           p.pciDomainID}};
}

// Of each segment of a pool, or of all for 0 and 0, 9 numbers and how many blocks it has, and
// of each of these 4.
std::vector<int64_t> snapshot(int64_t first, int64_t second) {
  std::vector<int64_t> numbers;
  auto put = [&](auto value) { numbers.push_back(static_cast<int64_t>(value)); };
  const c10::MempoolId_t pool(first, second);
  for (const auto& segment : allocator::snapshot(pool).segments) {
    put(segment.device);
    put(segment.address);
    put(segment.total_size);
    put(segment.allocated_size);
    put(segment.active_size);
    put(segment.requested_size);
    put(reinterpret_cast<intptr_t>(segment.stream));
    put(segment.is_large);
    put(segment.is_expandable);
    put(segment.blocks.size());
    for (const auto& block : segment.blocks) {
      put(block.size);
      put(block.requested_size);
      put(block.allocated);
      put(block.active);
    }
  }
  return numbers;
}

// Whether a kernel of scaled_dot_product_attention can do a call: 0 is flash attention, 1 the
// efficient one, 2 cuDNN's. With debug libtorch warns why it cannot.
bool can_use_attention(int64_t kernel, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                       const std::optional<at::Tensor>& mask, double dropout, bool causal, bool gqa, bool debug) {
  const sdp::sdp_params params{query, key, value, mask, dropout, causal, gqa};
  switch (kernel) {
    case 0:
      return sdp::can_use_flash_attention(params, debug);
    case 1:
      return sdp::can_use_mem_efficient_attention(params, debug);
    default:
      return sdp::can_use_cudnn_attention(params, debug);
  }
}

// An allocator of somebody's own.
struct Allocator final : torch::CustomClassHolder {
  explicit Allocator(std::shared_ptr<allocator::CUDAAllocator> used) : used(std::move(used)) {}
  std::shared_ptr<allocator::CUDAAllocator> used;
};

// A function of a library that stays open.
template <class Function>
Function* find(void* library, const std::string& path, const std::string& name) {
  auto* function = reinterpret_cast<Function*>(dlsym(library, name.c_str()));
  TORCH_CHECK(function != nullptr, path, " has no function ", name);
  return function;
}

c10::intrusive_ptr<Allocator> load_allocator(const std::string& path, const std::string& allocate,
                                             const std::string& free) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  TORCH_CHECK(library != nullptr, "the allocator's library cannot be loaded: ", dlerror());
  return c10::make_intrusive<Allocator>(torch::cuda::CUDAPluggableAllocator::createCustomAllocator(
      find<void*(size_t, int, cudaStream_t)>(library, path, allocate),
      find<void(void*, size_t, int, cudaStream_t)>(library, path, free)));
}

// A pool of memory, and the allocator that it takes it from.
struct Pool final : torch::CustomClassHolder {
  Pool(std::shared_ptr<allocator::CUDAAllocator> used, bool use_on_oom, bool no_split)
      : used(std::move(used)), pool(this->used, true, use_on_oom, no_split) {}
  std::shared_ptr<allocator::CUDAAllocator> used;
  at::cuda::MemPool pool;
};

c10::intrusive_ptr<Pool> new_pool(const std::optional<c10::intrusive_ptr<Allocator>>& from, bool use_on_oom,
                                  bool no_split) {
  return c10::make_intrusive<Pool>(from ? (*from)->used : nullptr, use_on_oom, no_split);
}

std::tuple<int64_t, int64_t> pool_id(const c10::intrusive_ptr<Pool>& pool) {
  const auto [first, second] = pool->pool.id();
  return {static_cast<int64_t>(first), static_cast<int64_t>(second)};
}

// Lets the thread take memory from the pool, until end_pool.
void begin_pool(const c10::intrusive_ptr<Pool>& pool, int64_t device) {
  const auto thread = std::this_thread::get_id();
  allocator::beginAllocateToPool(index_of(device), pool->pool.id(),
                                 [thread](cudaStream_t) { return std::this_thread::get_id() == thread; });
}

void end_pool(const c10::intrusive_ptr<Pool>& pool, int64_t device) {
  allocator::endAllocateToPool(index_of(device), pool->pool.id());
  allocator::releasePool(index_of(device), pool->pool.id());
}

TORCH_LIBRARY(gotorch_cuda, m) {
#define ALLOCATOR "__torch__.torch.classes.gotorch_cuda.Allocator"
#define POOL "__torch__.torch.classes.gotorch_cuda.MemPool"
  m.class_<Allocator>("Allocator");
  m.class_<Pool>("MemPool");
  m.def("load_allocator(str path, str allocate, str free) -> " ALLOCATOR, load_allocator);
  m.def("use_allocator(" ALLOCATOR " allocator) -> ()", [](const c10::intrusive_ptr<Allocator>& allocator) {
    torch::cuda::CUDAPluggableAllocator::changeCurrentAllocator(allocator->used);
  });
  m.def("new_pool(" ALLOCATOR "? allocator, bool use_on_oom, bool no_split) -> " POOL, new_pool);
  m.def("pool_id(" POOL " pool) -> (int, int)", pool_id);
  m.def("pool_use_count(" POOL " pool) -> int",
        [](const c10::intrusive_ptr<Pool>& pool) -> int64_t { return pool->pool.use_count(); });
  m.def("begin_pool(" POOL " pool, int device) -> ()", begin_pool);
  m.def("end_pool(" POOL " pool, int device) -> ()", end_pool);
  m.def("caching_enabled() -> bool", [] { return allocator::isEnabled(); });
  m.def("enable_caching(bool on) -> ()", [](bool on) { allocator::enable(on); });
  m.def("sync_debug_mode() -> int",
        [] { return static_cast<int64_t>(c10::cuda::warning_state().get_sync_debug_mode()); });
  m.def("set_sync_debug_mode(int mode) -> ()", [](int64_t mode) {
    c10::cuda::warning_state().set_sync_debug_mode(static_cast<c10::cuda::SyncDebugMode>(mode));
  });
  m.def(
      "can_use_attention(int kernel, Tensor query, Tensor key, Tensor value, Tensor? mask, float dropout, bool causal, "
      "bool gqa, bool debug) -> bool",
      can_use_attention);
  m.def("has_flash_attention() -> bool", sdp::is_flash_attention_available);
  m.def("config() -> str", [] { return at::detail::getCUDAHooks().showConfig(); });
  m.def("error_string(int code) -> str",
        [](int64_t code) { return std::string(cudaGetErrorString(static_cast<cudaError_t>(code))); });
  m.def("properties(int device) -> (str, str, int[])", properties);
  m.def("can_access_peer(int device, int peer) -> bool",
        [](int64_t device, int64_t peer) { return at::cuda::canDeviceAccessPeer(index_of(device), index_of(peer)); });
  m.def("memory_fraction(int device) -> float",
        [](int64_t device) { return allocator::getMemoryFraction(index_of(device)); });
  m.def("set_memory_fraction(float fraction, int device) -> ()",
        [](double fraction, int64_t device) { allocator::setMemoryFraction(fraction, index_of(device)); });
  m.def("snapshot(int first, int second) -> int[]", snapshot);
  m.def("allocator_backend() -> str", [] { return allocator::get()->name(); });
#ifdef CTORCH_NVTX
  m.def("nvtx_push(str message) -> int",
        [](const std::string& message) { return static_cast<int64_t>(nvtxRangePushA(message.c_str())); });
  m.def("nvtx_pop() -> int", [] { return static_cast<int64_t>(nvtxRangePop()); });
  m.def("nvtx_start(str message) -> int",
        [](const std::string& message) { return static_cast<int64_t>(nvtxRangeStartA(message.c_str())); });
  m.def("nvtx_end(int range) -> ()", [](int64_t range) { nvtxRangeEnd(static_cast<nvtxRangeId_t>(range)); });
  m.def("nvtx_mark(str message) -> ()", [](const std::string& message) { nvtxMarkA(message.c_str()); });
#endif
}

}  // namespace
