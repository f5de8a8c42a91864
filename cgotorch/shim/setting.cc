// Settings of the process.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/DefaultDtype.h>

#include <array>
#include <map>
#include <type_traits>

#if __has_include(<ATen/native/verbose_wrapper.h>)
#include <ATen/native/verbose_wrapper.h>
#define CTORCH_VERBOSE
#endif

#include "shim.h"

using ctorch::Fault;

namespace {

// How a setting is read and changed.
struct Entry {
  int64_t (*get)();
  void (*set)(int64_t value);
};

[[noreturn]] int64_t refuse(const char* what) {
  throw Fault(CTORCH_ERROR_UNSUPPORTED, std::string("libtorch ") + ctorch_version() + " has no setting " + what);
}

// Entries look for members of libtorch's context in templates, so that those that an older
// one lacks are an error at the call. GET is the getter of one and SET its setter, which
// takes what the getter gives.
#define CTORCH_GET(getter)                                                                                             \
  [] {                                                                                                                 \
    return [](auto& context) -> int64_t {                                                                              \
      if constexpr (requires { context.getter(); }) {                                                                  \
        return static_cast<int64_t>(context.getter());                                                                 \
      } else {                                                                                                         \
        return refuse(#getter);                                                                                        \
      }                                                                                                                \
    }(at::globalContext());                                                                                            \
  }
#define CTORCH_SET(getter, setter)                                                                                     \
  [](int64_t value) {                                                                                                  \
    [value](auto& context) {                                                                                           \
      if constexpr (requires { context.setter(context.getter()); }) {                                                  \
        context.setter(static_cast<std::decay_t<decltype(context.getter())>>(value));                                  \
      } else {                                                                                                         \
        refuse(#getter);                                                                                               \
      }                                                                                                                \
    }(at::globalContext());                                                                                            \
  }
#define CTORCH_MEMBER(getter, setter) {CTORCH_GET(getter), CTORCH_SET(getter, setter)}
// What cannot be set.
#define CTORCH_FACT(getter) {CTORCH_GET(getter), [](int64_t) { refuse("that can be changed as " #getter); }}

// Sums of products of float16 or bfloat16 matrices. Older libtorchs say only whether less
// exact ones are allowed.
#define CTORCH_GET_REDUCTION(getter)                                                                                   \
  [] {                                                                                                                 \
    return [](auto& context) -> int64_t {                                                                              \
      if constexpr (requires { context.getter(); }) {                                                                  \
        if constexpr (std::is_same_v<decltype(context.getter()), bool>) {                                              \
          return context.getter() ? 0 : 1;                                                                             \
        } else {                                                                                                       \
          return static_cast<int64_t>(context.getter());                                                               \
        }                                                                                                              \
      } else {                                                                                                         \
        return refuse(#getter);                                                                                        \
      }                                                                                                                \
    }(at::globalContext());                                                                                            \
  }
#define CTORCH_SET_REDUCTION(getter, setter)                                                                           \
  [](int64_t value) {                                                                                                  \
    [value](auto& context) {                                                                                           \
      if constexpr (requires { context.setter(true, true); }) {                                                        \
        context.setter(value == 0, value != 2);                                                                        \
      } else if constexpr (requires { context.setter(true); }) {                                                       \
        if (value == 2) refuse(#getter " without split-k");                                                            \
        context.setter(value == 0);                                                                                    \
      } else {                                                                                                         \
        refuse(#getter);                                                                                               \
      }                                                                                                                \
    }(at::globalContext());                                                                                            \
  }
#define CTORCH_REDUCTION(getter, setter) {CTORCH_GET_REDUCTION(getter), CTORCH_SET_REDUCTION(getter, setter)}

// In the order of CTORCH_SETTING_PRECISION's values.
const std::array<const char*, 3> kPrecisions = {"highest", "high", "medium"};

int64_t get_sdp_order() {
  return [](auto& context) -> int64_t {
    if constexpr (requires { context.sDPPriorityOrder(); }) {
      int64_t packed = 0;
      int shift = 0;
      for (auto backend : context.sDPPriorityOrder()) {
        packed |= static_cast<int64_t>(backend) << shift;
        shift += 4;
      }
      return packed;
    } else {
      return refuse("sDPPriorityOrder");
    }
  }(at::globalContext());
}

void set_sdp_order(int64_t packed) {
  [packed](auto& context) {
    if constexpr (requires { context.sDPPriorityOrder(); }) {
      std::vector<int64_t> order;
      for (size_t i = 0; i < context.sDPPriorityOrder().size(); ++i) order.push_back(packed >> (4 * i) & 15);
      context.setSDPPriorityOrder(order);
    } else {
      refuse("sDPPriorityOrder");
    }
  }(at::globalContext());
}

// Lets a library print its calls, or no more. set is 0 where it does not take the level.
void set_verbose(const char* library, int (*set)(int level), int64_t level) {
  if (set == nullptr) refuse("of what is printed");
  if (set(static_cast<int>(level)) == 0) {
    throw Fault(CTORCH_ERROR_RUNTIME, std::string("Failed to set ") + library +
                                          " into verbose mode. Please consider to disable this verbose scope.");
  }
}

#ifdef CTORCH_VERBOSE
constexpr auto set_mkl_verbose = torch::verbose::_mkl_set_verbose;
constexpr auto set_mkldnn_verbose = torch::verbose::_mkldnn_set_verbose;
#else
constexpr int (*set_mkl_verbose)(int) = nullptr;
constexpr int (*set_mkldnn_verbose)(int) = nullptr;
#endif

const std::map<int32_t, Entry>& entries() {
  static const auto* all = new std::map<int32_t, Entry>{
      {CTORCH_SETTING_DTYPE,
       {[] { return static_cast<int64_t>(c10::get_default_dtype_as_scalartype()); },
        [](int64_t value) { c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<at::ScalarType>(value))); }}},
      {CTORCH_SETTING_DETERMINISTIC,
       {[]() -> int64_t {
          const at::Context& context = at::globalContext();
          return !context.deterministicAlgorithms() ? 0 : context.deterministicAlgorithmsWarnOnly() ? 1 : 2;
        },
        [](int64_t value) { at::globalContext().setDeterministicAlgorithms(value != 0, value == 1); }}},
      {CTORCH_SETTING_PRECISION,
       {CTORCH_GET(float32MatmulPrecision),
        [](int64_t value) { at::globalContext().setFloat32MatmulPrecision(kPrecisions.at(value)); }}},
      {CTORCH_SETTING_FLUSH_DENORMAL,
       {[] { return refuse("that can be read of denormal numbers"); },
        [](int64_t value) {
          if (!at::Context::setFlushDenormal(value != 0)) {
            throw Fault(CTORCH_ERROR_UNSUPPORTED, "this processor cannot flush denormal numbers");
          }
        }}},
      {CTORCH_SETTING_INTEROP_THREADS,
       {[] { return static_cast<int64_t>(at::get_num_interop_threads()); },
        [](int64_t value) { at::set_num_interop_threads(static_cast<int>(value)); }}},
      {CTORCH_SETTING_WARN_ALWAYS,
       {[] { return static_cast<int64_t>(ctorch::warnings::get_warnAlways()); },
        [](int64_t value) { ctorch::warnings::set_warnAlways(value != 0); }}},
      {CTORCH_SETTING_FILL_UNINITIALIZED,
       CTORCH_MEMBER(deterministicFillUninitializedMemory, setDeterministicFillUninitializedMemory)},

      {CTORCH_SETTING_CUBLAS_TF32, CTORCH_MEMBER(allowTF32CuBLAS, setAllowTF32CuBLAS)},
      {CTORCH_SETTING_CUBLAS_FP16_REDUCTION, CTORCH_REDUCTION(allowFP16ReductionCuBLAS, setAllowFP16ReductionCuBLAS)},
      {CTORCH_SETTING_CUBLAS_BF16_REDUCTION, CTORCH_REDUCTION(allowBF16ReductionCuBLAS, setAllowBF16ReductionCuBLAS)},
      {CTORCH_SETTING_CUBLAS_FP16_ACCUMULATION,
       CTORCH_MEMBER(allowFP16AccumulationCuBLAS, setAllowFP16AccumulationCuBLAS)},
      {CTORCH_SETTING_BLAS_LIBRARY, CTORCH_MEMBER(blasPreferredBackend, setBlasPreferredBackend)},
      {CTORCH_SETTING_LINALG_LIBRARY, CTORCH_MEMBER(linalgPreferredBackend, setLinalgPreferredBackend)},

      {CTORCH_SETTING_CUDNN, CTORCH_MEMBER(userEnabledCuDNN, setUserEnabledCuDNN)},
      {CTORCH_SETTING_CUDNN_BENCHMARK, CTORCH_MEMBER(benchmarkCuDNN, setBenchmarkCuDNN)},
      {CTORCH_SETTING_CUDNN_BENCHMARK_LIMIT, CTORCH_MEMBER(benchmarkLimitCuDNN, setBenchmarkLimitCuDNN)},
      {CTORCH_SETTING_CUDNN_DETERMINISTIC, CTORCH_MEMBER(deterministicCuDNN, setDeterministicCuDNN)},
      {CTORCH_SETTING_CUDNN_TF32, CTORCH_MEMBER(allowTF32CuDNN, setAllowTF32CuDNN)},

      {CTORCH_SETTING_MKLDNN, CTORCH_MEMBER(userEnabledMkldnn, setUserEnabledMkldnn)},
      {CTORCH_SETTING_MKLDNN_DETERMINISTIC, CTORCH_MEMBER(deterministicMkldnn, setDeterministicMkldnn)},
      {CTORCH_SETTING_MKLDNN_TF32, CTORCH_MEMBER(allowTF32OneDNN, setAllowTF32OneDNN)},
      {CTORCH_SETTING_NNPACK, CTORCH_MEMBER(userEnabledNNPACK, setUserEnabledNNPACK)},
      {CTORCH_SETTING_MKL_VERBOSE,
       {[] { return refuse("that can be read of what MKL prints"); },
        [](int64_t value) { set_verbose("MKL", set_mkl_verbose, value); }}},
      {CTORCH_SETTING_MKLDNN_VERBOSE,
       {[] { return refuse("that can be read of what MKLDNN prints"); },
        [](int64_t value) { set_verbose("MKLDNN", set_mkldnn_verbose, value); }}},

      {CTORCH_SETTING_SDP_MATH, CTORCH_MEMBER(userEnabledMathSDP, setSDPUseMath)},
      {CTORCH_SETTING_SDP_FLASH, CTORCH_MEMBER(userEnabledFlashSDP, setSDPUseFlash)},
      {CTORCH_SETTING_SDP_MEM_EFFICIENT, CTORCH_MEMBER(userEnabledMemEfficientSDP, setSDPUseMemEfficient)},
      {CTORCH_SETTING_SDP_CUDNN, CTORCH_MEMBER(userEnabledCuDNNSDP, setSDPUseCuDNN)},
      {CTORCH_SETTING_SDP_OVERRIDEABLE, CTORCH_MEMBER(userEnabledOverrideableSDP, setSDPUseOverrideable)},
      {CTORCH_SETTING_SDP_REDUCED_MATH, CTORCH_MEMBER(allowFP16BF16ReductionMathSDP, setAllowFP16BF16ReductionMathSDP)},
      {CTORCH_SETTING_SDP_ORDER, {get_sdp_order, set_sdp_order}},

      {CTORCH_SETTING_HAS_CUDNN, CTORCH_FACT(hasCuDNN)},
      {CTORCH_SETTING_CUDNN_VERSION, CTORCH_FACT(versionCuDNN)},
      {CTORCH_SETTING_HAS_MKL, CTORCH_FACT(hasMKL)},
      {CTORCH_SETTING_HAS_MKLDNN, CTORCH_FACT(hasMKLDNN)},
      {CTORCH_SETTING_HAS_OPENMP, CTORCH_FACT(hasOpenMP)},
      {CTORCH_SETTING_HAS_LAPACK, CTORCH_FACT(hasLAPACK)},
      {CTORCH_SETTING_HAS_MAGMA, CTORCH_FACT(hasMAGMA)},
  };
  return *all;
}

// How exactly float32 is computed with, of a backend and a kind of operator.

template <class Context, class Precision, class Backend, class Operator>
int64_t get_float32(Context& context, Precision (Context::*get)(Backend, Operator) const, int64_t which) {
  if constexpr (std::is_enum_v<Backend>) {
    return static_cast<int64_t>((context.*get)(static_cast<Backend>(which / 4), static_cast<Operator>(which % 4)));
  } else {
    return refuse("float32Precision");
  }
}

template <class Context, class Backend, class Operator, class Precision>
void set_float32(Context& context, void (Context::*set)(Backend, Operator, Precision), int64_t which, int64_t value) {
  if constexpr (std::is_enum_v<Backend>) {
    (context.*set)(static_cast<Backend>(which / 4), static_cast<Operator>(which % 4), static_cast<Precision>(value));
  } else {
    refuse("float32Precision");
  }
}

template <class Context>
int64_t float32(Context& context, int64_t which, const int64_t* value) {
  if constexpr (requires { &Context::setFloat32Precision; }) {
    if (value == nullptr) return get_float32(context, &Context::float32Precision, which);
    set_float32(context, &Context::setFloat32Precision, which, *value);
    return *value;
  } else {
    return refuse("float32Precision");
  }
}

// Reads a setting, or changes it if there is a value.
int64_t access(int32_t setting, const int64_t* value) {
  if (setting >= CTORCH_SETTING_FLOAT32 && setting < CTORCH_SETTING_FLOAT32_END) {
    return float32(at::globalContext(), setting - CTORCH_SETTING_FLOAT32, value);
  }
  const auto found = entries().find(setting);
  if (found == entries().end()) throw Fault(CTORCH_ERROR_VALUE, "no setting " + std::to_string(setting));
  if (value == nullptr) return found->second.get();
  found->second.set(*value);
  return *value;
}

}  // namespace

extern "C" {

ctorch_error* ctorch_setting_set(int32_t setting, int64_t value) {
  return ctorch::guard([&] { access(setting, &value); });
}

ctorch_error* ctorch_setting_get(int32_t setting, int64_t* value) {
  return ctorch::guard([&] { *value = access(setting, nullptr); });
}
}
