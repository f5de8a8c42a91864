// Operators for the tests of torch.Op and torch.LoadLibrary.
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#ifdef ONLY_CUDA_HAS_IT
extern "C" void ONLY_CUDA_HAS_IT();
#endif

namespace {

// x³ with a gradient of its own.
struct Cube : torch::autograd::Function<Cube> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x) {
    context->save_for_backward({x});
    return x.pow(3);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    at::Tensor x = context->get_saved_variables()[0];
    return {grads[0].mul(x.pow(2)).mul(3)};
  }
};

at::Tensor cube(const at::Tensor& x) { return Cube::apply(x); }

at::Tensor positive(const at::Tensor& x) {
  TORCH_CHECK_VALUE(x.dim() == 1, "positive wants one dimension, not ", x.dim());
  return x.abs();
}

at::Tensor twice(const at::Tensor& x) { return x.mul(2); }

#ifdef ONLY_CUDA_HAS_IT
at::Tensor twice_cuda(const at::Tensor& x) {
  ONLY_CUDA_HAS_IT();
  return x.mul(2);
}
#endif

// Passes what Go has no value for.
at::Tensor future(const at::Tensor& x) {
  static const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("gotorch_test::echo", "anything");
  auto later = c10::make_intrusive<c10::ivalue::Future>(c10::TensorType::get());
  later->markCompleted(x);
  std::vector<c10::IValue> stack = {later};
  op.callBoxed(&stack);
  return stack[0].toFuture()->value().toTensor();
}

// Gives its arguments back.
void echo(const c10::OperatorHandle&, std::vector<c10::IValue>*) {}

}  // namespace

TORCH_LIBRARY(gotorch_test, m) {
  m.def("cube(Tensor x) -> Tensor", cube);
  m.def("positive(Tensor x) -> Tensor", positive);
  m.def("twice(Tensor x) -> Tensor");
  // Not of the kind that libtorch takes apart above a dispatch mode.
  auto echoes = [&](const char* schema) {
    m.def(schema, torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, torch::CppFunction::makeFromBoxedFunction<&echo>()));
  };
  echoes("echo.tensors(Tensor a, Tensor? b, Tensor[] c, Tensor?[] d, Tensor[][] e) -> (Tensor, Tensor?, Tensor[], Tensor?[], Tensor[][])");
  echoes("echo.numbers(int a, int? b, float c, float? d, complex e, Scalar f, Scalar? g, bool h) -> (int, int?, float, float?, complex, Scalar, Scalar?, bool)");
  echoes("echo.lists(int[] a, int[2] b, int[]? c, int?[] d, float[] e, bool[] f, complex[] g, Scalar[] h, Scalar?[] i) -> (int[], int[], int[]?, int?[], float[], bool[], complex[], Scalar[], Scalar?[])");
  echoes("echo.words(str a, str? b, str[] c, str[][] d, *, str e=\", (\\\"\", str f=\"x=y\") -> (str, str?, str[], str[][], str, str)");
  echoes("echo.kinds(ScalarType a, ScalarType? b, Layout c, MemoryFormat d, Device e, Device[] f, Device? g=None) -> (ScalarType, ScalarType?, Layout, MemoryFormat, Device, Device[], Device?)");
  echoes("echo.random(Generator a) -> Generator");
  echoes("echo.memory(Storage a) -> Storage");
  echoes("echo.anything(Any a) -> Any");
  m.def("future(Tensor x) -> Tensor", future);
}

TORCH_LIBRARY_IMPL(gotorch_test, CPU, m) { m.impl("twice", twice); }

#ifdef ONLY_CUDA_HAS_IT
TORCH_LIBRARY_IMPL(gotorch_test, CUDA, m) { m.impl("twice", twice_cuda); }
#endif
