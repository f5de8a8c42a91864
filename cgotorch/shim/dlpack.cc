// DLPack: memory of tensors that other libraries share.
#include <ATen/DLConvertor.h>

#include "shim.h"

using ctorch::Fault;

extern "C" {

ctorch_error* ctorch_dlpack_to(uint64_t handle, void** managed) {
  return ctorch::guard([&] { *managed = at::toDLPack(ctorch::borrow(handle)); });
}

ctorch_status ctorch_dlpack_from(void* managed, uint64_t* words) {
  return ctorch::guard_status([&](ctorch_status& status) {
    auto* source = static_cast<DLManagedTensor*>(managed);
    const DLTensor& tensor = source->dl_tensor;
    if (tensor.ndim < 0 || (tensor.ndim > 0 && tensor.shape == nullptr)) {
      throw Fault(CTORCH_ERROR_VALUE,
                  "the DLManagedTensor has " + std::to_string(tensor.ndim) + " dimensions and no sizes for them");
    }
    for (int32_t i = 0; i < tensor.ndim; ++i) {
      if (tensor.shape[i] < 0) {
        throw Fault(CTORCH_ERROR_VALUE, "the DLManagedTensor has the size " + std::to_string(tensor.shape[i]) +
                                            " in dimension " + std::to_string(i));
      }
    }
    if (tensor.dtype.lanes != 1) {
      throw Fault(CTORCH_ERROR_RUNTIME, "ATen does not support lanes != 1");
    }
    words[0] = CTORCH_TENSOR;
    words[1] = ctorch::release(at::fromDLPack(source));
    status.count = 2;
  });
}

void ctorch_dlpack_free(void* managed) {
  auto* source = static_cast<DLManagedTensor*>(managed);
  if (source->deleter != nullptr) source->deleter(source);
}
}
