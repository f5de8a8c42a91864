// Accelerators: devices, streams and events of any type.
#include "accelerator.h"

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/record_stream.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#if __has_include(<ATen/DeviceAccelerator.h>)
#define CTORCH_ACCELERATORS
#include <ATen/DeviceAccelerator.h>
#endif

using c10::impl::VirtualGuardImpl;

namespace ctorch {

optional<c10::DeviceType> find_accelerator() {
#ifdef CTORCH_ACCELERATORS
  auto type = at::getAccelerator(false);
#else
  optional<c10::DeviceType> type;
  if (at::hasCUDA()) type = c10::DeviceType::CUDA;
#endif
  if (type && (!c10::impl::hasDeviceGuardImpl(*type) || VirtualGuardImpl(*type).deviceCount() == 0)) type.reset();
  if (type) watch_devices();
  return type;
}

c10::DeviceType accelerator() {
  auto type = find_accelerator();
  if (!type) throw Fault(CTORCH_ERROR_RUNTIME, "there is no accelerator");
  return *type;
}

void too_old(const std::string& what) {
  throw Fault(CTORCH_ERROR_UNSUPPORTED, std::string("libtorch ") + ctorch_version() + " has no " + what);
}

namespace {

// What guards of older libtorchs lack. T is a guard, a device or an event, so that they are
// looked for only where there are.

template <class Guard>
c10::Stream new_stream(const Guard& guard, c10::Device device, int priority) {
  if constexpr (requires { guard.getNewStream(device, priority); }) {
    return guard.getNewStream(device, priority);
  } else {
    return guard.getStreamFromGlobalPool(device, priority < 0);
  }
}

template <class Guard>
void synchronize_device(const Guard& guard, c10::Device device) {
  if constexpr (requires { guard.synchronizeDevice(device.index()); }) {
    guard.synchronizeDevice(device.index());
  } else {
    at::detail::getCUDAHooks().deviceSynchronize(device.index());
  }
}

template <class Guard>
bool is_capturing(const Guard& guard, c10::Stream stream) {
  if constexpr (requires { guard.isStreamCapturing(stream); }) {
    return guard.isStreamCapturing(stream);
  } else {
    too_old("question whether a stream is captured; 2.15 has it");
  }
}

template <class Guard>
void* native_handle(const Guard& guard, c10::Stream stream) {
  if constexpr (requires { guard.getStreamNativeHandle(stream); }) {
    return guard.getStreamNativeHandle(stream);
  } else {
    too_old("handles of streams");
  }
}

template <class Guard>
void put_dtypes(const Guard& guard, c10::Device device, Writer& results) {
  if constexpr (requires { guard.getDeviceCapability(device); }) {
    std::vector<int64_t> dtypes;
    guard.getDeviceCapability(device).forEachSupportedScalarType(
        [&](c10::ScalarType type) { dtypes.push_back(static_cast<int64_t>(type)); });
    results.put(c10::IValue(dtypes));
  } else {
    too_old("list of what devices can do");
  }
}

template <class Event>
double elapsed(const Event& from, const Event& to) {
  if constexpr (requires { from.elapsedTime(to); }) {
    return from.elapsedTime(to);
  } else {
    too_old("times of events");
  }
}

template <class Event>
void synchronize_event(const Event& event) {
  if constexpr (requires { event.synchronize(); }) {
    event.synchronize();
  } else {
    too_old("waiting for events");
  }
}

// An event as an object: libtorch has no class of it.
struct EventObject final : torch::CustomClassHolder {
  EventObject(c10::DeviceType type, c10::EventFlag flag) : event(type, flag) {}
  c10::Event event;
};

const auto event_class = torch::class_<EventObject>("gotorch", "Event");

void put_stream(Writer& results, c10::Stream stream) {
  results.put(stream.device());
  results.put(static_cast<int64_t>(stream.id()));
}

VirtualGuardImpl guard_of(c10::DeviceType type) {
  if (!c10::impl::hasDeviceGuardImpl(type)) {
    throw Fault(CTORCH_ERROR_RUNTIME, "there are no devices of type " + c10::DeviceTypeName(type, true));
  }
  return VirtualGuardImpl(type);
}

}  // namespace

c10::Device take_device(Reader& r) {
  const c10::Device device = unpack_device(r.payload()[0]);
  r.skip();
  const VirtualGuardImpl guard = guard_of(device.type());
  return device.has_index() ? device : guard.getDevice();
}

c10::Device take_index(Reader& r) {
  const c10::DeviceType type = accelerator();
  const auto index = static_cast<c10::DeviceIndex>(r.take_int());
  return index < 0 ? VirtualGuardImpl(type).getDevice() : c10::Device(type, index);
}

c10::Stream take_stream(Reader& r) {
  const c10::Device device = take_device(r);
  return c10::Stream(c10::Stream::UNSAFE, device, r.take_int());
}

const std::vector<Method> of_devices = {
    {"current",
     [](Reader&, Writer& results) {
       auto type = find_accelerator();
       results.put(type ? c10::IValue(c10::Device(*type)) : c10::IValue());
     }},
    {"count",
     [](Reader&, Writer& results) {
       auto type = find_accelerator();
       results.put(type ? static_cast<int64_t>(VirtualGuardImpl(*type).deviceCount()) : int64_t{0});
     }},
    {"index",
     [](Reader&, Writer& results) {
       results.put(static_cast<int64_t>(VirtualGuardImpl(accelerator()).getDevice().index()));
     }},
    // Makes a device the thread's current one and gives the one before.
    {"exchange",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_index(r);
       results.put(static_cast<int64_t>(VirtualGuardImpl(device.type()).exchangeDevice(device).index()));
     }},
    {"synchronize",
     [](Reader& r, Writer&) {
       const c10::Device device = take_index(r);
       synchronize_device(VirtualGuardImpl(device.type()), device);
     }},
    {"dtypes",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_index(r);
       put_dtypes(VirtualGuardImpl(device.type()), device, results);
     }},

    {"stream.current",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_device(r);
       put_stream(results, guard_of(device.type()).getStream(device));
     }},
    {"stream.new",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_device(r);
       put_stream(results, new_stream(guard_of(device.type()), device, static_cast<int>(r.take_int())));
     }},
    // The stream of a native handle that somebody else made. CUDA takes the handle for its id.
    {"stream.external",
     [](Reader& r, Writer& results) {
       const c10::Device device = take_device(r);
       if (device.type() != c10::DeviceType::CUDA) {
         throw Fault(CTORCH_ERROR_UNSUPPORTED, "streams of others are for CUDA, not for " + device.str());
       }
       put_stream(results, c10::Stream(c10::Stream::UNSAFE, device, r.take_int()));
     }},
    // Makes it the thread's current one of its device and gives the one before.
    {"stream.exchange",
     [](Reader& r, Writer& results) {
       const c10::Stream stream = take_stream(r);
       put_stream(results, guard_of(stream.device_type()).exchangeStream(stream));
     }},
    {"stream.query",
     [](Reader& r, Writer& results) {
       const c10::Stream stream = take_stream(r);
       results.put(guard_of(stream.device_type()).queryStream(stream));
     }},
    {"stream.synchronize",
     [](Reader& r, Writer&) {
       const c10::Stream stream = take_stream(r);
       guard_of(stream.device_type()).synchronizeStream(stream);
     }},
    {"stream.capturing",
     [](Reader& r, Writer& results) {
       const c10::Stream stream = take_stream(r);
       results.put(is_capturing(guard_of(stream.device_type()), stream));
     }},
    {"stream.handle",
     [](Reader& r, Writer& results) {
       const c10::Stream stream = take_stream(r);
       results.put(
           static_cast<int64_t>(reinterpret_cast<intptr_t>(native_handle(guard_of(stream.device_type()), stream))));
     }},
    {"stream.record",
     [](Reader& r, Writer&) {
       at::Tensor tensor = borrow(r.payload()[0]);
       r.skip();
       tensor.record_stream(take_stream(r));
     }},

    {"event.new",
     [](Reader& r, Writer& results) {
       const c10::DeviceType type = unpack_device(r.payload()[0]).type();
       r.skip();
       guard_of(type);
       results.put(c10::make_intrusive<EventObject>(
           type, r.take_bool() ? c10::EventFlag::BACKEND_DEFAULT : c10::EventFlag::PYTORCH_DEFAULT));
     }},
    {"event.record",
     [](Reader& r, Writer&) {
       auto object = take_object<EventObject>(r);
       object->event.record(take_stream(r));
     }},
    {"event.block",
     [](Reader& r, Writer&) {
       auto object = take_object<EventObject>(r);
       object->event.block(take_stream(r));
     }},
    {"event.query", [](Reader& r, Writer& results) { results.put(take_object<EventObject>(r)->event.query()); }},
    {"event.synchronize", [](Reader& r, Writer&) { synchronize_event(take_object<EventObject>(r)->event); }},
    {"event.elapsed",
     [](Reader& r, Writer& results) {
       auto from = take_object<EventObject>(r), to = take_object<EventObject>(r);
       results.put(elapsed(from->event, to->event));
     }},
};

}  // namespace ctorch

extern "C" {

ctorch_status ctorch_accelerator_call(uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    static const ctorch::Methods& methods =
        ctorch::methods_of({&ctorch::of_devices, &ctorch::of_memory, &ctorch::of_graphs, &ctorch::of_nvml});
    ctorch::call_method(methods, words, count, capacity, status);
  });
}
}
