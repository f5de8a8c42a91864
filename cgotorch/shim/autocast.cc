// Autocast: the calling thread's modes, one for each type of device.
#include <ATen/autocast_mode.h>

#include "shim.h"

namespace autocast = at::autocast;

namespace {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)

ctorch_autocast autocast_of(at::DeviceType type) {
  return {autocast::is_autocast_enabled(type), autocast::is_autocast_cache_enabled(),
          static_cast<int32_t>(autocast::get_autocast_dtype(type))};
}

void set_autocast(at::DeviceType type, const ctorch_autocast& mode) {
  autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(mode.dtype));
  autocast::set_autocast_enabled(type, mode.enabled);
  autocast::set_autocast_cache_enabled(mode.cache);
}

#else  // functions for the CPU and others for CUDA

ctorch_autocast autocast_of(at::DeviceType type) {
  bool cpu = type == at::kCPU;
  return {cpu ? autocast::is_cpu_enabled() : autocast::is_enabled(), autocast::is_autocast_cache_enabled(),
          static_cast<int32_t>(cpu ? autocast::get_autocast_cpu_dtype() : autocast::get_autocast_gpu_dtype())};
}

void set_autocast(at::DeviceType type, const ctorch_autocast& mode) {
  auto dtype = static_cast<at::ScalarType>(mode.dtype);
  if (type == at::kCPU) {
    autocast::set_autocast_cpu_dtype(dtype);  // first: it throws on Float16
    autocast::set_cpu_enabled(mode.enabled);
  } else {
    autocast::set_autocast_gpu_dtype(dtype);
    autocast::set_enabled(mode.enabled);
  }
  autocast::set_autocast_cache_enabled(mode.cache);
}

#endif

}  // namespace

extern "C" {

ctorch_error* ctorch_autocast_get(int32_t device_type, ctorch_autocast* mode) {
  return ctorch::guard([&] { *mode = autocast_of(static_cast<at::DeviceType>(device_type)); });
}

ctorch_error* ctorch_autocast_enter(int32_t device_type, ctorch_autocast mode) {
  return ctorch::guard([&] {
    set_autocast(static_cast<at::DeviceType>(device_type), mode);
    autocast::increment_nesting();
  });
}

ctorch_error* ctorch_autocast_leave(int32_t device_type, ctorch_autocast before) {
  return ctorch::guard([&] {
    if (autocast::decrement_nesting() == 0) autocast::clear_cache();
    set_autocast(static_cast<at::DeviceType>(device_type), before);
  });
}

ctorch_error* ctorch_autocast_clear_cache(void) {
  return ctorch::guard([] { autocast::clear_cache(); });
}
}
