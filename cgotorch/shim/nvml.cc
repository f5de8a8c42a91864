// NVML, NVIDIA's library that says of a GPU what nvidia-smi shows. It comes with the driver,
// so it is opened when it is asked, and declared here: its header is a package of its own.
#include <dlfcn.h>

#include <algorithm>

#include "accelerator.h"

namespace ctorch {

namespace {

struct Utilization {
  unsigned gpu, memory;  // percent
};

struct Process {
  unsigned pid;
  unsigned long long bytes;
  unsigned gpu_instance, compute_instance;
};

class NVML {
 public:
  explicit NVML(const std::string& path) : library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) throw Fault(CTORCH_ERROR_RUNTIME, std::string("NVML cannot be loaded: ") + dlerror());
    call("nvmlInit_v2");
  }

  NVML(const NVML&) = delete;

  ~NVML() {
    try_call("nvmlShutdown");
    dlclose(library_);
  }

  // Calls a function, which gives 0 where all is well.
  template <class... Arguments>
  void call(const char* name, Arguments... arguments) {
    check(name, try_call(name, arguments...));
  }

  // The same, and gives its code.
  template <class... Arguments>
  int try_call(const char* name, Arguments... arguments) {
    return find<int(Arguments...)>(name)(arguments...);
  }

  void check(const char* name, int code) {
    if (code == 0) return;
    const char* words = find<const char*(int)>("nvmlErrorString")(code);
    throw Fault(CTORCH_ERROR_RUNTIME, std::string(name) + ": " + (words == nullptr ? std::to_string(code) : words));
  }

  // The GPU of a UUID, or the part of one.
  void* device(const std::string& uuid) {
    void* device = nullptr;
    if (try_call("nvmlDeviceGetHandleByUUID", ("GPU-" + uuid).c_str(), &device) != 0) {
      call("nvmlDeviceGetHandleByUUID", ("MIG-" + uuid).c_str(), &device);
    }
    return device;
  }

 private:
  template <class Function>
  Function* find(const char* name) {
    auto* function = reinterpret_cast<Function*>(dlsym(library_, name));
    if (function == nullptr) throw Fault(CTORCH_ERROR_UNSUPPORTED, std::string("the driver's NVML has no ") + name);
    return function;
  }

  void* library_;
};

constexpr int kInsufficientSize = 7;

// The process's number and how many bytes it has, of each one.
std::vector<int64_t> processes(NVML& nvml, void* device) {
  static constexpr const char* name = "nvmlDeviceGetComputeRunningProcesses_v3";
  std::vector<Process> list(16);
  for (;;) {
    auto count = static_cast<unsigned>(list.size());
    const int code = nvml.try_call(name, device, &count, list.data());
    if (code != kInsufficientSize) {
      nvml.check(name, code);
      list.resize(count);
      break;
    }
    list.resize(2 * std::max<size_t>(count, list.size()));
  }
  std::vector<int64_t> numbers;
  for (const Process& p : list) {
    numbers.push_back(p.pid);
    numbers.push_back(static_cast<int64_t>(p.bytes));
  }
  return numbers;
}

}  // namespace

// Each takes the library's path and the device's UUID.
const std::vector<Method> of_nvml = {
    {"nvml.utilization",
     [](Reader& r, Writer& results) {
       NVML nvml(r.take_string());
       Utilization found{};
       nvml.call("nvmlDeviceGetUtilizationRates", nvml.device(r.take_string()), &found);
       results.put(static_cast<int64_t>(found.gpu));
       results.put(static_cast<int64_t>(found.memory));
     }},
    {"nvml.temperature",
     [](Reader& r, Writer& results) {
       NVML nvml(r.take_string());
       unsigned celsius = 0;
       nvml.call("nvmlDeviceGetTemperature", nvml.device(r.take_string()), 0, &celsius);  // of the die
       results.put(static_cast<int64_t>(celsius));
     }},
    {"nvml.power",
     [](Reader& r, Writer& results) {
       NVML nvml(r.take_string());
       unsigned milliwatts = 0;
       nvml.call("nvmlDeviceGetPowerUsage", nvml.device(r.take_string()), &milliwatts);
       results.put(static_cast<int64_t>(milliwatts));
     }},
    {"nvml.clock",
     [](Reader& r, Writer& results) {
       NVML nvml(r.take_string());
       unsigned megahertz = 0;
       nvml.call("nvmlDeviceGetClockInfo", nvml.device(r.take_string()), 1, &megahertz);  // of multiprocessors
       results.put(static_cast<int64_t>(megahertz));
     }},
    {"nvml.processes",
     [](Reader& r, Writer& results) {
       NVML nvml(r.take_string());
       results.put(c10::IValue(processes(nvml, nvml.device(r.take_string()))));
     }},
};

}  // namespace ctorch
