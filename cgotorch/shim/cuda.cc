// What takes headers of CUDA: a library of operators, which is built beside the shim where
// libtorch has CUDA and there are headers, and loaded when CUDA is used. Its operators are in
// ../../torch/cuda.
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda_runtime_api.h>
#include <torch/library.h>

#include <cstdio>

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

// Of each segment 9 numbers and how many blocks it has, and of each of these 4.
std::vector<int64_t> snapshot() {
  std::vector<int64_t> numbers;
  auto put = [&](auto value) { numbers.push_back(static_cast<int64_t>(value)); };
  for (const auto& segment : allocator::snapshot().segments) {
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

TORCH_LIBRARY(gotorch_cuda, m) {
  m.def("properties(int device) -> (str, str, int[])", properties);
  m.def("can_access_peer(int device, int peer) -> bool",
        [](int64_t device, int64_t peer) { return at::cuda::canDeviceAccessPeer(index_of(device), index_of(peer)); });
  m.def("memory_fraction(int device) -> float",
        [](int64_t device) { return allocator::getMemoryFraction(index_of(device)); });
  m.def("set_memory_fraction(float fraction, int device) -> ()",
        [](double fraction, int64_t device) { allocator::setMemoryFraction(fraction, index_of(device)); });
  m.def("snapshot() -> int[]", snapshot);
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
