// Objects of classes that libraries register with libtorch, such as process groups.
#include "shim.h"

namespace ctorch {

std::string class_name(const c10::IValue& object) { return object.type()->annotation_str(); }

}  // namespace ctorch

extern "C" {

void ctorch_object_free(uint64_t handle) {
  c10::intrusive_ptr<c10::ivalue::Object>::reclaim(reinterpret_cast<c10::ivalue::Object*>(handle));
}

ctorch_error* ctorch_object_type(uint64_t handle, char** name) {
  return ctorch::guard([&] { *name = ctorch::copy_string(ctorch::class_name(ctorch::borrow_object(handle))); });
}
}
