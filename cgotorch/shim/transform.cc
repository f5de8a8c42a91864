// The transforms of torch.func: layers on the calling thread that libtorch keeps,
// and the tensors that stand for others within a layer.
#include <ATen/ATen.h>

#include "callback.h"

#if TORCH_VERSION_MAJOR >= 2
#include <ATen/core/grad_mode.h>
#include <ATen/functorch/BatchedTensorImpl.h>
#include <ATen/functorch/DynamicLayer.h>
#include <ATen/functorch/TensorWrapper.h>
#include <c10/core/AutogradState.h>
namespace functorch = at::functorch;
#endif

using ctorch::Fault;
using ctorch::Reader;

namespace {

#if TORCH_VERSION_MAJOR < 2

[[noreturn]] void unsupported() {
  throw Fault(CTORCH_ERROR_UNSUPPORTED,
              std::string("libtorch ") + ctorch_version() + " has no transforms of functions; 2.0 brought them");
}

#else

int64_t enter(int32_t kind, int64_t batch, int32_t randomness) {
  switch (kind) {
    case CTORCH_TRANSFORM_VMAP: {
      static const functorch::RandomnessType types[] = {
          functorch::RandomnessType::Error, functorch::RandomnessType::Same, functorch::RandomnessType::Different};
      return functorch::initAndPushDynamicLayer(functorch::TransformType::Vmap, c10::SymInt(batch), types[randomness]);
    }
    case CTORCH_TRANSFORM_GRAD:
      return functorch::initAndPushDynamicLayer(functorch::TransformType::Grad, c10::nullopt, c10::nullopt,
                                                at::GradMode::is_enabled());
    default:
      return functorch::initAndPushDynamicLayer(functorch::TransformType::Jvp, c10::nullopt, c10::nullopt, c10::nullopt,
                                                c10::AutogradState::get_tls_state().get_fw_grad_mode());
  }
}

at::Tensor unbatch(const at::Tensor& tensor, int64_t level, int64_t size, int64_t dim) {
  auto* batched = functorch::maybeGetBatchedImpl(tensor);
  if (batched != nullptr && batched->level() == level) return batched->value().movedim(batched->bdim(), dim);
  auto sizes = tensor.sizes().vec();  // the same for all of the batch
  sizes.insert(sizes.begin() + dim, size);
  return tensor.unsqueeze(dim).expand(sizes);
}

at::Tensor wrap(const at::Tensor& tensor, int64_t level, bool requires_grad) {
  at::Tensor wrapped = functorch::makeTensorWrapper(tensor, level);
  if (requires_grad) {
    functorch::setInplaceRequiresGradAllowed(true);
    wrapped.requires_grad_();
    functorch::setInplaceRequiresGradAllowed(false);
  }
  return wrapped;
}

at::Tensor unwrap(const at::Tensor& tensor, int64_t level) {
  auto* wrapper = functorch::maybeGetTensorWrapper(tensor);
  return wrapper != nullptr && wrapper->level() == level ? wrapper->value() : tensor;
}

#endif

// Reads a level and a tensor, and gives what body makes of them.
template <class Body>
ctorch_status transformed(uint64_t* words, int32_t count, int32_t capacity, Body body) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::MayCallGo may;
    Reader reader{words, words + count};
    int64_t level = reader.take_int();
    at::Tensor tensor = ctorch::borrow(reader.payload()[0]);
    reader.skip();
    at::Tensor result = body(reader, level, tensor);
    ctorch::Writer writer(words, capacity);
    writer.put_tensor(std::move(result));
    writer.finish(status);
  });
}

}  // namespace

extern "C" {

ctorch_error* ctorch_transform_enter(int32_t kind, int64_t batch, int32_t randomness, int64_t* level) {
  return ctorch::guard([&] {
#if TORCH_VERSION_MAJOR < 2
    unsupported();
#else
    *level = enter(kind, batch, randomness);
#endif
  });
}

void ctorch_transform_leave(void) {
#if TORCH_VERSION_MAJOR >= 2
  ctorch_error_free(ctorch::guard([] { functorch::popDynamicLayerAndDeleteMetadata(); }));
#endif
}

#if TORCH_VERSION_MAJOR < 2
#define CTORCH_TRANSFORMED(expression) unsupported()
#else
#define CTORCH_TRANSFORMED(expression) return expression
#endif

ctorch_status ctorch_transform_batch(uint64_t* words, int32_t count, int32_t capacity) {
  return transformed(words, count, capacity, [](Reader& r, int64_t level, const at::Tensor& x) -> at::Tensor {
    int64_t dim = r.take_int();
    CTORCH_TRANSFORMED(functorch::addBatchDim(x, dim, level));
  });
}

ctorch_status ctorch_transform_unbatch(uint64_t* words, int32_t count, int32_t capacity) {
  return transformed(words, count, capacity, [](Reader& r, int64_t level, const at::Tensor& x) -> at::Tensor {
    int64_t size = r.take_int(), dim = r.take_int();
    CTORCH_TRANSFORMED(unbatch(x, level, size, dim));
  });
}

ctorch_status ctorch_transform_wrap(uint64_t* words, int32_t count, int32_t capacity) {
  return transformed(words, count, capacity, [](Reader& r, int64_t level, const at::Tensor& x) -> at::Tensor {
    bool requires_grad = r.take_bool();
    CTORCH_TRANSFORMED(wrap(x, level, requires_grad));
  });
}

ctorch_status ctorch_transform_unwrap(uint64_t* words, int32_t count, int32_t capacity) {
  return transformed(words, count, capacity, [](Reader&, int64_t level, const at::Tensor& x) -> at::Tensor {
    CTORCH_TRANSFORMED(unwrap(x, level));
  });
}
}
