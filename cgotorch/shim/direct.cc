// Direct calls: operators of the commonest signatures, without boxed arguments.
#include "op.h"

using c10::TypeKind;

namespace ctorch {

namespace {

// A tensor argument that is not counted: its owner lives until the call returns.
class Borrowed {
 public:
  explicit Borrowed(uint64_t handle)
      : tensor_(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
            reinterpret_cast<at::TensorImpl*>(handle))) {}
  ~Borrowed() { tensor_.unsafeReleaseTensorImpl(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  operator const at::Tensor&() const { return tensor_; }

 private:
  at::Tensor tensor_;
};

// Steps over an open tensor and gives its handle, or 0.
uint64_t take_open(Reader& arguments) {
  if (arguments.done() || arguments.tag() != CTORCH_TENSOR) return 0;
  uint64_t handle = arguments.payload()[0];
  arguments.at += 2;
  return handle;
}

bool is_number(const Reader& arguments) {
  return !arguments.done() && (arguments.tag() == CTORCH_INT || arguments.tag() == CTORCH_FLOAT);
}

// The commonest signatures. Each has a function that reads the arguments of its
// signature and calls the operator; false says that they are not of the simplest
// kind, and nothing has happened then.
struct Unary {
  using Signature = at::Tensor(const at::Tensor&);
  static bool call(const c10::TypedOperatorHandle<Signature>& op, Reader arguments, at::Tensor& result) {
    uint64_t x = take_open(arguments);
    if (x == 0 || !arguments.done()) return false;
    result = op.call(Borrowed(x));
    return true;
  }
};

struct Binary {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&);
  static bool call(const c10::TypedOperatorHandle<Signature>& op, Reader arguments, at::Tensor& result) {
    uint64_t x = take_open(arguments);
    uint64_t y = x == 0 ? 0 : take_open(arguments);
    if (y == 0 || !arguments.done()) return false;
    result = op.call(Borrowed(x), Borrowed(y));
    return true;
  }
};

struct WithNumber {
  using Signature = at::Tensor(const at::Tensor&, const at::Scalar&);
  static bool call(const c10::TypedOperatorHandle<Signature>& op, Reader arguments, at::Tensor& result) {
    uint64_t x = take_open(arguments);
    if (x == 0 || !is_number(arguments)) return false;
    at::Scalar number = read_number(arguments, TypeKind::NumberType);
    arguments.skip();
    if (!arguments.done()) return false;
    result = op.call(Borrowed(x), number);
    return true;
  }
};

// Of operators whose number is 1 where it is not given.
struct Scaled {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Scalar&);
  static bool call(const c10::TypedOperatorHandle<Signature>& op, Reader arguments, at::Tensor& result) {
    uint64_t x = take_open(arguments);
    uint64_t y = x == 0 ? 0 : take_open(arguments);
    if (y == 0) return false;
    at::Scalar scale = 1;
    if (is_number(arguments)) {
      scale = read_number(arguments, TypeKind::NumberType);
      arguments.skip();
    } else if (!arguments.done() && arguments.tag() == CTORCH_DEFAULT) {
      arguments.skip();
    }
    if (!arguments.done()) return false;
    result = op.call(Borrowed(x), Borrowed(y), scale);
    return true;
  }
};

template <class Form>
class DirectCall final : public Direct {
 public:
  // Throws where the operator has another signature, which schemas do not tell in
  // full.
  explicit DirectCall(const c10::OperatorHandle& op) : op_(op.typed<typename Form::Signature>()) {}
  bool call(Reader arguments, at::Tensor& result) const override { return Form::call(op_, arguments, result); }

 private:
  c10::TypedOperatorHandle<typename Form::Signature> op_;
};

}  // namespace

std::unique_ptr<Direct> find_direct(const ctorch_op& op) {
  const auto& returns = op.handle.schema().returns();
  if (returns.size() != 1 || returns[0].type()->kind() != TypeKind::TensorType) return nullptr;
  if (returns[0].alias_info() != nullptr && returns[0].alias_info()->isWrite()) return nullptr;
  if (op.params.size() != op.locals.size()) return nullptr;
  std::vector<TypeKind> kinds;
  for (size_t i = 0; i < op.locals.size(); ++i) {
    if (op.params[i].position != static_cast<int>(i) || op.locals[i].kind.optional) return nullptr;
    kinds.push_back(op.locals[i].kind.base);
  }
  const TypeKind tensor = TypeKind::TensorType, number = TypeKind::NumberType;
  const auto is = [&](std::vector<TypeKind> want) { return kinds == want; };
  try {
    if (is({tensor})) return std::make_unique<DirectCall<Unary>>(op.handle);
    if (is({tensor, tensor})) return std::make_unique<DirectCall<Binary>>(op.handle);
    if (is({tensor, number})) return std::make_unique<DirectCall<WithNumber>>(op.handle);
    if (is({tensor, tensor, number}) && op.defaults[2].isInt() && op.defaults[2].toInt() == 1) {
      return std::make_unique<DirectCall<Scaled>>(op.handle);
    }
  } catch (const c10::Error&) {
  }
  return nullptr;
}

}  // namespace ctorch
