// What the parts of c10d share: methods that Go calls by name, and their arguments.
#pragma once

#include "method.h"

// What the headers of c10d declare differs from version to version.
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 15)
#define CTORCH_C10D 1
#endif

#ifdef CTORCH_C10D

#define USE_C10D_GLOO
#define USE_DISTRIBUTED
#include <chrono>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>

namespace ctorch::c10d_methods {

extern const std::vector<Method> of_stores, of_groups, of_reducers;

// A store as an object: libtorch has no class of it.
struct StoreObject final : torch::CustomClassHolder {
  explicit StoreObject(c10::intrusive_ptr<c10d::Store> store) : store(std::move(store)) {}
  c10::intrusive_ptr<c10d::Store> store;
};

inline const c10::intrusive_ptr<c10d::Store> take_store(Reader& reader) {
  return take_object<StoreObject>(reader)->store;
}

inline std::chrono::milliseconds take_duration(Reader& reader) { return std::chrono::milliseconds(reader.take_int()); }

inline std::vector<std::string> take_strings(Reader& reader) {
  return take_list(reader, [](Reader& r) { return r.take_string(); });
}

}  // namespace ctorch::c10d_methods

#endif
