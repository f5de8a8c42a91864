// A device that libtorch takes for an accelerator: two pieces of the CPU's memory of 256 MB
// each, whose streams do everything at once. It keeps a journal of what it was told, so that
// a test sees that gotorch tells a real one the right things.
#include <ATen/ATen.h>
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/core/GraphImplInterface.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/DeviceCapability.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <cstdlib>
#include <mutex>
#include <unordered_map>

namespace {

constexpr c10::DeviceType kType = c10::DeviceType::PrivateUse1;
constexpr c10::DeviceIndex kDevices = 2;
constexpr size_t kCapacity = 256 << 20;

std::mutex mutex;
std::vector<std::string> journal;

void note(const std::string& line) {
  std::lock_guard<std::mutex> lock(mutex);
  journal.push_back(line);
}

std::string name(c10::Stream s) { return std::to_string(s.device_index()) + "/" + std::to_string(s.id()); }

thread_local c10::DeviceIndex current = 0;
thread_local std::array<c10::StreamId, kDevices> streams = {};
std::atomic<c10::StreamId> next_stream{1};
std::atomic<int64_t> clock_{0};

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kType; }
  c10::Device exchangeDevice(c10::Device d) const override {
    TORCH_CHECK(d.index() >= 0 && d.index() < kDevices, "no such device");
    if (d.index() != current) note("device " + std::to_string(d.index()));
    return c10::Device(kType, std::exchange(current, d.index()));
  }
  c10::Device getDevice() const override { return c10::Device(kType, current); }
  void setDevice(c10::Device d) const override { exchangeDevice(d); }
  void uncheckedSetDevice(c10::Device d) const noexcept override { current = d.index(); }
  c10::Stream stream(c10::Device d, c10::StreamId id) const {
    return c10::Stream(c10::Stream::UNSAFE, c10::Device(kType, d.has_index() ? d.index() : current), id);
  }
  c10::Stream getStream(c10::Device d) const override { return stream(d, streams[stream(d, 0).device_index()]); }
  c10::Stream getDefaultStream(c10::Device d) const override { return stream(d, 0); }
  c10::Stream getStreamFromGlobalPool(c10::Device d, bool) const override { return stream(d, next_stream++); }
  c10::Stream getNewStream(c10::Device d, int priority) const override {
    note("new stream of priority " + std::to_string(priority));
    return stream(d, next_stream++);
  }
  c10::Stream exchangeStream(c10::Stream s) const override {
    note("stream " + name(s));
    return stream(s.device(), std::exchange(streams[s.device_index()], s.id()));
  }
  void* getStreamNativeHandle(c10::Stream s) const override { return reinterpret_cast<void*>(s.id() + 0x1000); }
  c10::DeviceIndex deviceCount() const noexcept override { return kDevices; }
  c10::DeviceCapability getDeviceCapability(c10::Device) const override {
    c10::DeviceCapability capability;
    capability.capability_data.capability_bits = 0;
    capability.capability_data.supported_scalar_types.has_Float = 1;
    return capability;
  }
  void record(void** event, const c10::Stream& s, c10::DeviceIndex, c10::EventFlag flag) const override {
    note(std::string("record ") + name(s) + (flag == c10::EventFlag::BACKEND_DEFAULT ? " timed" : ""));
    if (*event == nullptr) *event = new int64_t;
    *static_cast<int64_t*>(*event) = clock_ += 5;
  }
  void block(void*, const c10::Stream& s) const override { note("wait " + name(s)); }
  bool queryEvent(void*) const override { return true; }
  void destroyEvent(void* event, c10::DeviceIndex) const noexcept override { delete static_cast<int64_t*>(event); }
  double elapsedTime(void* a, void* b, c10::DeviceIndex) const override {
    return static_cast<double>(*static_cast<int64_t*>(b) - *static_cast<int64_t*>(a));
  }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream& s) const override { note("synchronize " + name(s)); }
  bool isStreamCapturing(const c10::Stream&) const override { return false; }
  void synchronizeEvent(void*) const override { note("synchronize event"); }
  void synchronizeDevice(c10::DeviceIndex i) const override { note("synchronize device " + std::to_string(i)); }
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

// Blocks of memory, counted for each device.
struct Memory final : c10::DeviceAllocator {
  c10::DataPtr allocate(size_t bytes) override {
    const c10::Device device(kType, current);
    std::lock_guard<std::mutex> lock(blocks_mutex);
    auto& stats = of_devices[current];
    if (stats.allocated_bytes[0].current + bytes > kCapacity) {
      ++stats.num_ooms;
      TORCH_CHECK_WITH(OutOfMemoryError, false, "the device is out of memory");
    }
    void* data = std::malloc(bytes + 1);
    blocks[data] = {current, bytes};
    stats.allocation[0].increase(1);
    stats.allocated_bytes[0].increase(bytes);
    stats.reserved_bytes[0].increase(bytes);
    return c10::DataPtr(data, data, &give_back, device);
  }
  static void give_back(void* data);
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override { note("empty cache"); }
  void recordStream(const c10::DataPtr&, c10::Stream s) override { note("record stream " + name(s)); }
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(c10::DeviceIndex i) override {
    std::lock_guard<std::mutex> lock(blocks_mutex);
    return of_devices[i];
  }
  void resetAccumulatedStats(c10::DeviceIndex i) override {
    std::lock_guard<std::mutex> lock(blocks_mutex);
    of_devices[i].allocated_bytes[0].reset_accumulated();
  }
  void resetPeakStats(c10::DeviceIndex i) override {
    std::lock_guard<std::mutex> lock(blocks_mutex);
    of_devices[i].allocated_bytes[0].reset_peak();
  }
  std::pair<size_t, size_t> getMemoryInfo(c10::DeviceIndex i) override {
    return {kCapacity - getDeviceStats(i).allocated_bytes[0].current, kCapacity};
  }

