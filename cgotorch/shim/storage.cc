// Storages: the memory of tensors, and parts of it that are storages of their own.
#include <ATen/ATen.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shim.h"

using ctorch::Fault;

namespace {

using Watch = c10::weak_intrusive_ptr<c10::StorageImpl>;

Watch* watch_of(uint64_t handle) { return reinterpret_cast<Watch*>(handle); }

c10::StorageImpl* storage_of(uint64_t handle) { return reinterpret_cast<c10::StorageImpl*>(handle); }

// Where a storage's memory is, not const: an older libtorch says it in one way only.
char* memory_of(uint64_t handle) {
#if TORCH_VERSION_MAJOR < 2
  return static_cast<char*>(storage_of(handle)->data());
#else
  return static_cast<char*>(storage_of(handle)->mutable_data());
#endif
}

// A part of a storage, which keeps the whole.
struct Part {
  c10::intrusive_ptr<c10::StorageImpl> whole;
  char* data;
  size_t bytes;
};

void drop_part(void* part) { delete static_cast<Part*>(part); }

// Advises the system on the pages that are a part's alone.
void advise(const Part& part, int advice) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(part.data) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(part.data) + part.bytes) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

// Drops a part of a mapped file, and the pages that are its alone from memory: they
// are read again where somebody maps them anew.
void drop_mapped_part(void* context) {
  auto* part = static_cast<Part*>(context);
  advise(*part, MADV_DONTNEED);
  delete part;
}

}  // namespace

extern "C" {

ctorch_error* ctorch_tensor_storage(uint64_t handle, uint64_t* storage) {
  return ctorch::guard([&] {
    c10::Storage copy = ctorch::borrow(handle).storage();
    *storage = reinterpret_cast<uint64_t>(copy.unsafeReleaseStorageImpl());
  });
}

void ctorch_storage_free(uint64_t storage) { c10::intrusive_ptr<c10::StorageImpl>::reclaim(storage_of(storage)); }

ctorch_error* ctorch_storage_part(uint64_t storage, int64_t offset, int64_t bytes, bool mapped, uint64_t* part) {
  return ctorch::guard([&] {
    const auto size = static_cast<int64_t>(storage_of(storage)->nbytes());
    if (!storage_of(storage)->device().is_cpu() || offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
      throw Fault(CTORCH_ERROR_VALUE, "there is no part of " + std::to_string(bytes) + " bytes at " +
                                          std::to_string(offset) + " of a storage of " + std::to_string(size));
    }
    auto whole = c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(storage_of(storage));
    char* data = memory_of(storage) + offset;
    auto context = std::make_unique<Part>(Part{std::move(whole), data, static_cast<size_t>(bytes)});
    c10::DataPtr pointer(data, context.release(), mapped ? &drop_mapped_part : &drop_part,
                         c10::Device(c10::DeviceType::CPU));
    *part = reinterpret_cast<uint64_t>(c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(),
                                                                             static_cast<size_t>(bytes),
                                                                             std::move(pointer), nullptr, false)
                                           .release());
  });
}

void ctorch_storage_unload(uint64_t storage) {
#ifdef MADV_PAGEOUT
  if (storage_of(storage)->data_ptr().get_deleter() == &drop_mapped_part) {
    advise(*static_cast<Part*>(storage_of(storage)->data_ptr().get_context()), MADV_PAGEOUT);
  }
#else
  (void)storage;
#endif
}

ctorch_error* ctorch_storage_watch(uint64_t tensor, uint64_t* watch, int64_t* bytes) {
  return ctorch::guard([&] {
    c10::Storage storage = ctorch::borrow(tensor).storage();
    *bytes = static_cast<int64_t>(storage.nbytes());
    auto strong = c10::intrusive_ptr<c10::StorageImpl>::reclaim(storage.unsafeReleaseStorageImpl());
    *watch = reinterpret_cast<uint64_t>(new Watch(strong));
  });
}

bool ctorch_storage_gone(uint64_t watch) { return watch_of(watch)->expired(); }

void ctorch_storage_unwatch(uint64_t watch) { delete watch_of(watch); }

void* ctorch_storage_data(uint64_t storage, int64_t* bytes) {
  const bool readable = storage_of(storage)->device().is_cpu();
  *bytes = readable ? static_cast<int64_t>(storage_of(storage)->nbytes()) : 0;
  return readable ? memory_of(storage) : nullptr;
}
}
