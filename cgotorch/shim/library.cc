// The library itself: what it is, how it starts, and libraries of more operators.
#include <dlfcn.h>

#include "shim.h"

extern "C" {

const char* ctorch_id(void) { return CTORCH_SHIM_ID; }

// The headers of a distribution may name another patch than the library does.
const char* ctorch_version(void) {
#define CTORCH_TEXT(x) #x
#define CTORCH_DOTTED(a, b, c) CTORCH_TEXT(a) "." CTORCH_TEXT(b) "." CTORCH_TEXT(c)
  static const std::string version = ctorch::config("TORCH_VERSION=", ", ");
  static const char* const of_headers = CTORCH_DOTTED(TORCH_VERSION_MAJOR, TORCH_VERSION_MINOR, TORCH_VERSION_PATCH);
  return version.empty() ? of_headers : version.c_str();
}

ctorch_error* ctorch_init(void) {
  return ctorch::guard([] {
    ctorch::count_memory();
    ctorch::collect_warnings();
    ctorch::use_own_engine();
  });
}

ctorch_error* ctorch_library_load(const char* path, bool lazy) {
  return ctorch::guard([&] {
    const int when = lazy ? RTLD_LAZY : RTLD_NOW;
    if (dlopen(path, when | RTLD_LOCAL) == nullptr) throw ctorch::Fault(CTORCH_ERROR_RUNTIME, dlerror());
  });
}
}
