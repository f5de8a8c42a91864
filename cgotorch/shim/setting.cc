// Settings of the process.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/DefaultDtype.h>

#include <array>

#include "shim.h"

using ctorch::Fault;

// In the order of CTORCH_SETTING_PRECISION's values.
static const std::array<const char*, 3> kPrecisions = {"highest", "high", "medium"};

extern "C" {

ctorch_error* ctorch_setting_set(int32_t setting, int64_t value) {
  return ctorch::guard([&] {
    at::Context& context = at::globalContext();
    switch (setting) {
      case CTORCH_SETTING_DTYPE:
        c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<at::ScalarType>(value)));
        return;
      case CTORCH_SETTING_DETERMINISTIC:
        context.setDeterministicAlgorithms(value != 0, value == 1);
        return;
      case CTORCH_SETTING_PRECISION:
        context.setFloat32MatmulPrecision(kPrecisions.at(value));
        return;
      case CTORCH_SETTING_FLUSH_DENORMAL:
        if (!at::Context::setFlushDenormal(value != 0)) {
          throw Fault(CTORCH_ERROR_UNSUPPORTED, "this processor cannot flush denormal numbers");
        }
        return;
      case CTORCH_SETTING_INTEROP_THREADS:
        at::set_num_interop_threads(static_cast<int>(value));
        return;
      case CTORCH_SETTING_WARN_ALWAYS:
        ctorch::warnings::set_warnAlways(value != 0);
        return;
    }
    throw Fault(CTORCH_ERROR_VALUE, "no setting " + std::to_string(setting));
  });
}

int64_t ctorch_setting_get(int32_t setting) {
  const at::Context& context = at::globalContext();
  switch (setting) {
    case CTORCH_SETTING_DTYPE:
      return static_cast<int64_t>(c10::get_default_dtype_as_scalartype());
    case CTORCH_SETTING_DETERMINISTIC:
      return !context.deterministicAlgorithms() ? 0 : context.deterministicAlgorithmsWarnOnly() ? 1 : 2;
    case CTORCH_SETTING_PRECISION:
      return static_cast<int64_t>(context.float32MatmulPrecision());
    case CTORCH_SETTING_INTEROP_THREADS:
      return static_cast<int64_t>(at::get_num_interop_threads());
    case CTORCH_SETTING_WARN_ALWAYS:
      return ctorch::warnings::get_warnAlways() ? 1 : 0;
  }
  return -1;
}
}