  std::mutex blocks_mutex;
  std::unordered_map<void*, std::pair<c10::DeviceIndex, size_t>> blocks;
  std::array<c10::CachingDeviceAllocator::DeviceStats, kDevices> of_devices;
};

Memory& memory() {
  static auto* memory = new Memory;
  return *memory;
}

void Memory::give_back(void* data) {
  auto& m = memory();
  std::lock_guard<std::mutex> lock(m.blocks_mutex);
  const auto [device, bytes] = m.blocks.at(data);
  m.blocks.erase(data);
  m.of_devices[device].allocated_bytes[0].decrease(bytes);
  m.of_devices[device].reserved_bytes[0].decrease(bytes);
  std::free(data);
}

// Page-locked memory is the CPU's, of which nothing is counted but what a test looks for.
struct HostMemory final : at::HostAllocator {
  c10::DataPtr allocate(size_t bytes) override { return c10::GetCPUAllocator()->allocate(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const override { default_copy_data(to, from, bytes); }
  bool record_event(void*, void*, c10::Stream) override { return true; }
  void empty_cache() override { note("empty host cache"); }
  at::HostStats get_stats() override {
    at::HostStats stats;
    stats.active_bytes.increase(4096);
    stats.host_alloc_time.increase(6);
    stats.host_alloc_time.increase(2);
    stats.num_host_alloc = 2;
    return stats;
  }
  void reset_accumulated_stats() override { note("reset accumulated host stats"); }
  void reset_peak_stats() override { note("reset peak host stats"); }
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return kDevices; }
  c10::DeviceIndex getCurrentDevice() const override { return current; }
  c10::Allocator* getPinnedMemoryAllocator() const override {
    note("pinned memory");
    return c10::GetCPUAllocator();
  }
};

struct Recorded final : at::GraphImplInterface {
  explicit Recorded(const at::GraphImplArgs&) {}
  void capture_begin(at::MempoolId_t pool, at::GraphCaptureMode mode) override {
    note("capture pool " + std::to_string(pool.first) + " mode " + std::to_string(static_cast<int>(mode)));
  }
  void capture_end() override { note("captured"); }
  void instantiate() override { note("instantiate"); }
  void replay() override { note("replay"); }
  void reset() override { note("reset"); }
  at::MempoolId_t pool() const override { return {7, 0}; }
  void enable_debug_mode() override { note("debug"); }
  void debug_dump(const std::string& path) override { note("dump " + path); }
};

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout>, std::optional<at::Device> device, std::optional<bool>) {
  c10::DeviceGuard guard(device.value_or(c10::Device(kType, current)));
  return at::detail::empty_strided_generic(size, stride, &memory(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                           dtype.value_or(at::kFloat));
}

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                 std::optional<at::Device> device, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  c10::DeviceGuard guard(device.value_or(c10::Device(kType, current)));
  return at::detail::empty_generic(size, &memory(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   dtype.value_or(at::kFloat), format);
}

// The tensor's memory as the CPU's.
at::Tensor seen(const at::Tensor& x) {
  if (x.is_cpu()) return x;
  return at::from_blob(x.data_ptr(), x.sizes(), x.strides(), x.options().device(at::kCPU));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  if (non_blocking) note("non-blocking copy");
  seen(to).copy_(seen(from));
  return to;
}

// Sizes are equal in what the tests do.
at::Tensor copy_and_resize(const at::Tensor& from, const at::Tensor& to) { return copy_from(from, to, false); }

void record_stream(at::Tensor& x, at::Stream s) { memory().recordStream(x.storage().data_ptr(), s); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", empty);
  m.impl("empty_strided", empty_strided);
  m.impl("_copy_from", copy_from);
  m.impl("_copy_from_and_resize", copy_and_resize);
  m.impl("record_stream", record_stream);
}

void on_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) { at::native::cpu_fallback(op, stack); }

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&on_cpu>()); }

TORCH_LIBRARY(gotorch_device, m) {
  m.def("journal() -> str[]", [] {
    std::lock_guard<std::mutex> lock(mutex);
    return std::exchange(journal, {});
  });
}

const bool registered = [] {
  c10::SetAllocator(kType, &memory());
  at::setHostAllocator(kType, new HostMemory, 0);
  at::RegisterPrivateUse1HooksInterface(new Hooks);
  c10::register_privateuse1_backend("pretended");
  at::GraphImplRegistry()->Register(c10::DeviceTypeName(kType),
                                    [](const at::GraphImplArgs& args) -> std::unique_ptr<at::GraphImplInterface> {
                                      return std::make_unique<Recorded>(args);
                                    });
  return true;
}();

}  // namespace
