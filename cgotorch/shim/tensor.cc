// Tensors: references, data in and out, and what a tensor says of itself.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <cstring>

#include "shim.h"

using ctorch::Fault;

// From this size on several threads copy faster than one.
static constexpr int64_t kParallelCopy = 1 << 20;

// The dtype of a number, which an older libtorch may not have.
static at::ScalarType scalar_type(int32_t number) {
  if (number < 0 || number >= static_cast<int32_t>(at::ScalarType::Undefined)) {
    throw Fault(CTORCH_ERROR_UNSUPPORTED,
                "libtorch " + std::string(ctorch_version()) + " lacks the dtype: number " + std::to_string(number));
  }
  return static_cast<at::ScalarType>(number);
}

extern "C" {

// What is freed was made long ago as a rule and has left the caches: so the next
// tensors are fetched while one is taken apart.
void ctorch_tensor_free(const uint64_t* handles, int64_t count) {
  constexpr int64_t kTensor = 8, kStorage = 4;  // how far ahead
  for (int64_t i = 0; i < count; ++i) {
    if (i + kTensor < count) {
      const auto* line = reinterpret_cast<const char*>(handles[i + kTensor]);
      __builtin_prefetch(line, 1);
      __builtin_prefetch(line + 64, 1);
      __builtin_prefetch(line + 128, 1);
    }
    if (i + kStorage < count) {
      const auto* ahead = reinterpret_cast<const at::TensorImpl*>(handles[i + kStorage]);
      __builtin_prefetch(ahead->unsafe_storage().unsafeGetStorageImpl(), 1);
    }
    c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(reinterpret_cast<at::TensorImpl*>(handles[i]));
  }
}

ctorch_status ctorch_tensor_from_data(const void* data, int64_t bytes, const int64_t* sizes, int32_t dim, int32_t dtype,
                                      uint64_t* words) {
  return ctorch::guard_status([&](ctorch_status& status) {
    at::Tensor tensor = at::detail::empty_cpu(c10::IntArrayRef(sizes, dim), scalar_type(dtype), c10::nullopt,
                                              c10::nullopt, c10::nullopt, c10::nullopt);
    if (static_cast<int64_t>(tensor.nbytes()) != bytes) {
      throw Fault(CTORCH_ERROR_VALUE, "the data has " + std::to_string(bytes) + " bytes, but the shape takes " +
                                          std::to_string(tensor.nbytes()));
    }
    if (bytes >= kParallelCopy) {
      at::AutoGradMode no_grad(false);
      tensor.copy_(at::from_blob(const_cast<void*>(data), tensor.sizes(), tensor.options()));
    } else if (bytes > 0) {
      std::memcpy(tensor.data_ptr(), data, bytes);
    }
    words[0] = CTORCH_TENSOR;
    words[1] = ctorch::release(std::move(tensor));
    status.count = 2;
  });
}

ctorch_error* ctorch_tensor_elements(uint64_t handle, int32_t dtype, uint64_t* elements, const void** data,
                                     int64_t* count) {
  return ctorch::guard([&] {
    at::AutoGradMode no_grad(false);
    at::Tensor tensor = ctorch::borrow(handle);
    const at::ScalarType type = scalar_type(dtype);
    if (tensor.layout() != c10::kStrided || tensor.is_quantized())
      tensor = tensor.is_quantized() ? tensor.dequantize() : tensor.to_dense();
    bool direct = tensor.device().is_cpu() && tensor.scalar_type() == type && tensor.is_contiguous() &&
                  !tensor.is_conj() && !tensor.is_neg();
    if (!direct) tensor = tensor.resolve_conj().resolve_neg().to(c10::kCPU, type).contiguous();
    // A byte of a file may be neither 0 nor 1, but a bool of Go may not.
    if (type == at::kBool) tensor = tensor.view(at::kByte).ne(0);
    *data = tensor.data_ptr();
    *count = tensor.numel();
    *elements = ctorch::release(std::move(tensor));
  });
}

void ctorch_copy(void* to, const void* from, int64_t bytes) {
  at::parallel_for(0, bytes, kParallelCopy, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin, end - begin);
  });
}

ctorch_error* ctorch_tensor_info(uint64_t handle, int64_t* info, int32_t capacity, int32_t* needed) {
  return ctorch::guard([&] {
    at::Tensor tensor = ctorch::borrow(handle);
    const int64_t dim = tensor.dim();
    const bool nested = tensor.is_nested();  // its sizes and strides differ from row to row
    const bool strided = tensor.layout() == c10::kStrided && !nested;
    *needed = CTORCH_INFO_HEAD + static_cast<int32_t>(2 * dim);
    info[CTORCH_INFO_DTYPE] = static_cast<int64_t>(tensor.scalar_type());
    info[CTORCH_INFO_DEVICE] = static_cast<int64_t>(ctorch::pack_device(tensor.device()));
    info[CTORCH_INFO_DIM] = dim;
    info[CTORCH_INFO_NUMEL] = tensor.numel();
    info[CTORCH_INFO_FLAGS] = (tensor.requires_grad() ? CTORCH_FLAG_REQUIRES_GRAD : 0) |
                              (tensor.is_leaf() ? CTORCH_FLAG_LEAF : 0) |
                              (strided && tensor.is_contiguous() ? CTORCH_FLAG_CONTIGUOUS : 0) |
                              (tensor.is_inference() ? CTORCH_FLAG_INFERENCE : 0);
    info[CTORCH_INFO_ITEM_SIZE] = static_cast<int64_t>(tensor.dtype().itemsize());
    info[CTORCH_INFO_OFFSET] = strided ? tensor.storage_offset() : 0;
    info[CTORCH_INFO_LAYOUT] = static_cast<int64_t>(tensor.layout());
    info[CTORCH_INFO_STORAGE_BYTES] = tensor.has_storage() ? static_cast<int64_t>(tensor.storage().nbytes()) : 0;
    if (*needed > capacity) return;
    for (int64_t i = 0; i < dim; ++i) {
      info[CTORCH_INFO_HEAD + i] = nested ? -1 : tensor.size(i);
      info[CTORCH_INFO_HEAD + dim + i] = strided ? tensor.stride(i) : 0;
    }
  });
}
}
