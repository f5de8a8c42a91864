// Errors: libtorch's exception classes to ctorch_error, by value.
#include <cstdlib>
#include <cstring>
#include <new>

#include "callback.h"

namespace ctorch {

namespace {

// What make_error gives when there is no memory for an error.
ctorch_error out_of_memory = {CTORCH_ERROR_OUT_OF_MEMORY, nullptr, nullptr, 0};

char* duplicate(const char* text) {
  if (text == nullptr) return nullptr;
  size_t size = std::strlen(text) + 1;
  char* copy = static_cast<char*>(std::malloc(size));
  if (copy != nullptr) std::memcpy(copy, text, size);
  return copy;
}

// libtorch reports a failed CPU allocation as a plain c10::Error.
bool is_allocation_failure(const char* message) {
  return std::strstr(message, "can't allocate memory") != nullptr ||
         std::strstr(message, "not enough memory") != nullptr;
}

}  // namespace

ctorch_error* make_error(int32_t kind, const char* message, const char* arguments) noexcept {
  auto* error = static_cast<ctorch_error*>(std::malloc(sizeof(ctorch_error)));
  if (error == nullptr) return &out_of_memory;
  *error = {kind, duplicate(message), duplicate(arguments), 0};
  return error;
}

ctorch_error* current_error(const char* arguments) noexcept {
  auto make = [&](int32_t kind, const c10::Error& e) {
    return make_error(kind, e.what_without_backtrace(), arguments);
  };
  try {
    throw;
  } catch (const GoPanic& e) {
    ctorch_error* error = make_error(CTORCH_ERROR_RUNTIME, e.what(), arguments);
    if (error != &out_of_memory) error->panic = e.take();
    return error;
  } catch (const Fault& e) {
    return make_error(e.kind, e.what(), arguments);
  } catch (const c10::IndexError& e) {
    return make(CTORCH_ERROR_INDEX, e);
  } catch (const c10::ValueError& e) {
    return make(CTORCH_ERROR_VALUE, e);
  } catch (const c10::TypeError& e) {
    return make(CTORCH_ERROR_TYPE, e);
  } catch (const c10::NotImplementedError& e) {
    return make(CTORCH_ERROR_NOT_IMPLEMENTED, e);
  } catch (const c10::OutOfMemoryError& e) {
    return make(CTORCH_ERROR_OUT_OF_MEMORY, e);
  } catch (const c10::LinAlgError& e) {
    return make(CTORCH_ERROR_LINALG, e);
  } catch (const c10::Error& e) {
    bool memory = is_allocation_failure(e.what_without_backtrace());
    return make(memory ? CTORCH_ERROR_OUT_OF_MEMORY : CTORCH_ERROR_RUNTIME, e);
  } catch (const std::bad_alloc&) {
    return make_error(CTORCH_ERROR_OUT_OF_MEMORY, "out of memory", arguments);
  } catch (const std::exception& e) {
    return make_error(CTORCH_ERROR_RUNTIME, e.what(), arguments);
  } catch (...) {
    return make_error(CTORCH_ERROR_RUNTIME, "unknown C++ exception", arguments);
  }
}

char* copy_string(const std::string& text) {
  char* copy = duplicate(text.c_str());
  if (copy == nullptr) throw std::bad_alloc();
  return copy;
}

}  // namespace ctorch

extern "C" {

void ctorch_free(void* p) { std::free(p); }

void ctorch_error_free(ctorch_error* error) {
  if (error == nullptr || error == &ctorch::out_of_memory) return;
  std::free(error->message);
  std::free(error->arguments);
  std::free(error);
}
}
