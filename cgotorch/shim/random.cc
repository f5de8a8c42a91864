// Random number generators.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include <mutex>

#include "shim.h"

namespace {

at::Generator default_generator(c10::Device device) { return at::globalContext().defaultGenerator(device); }

// A new generator starts as a copy of its device's default one, then gets the
// seed that a generator has when nobody seeded it, as in Python.
at::Generator new_generator(c10::Device device) {
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>();
  at::Generator generator = default_generator(device).clone();
  generator.set_current_seed(c10::default_rng_seed_val);
  return generator;
}

c10::Device make_device(int32_t type, int32_t index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

}  // namespace

extern "C" {

ctorch_error* ctorch_manual_seed(uint64_t seed) {
  return ctorch::guard([&] { at::manual_seed(seed); });
}

ctorch_error* ctorch_generator_new(int32_t device_type, int32_t index, uint64_t* handle) {
  return ctorch::guard([&] { *handle = ctorch::release(new_generator(make_device(device_type, index))); });
}

ctorch_error* ctorch_generator_default(int32_t device_type, int32_t index, uint64_t* handle) {
  return ctorch::guard([&] { *handle = ctorch::release(default_generator(make_device(device_type, index))); });
}

void ctorch_generator_free(uint64_t handle) {
  c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(reinterpret_cast<c10::GeneratorImpl*>(handle));
}

uint64_t ctorch_generator_device(uint64_t handle) {
  return ctorch::pack_device(ctorch::borrow_generator(handle).device());
}

ctorch_error* ctorch_generator_set_seed(uint64_t handle, uint64_t seed) {
  return ctorch::guard([&] {
    auto generator = ctorch::borrow_generator(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  });
}

ctorch_error* ctorch_generator_get_seed(uint64_t handle, uint64_t* seed) {
  return ctorch::guard([&] {
    auto generator = ctorch::borrow_generator(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    *seed = generator.current_seed();
  });
}

ctorch_status ctorch_generator_get_state(uint64_t handle, uint64_t* words) {
  return ctorch::guard_status([&](ctorch_status& status) {
    auto generator = ctorch::borrow_generator(handle);
    std::lock_guard<std::mutex> lock(generator.mutex());
    ctorch::Writer writer(words, 2);
    writer.put_tensor(generator.get_state());
    writer.finish(status);
  });
}

ctorch_error* ctorch_generator_set_state(uint64_t handle, uint64_t state) {
  return ctorch::guard([&] {
    auto generator = ctorch::borrow_generator(handle);
    at::Tensor tensor = ctorch::borrow(state);
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(tensor);
  });
}
}
