// Devices and threads: CUDA chosen at run time, intra-op threads.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>

#include "shim.h"

namespace {

// Asks the driver whether it can be used; says in words why not.
std::string driver_trouble() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) return std::string("no NVIDIA driver on this machine (") + dlerror() + ")";
  auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  auto count = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || count == nullptr) return "libcuda.so.1 is not an NVIDIA driver";
  int code = init(0);
  if (code != 0) return "the NVIDIA driver does not start (cuInit gives " + std::to_string(code) + ")";
  int devices = 0;
  code = count(&devices);
  if (code != 0) return "the NVIDIA driver counts no devices (error " + std::to_string(code) + ")";
  if (devices == 0) return "the NVIDIA driver sees no GPU";
  return "";
}

// The folder that libtorch_cpu was loaded from, with a slash at its end.
std::string library_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&at::globalContext), &info) == 0 || info.dli_fname == nullptr) return "";
  std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/') + 1);
}

// Loads libtorch_cuda if it can be used; says in words why it cannot.
std::string cuda_trouble() {
  if (!at::hasCUDA()) {
#ifdef __APPLE__
    return "CUDA is not there for macOS";
#endif
    std::string trouble = driver_trouble();
    if (!trouble.empty()) return trouble;
    std::string path = library_folder() + "libtorch_cuda.so";
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
      return std::string("libtorch_cuda cannot be loaded: ") + dlerror();
    }
  }
  if (!at::hasCUDA()) return "libtorch_cuda was loaded but does not offer CUDA";
  if (at::getNumGPUs() == 0) return "libtorch sees no GPU";
  return "";
}

// Sets how many threads operators that the calling thread calls may use. libtorch's own
// function sets the number of later threads, too. The libraries that it calls are asked
// instead, if they are there: dlsym finds theirs.
void set_own_threads(int32_t threads) noexcept {
  using Setter = int (*)(int);
  static const auto openmp = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  static const auto mkl = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "MKL_Set_Num_Threads_Local"));
  if (openmp != nullptr) openmp(threads);
  if (mkl != nullptr) mkl(threads);
}

thread_local uint64_t threads_heard = 0;  // the threads_said that this thread has heard of
thread_local int threads_limited = 0;     // how often ctorch_thread_limit holds, which goes before that

}  // namespace

namespace ctorch {

std::atomic<uint64_t> threads_said{0};

void hear_threads() noexcept {
  const uint64_t said = threads_said.load(std::memory_order_acquire);
  if (said == threads_heard || threads_limited > 0) return;
  threads_heard = said;
  set_own_threads(static_cast<int32_t>(said & UINT32_MAX));
}

std::string config(const std::string& label, const char* ends) {
  std::string text = at::show_config();
  size_t from = text.find(label);
  if (from == std::string::npos) return "";
  from += label.size();
  return text.substr(from, text.find_first_of(ends, from) - from);
}

}  // namespace ctorch

extern "C" {

ctorch_error* ctorch_cuda_load(char** reason) {
  return ctorch::guard([&] {
    std::string trouble = cuda_trouble();
    *reason = trouble.empty() ? nullptr : ctorch::copy_string(trouble);
  });
}

int32_t ctorch_cuda_count(void) {
  int32_t count = 0;
  ctorch_error_free(ctorch::guard([&] { count = at::hasCUDA() ? static_cast<int32_t>(at::getNumGPUs()) : 0; }));
  return count;
}

ctorch_error* ctorch_set_num_threads(int32_t threads) {
  return ctorch::guard([&] {
    at::set_num_threads(threads);
    uint64_t said = ctorch::threads_said.load();
    while (
        !ctorch::threads_said.compare_exchange_weak(said, ((said >> 32) + 1) << 32 | static_cast<uint32_t>(threads))) {
    }
  });
}

int32_t ctorch_num_threads(void) {
  ctorch::hear_threads();
  return at::get_num_threads();
}

int32_t ctorch_thread_limit(int32_t threads) {
  const int32_t before = ctorch_num_threads();
  ++threads_limited;
  set_own_threads(threads);
  return before;
}

void ctorch_thread_unlimit(int32_t before) {
  --threads_limited;
  set_own_threads(before);
  ctorch::hear_threads();
}

const char* ctorch_cpu_capability(void) {
  static const std::string capability = ctorch::config("CPU capability usage: ", "\n");
  return capability.c_str();
}
}
