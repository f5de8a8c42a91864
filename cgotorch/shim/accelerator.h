// What the parts of accelerators share: devices that compute beside the CPU, such as
// CUDA's, seen through libtorch's classes for any of them, which need no headers of CUDA.
#pragma once

#include <c10/core/Stream.h>

#include "method.h"

namespace ctorch {

// The type of the accelerator that can be used, or nothing.
optional<c10::DeviceType> find_accelerator();

// The same, or a Fault.
c10::DeviceType accelerator();

// Takes a DEVICE. Where it has no index, it is the thread's current one.
c10::Device take_device(Reader& reader);

// Takes an INT, the index of a device of the accelerator; below 0 it is the thread's current one.
c10::Device take_index(Reader& reader);

// Takes a stream: a DEVICE and an INT, its id.
c10::Stream take_stream(Reader& reader);

// The Fault for what this libtorch lacks.
[[noreturn]] void too_old(const std::string& what);

extern const std::vector<Method> of_devices, of_memory, of_graphs, of_nvml;

// Lets calls look at the memory of devices, from the first time that one can be used.
void watch_devices() noexcept;

// Whether devices hold more than their limits. It looks at one call in 16 of a thread,
// since asking takes a lock.
bool devices_pressed() noexcept;

}  // namespace ctorch
