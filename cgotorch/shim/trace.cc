// Traces: which tensors are the same, while a program is recorded. A trace keeps no tensor
// and no memory, only that no later one takes the address.
#include <ATen/ATen.h>

#include <unordered_map>

#include "shim.h"

using ctorch::Fault;

namespace {

// A pointer that keeps an address, and what stands for what was there.
template <class T, class Null, class Stand>
struct Kept {
  c10::weak_intrusive_ptr<T, Null> address;
  Stand stand;
};

}  // namespace

struct ctorch_trace {
  std::unordered_map<at::TensorImpl*, Kept<at::TensorImpl, at::UndefinedTensorImpl, at::Tensor>> tensors;
  std::unordered_map<c10::StorageImpl*,
                     Kept<c10::StorageImpl, c10::detail::intrusive_target_default_null_type<c10::StorageImpl>,
                          c10::intrusive_ptr<c10::StorageImpl>>>
      storages;

  // A storage without memory.
  c10::intrusive_ptr<c10::StorageImpl> stand_for(const c10::Storage& storage) {
    auto* impl = storage.unsafeGetStorageImpl();
    auto found = storages.find(impl);
    if (found != storages.end()) return found->second.stand;
    auto stand = c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), impl->nbytes(),
                                                       c10::DataPtr(nullptr, impl->device()), nullptr, false);
    auto strong = c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(impl);
    storages.insert({impl, {c10::weak_intrusive_ptr<c10::StorageImpl>(strong), stand}});
    return stand;
  }

  // A tensor of the same layout without memory, the same one as long as that stays.
  at::Tensor stand_for(const at::Tensor& tensor) {
    auto found = tensors.find(tensor.unsafeGetTensorImpl());
    if (found != tensors.end()) {
      const at::Tensor& stand = found->second.stand;
      if (stand.sizes() == tensor.sizes() && stand.strides() == tensor.strides() &&
          stand.storage_offset() == tensor.storage_offset()) {
        return stand;
      }
      tensors.erase(found);  // an operator has changed its layout in place
    }
    if (tensor.layout() != c10::kStrided || !tensor.has_storage() || tensor.is_quantized() || tensor._is_zerotensor()) {
      throw Fault(CTORCH_ERROR_UNSUPPORTED, "a graph has tensors with strides only");
    }
    auto stand = at::detail::make_tensor<at::TensorImpl>(c10::Storage(stand_for(tensor.storage())), tensor.key_set(),
                                                         tensor.dtype());
    stand.unsafeGetTensorImpl()->set_storage_offset(tensor.storage_offset());
    stand.unsafeGetTensorImpl()->set_sizes_and_strides(tensor.sizes(), tensor.strides());
    tensors.insert(
        {tensor.unsafeGetTensorImpl(),
         {c10::weak_intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>(tensor.getIntrusivePtr()), stand}});
    return stand;
  }
};

extern "C" {

ctorch_error* ctorch_trace_new(ctorch_trace** trace) {
  return ctorch::guard([&] { *trace = new ctorch_trace; });
}

void ctorch_trace_free(ctorch_trace* trace) { delete trace; }

ctorch_error* ctorch_trace_stand(ctorch_trace* trace, uint64_t handle, uint64_t* stand) {
  return ctorch::guard([&] { *stand = ctorch::release(trace->stand_for(ctorch::borrow(handle))); });
}
}
