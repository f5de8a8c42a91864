// Operators: one generic call through libtorch's dispatcher serves them all.
#include <ATen/ScalarOps.h>
#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "shim.h"

using c10::IValue;
using c10::TypeKind;
using ctorch::Fault;
using ctorch::Reader;

namespace {

// The libtorch whose schemas the Go side was written from.
constexpr const char* kSchemaVersion = "2.15.0";

// A parameter's type, as far as reading a value needs it.
struct Kind {
  TypeKind base;
  TypeKind element = TypeKind::AnyType;  // of a list
  bool optional = false;
  bool optional_element = false;
  int32_t broadcast = 0;  // int[2] takes one int for both
};

// A parameter of the operator in this libtorch.
struct Local {
  std::string name;
  Kind kind;
  bool has_default;
};

// A parameter in the caller's order.
struct Param {
  std::string name;
  int position;              // among the locals; -1 where this libtorch lacks it
  std::string default_text;  // of the caller's schema
};

// Calls an operator through its C++ signature rather than a stack.
class Direct {
 public:
  virtual ~Direct() = default;
  virtual bool call(Reader arguments, at::Tensor& result) const = 0;
};

}  // namespace

struct ctorch_op {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<Local> locals;
  std::vector<Param> params;
  std::vector<IValue> defaults;    // one a local; None where there is none
  std::unique_ptr<Direct> direct;  // of an operator with one of the commonest signatures
};

namespace {

Kind kind_of(const c10::Argument& argument) {
  Kind kind;
  c10::TypePtr type = argument.type();
  if (auto optional = type->cast<c10::OptionalType>()) {
    kind.optional = true;
    type = optional->getElementType();
  }
  kind.base = type->kind();
  if (auto list = type->cast<c10::ListType>()) {
    c10::TypePtr element = list->getElementType();
    if (auto optional = element->cast<c10::OptionalType>()) {
      kind.optional_element = true;
      element = optional->getElementType();
    }
    kind.element = element->kind();
    if (argument.N()) kind.broadcast = *argument.N();
  }
  return kind;
}

const char* tag_name(int tag) {
  static const char* const names[] = {"nothing", "None",   "bool",   "int",       "float",   "complex",
                                      "str",     "Device", "Tensor", "Generator", "Storage", "list"};
  return tag >= 0 && tag <= CTORCH_LIST ? names[tag] : "unknown";
}

const char* kind_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::NumberType:
      return "number";
    case TypeKind::IntType:
      return "int";
    case TypeKind::FloatType:
      return "float";
    case TypeKind::BoolType:
      return "bool";
    case TypeKind::StringType:
      return "str";
    case TypeKind::DeviceObjType:
      return "Device";
    case TypeKind::TensorType:
      return "Tensor";
    case TypeKind::GeneratorType:
      return "Generator";
    case TypeKind::StorageType:
      return "Storage";
    case TypeKind::ListType:
      return "list";
    default:
      return typeKindToString(kind);
  }
}

double to_double(uint64_t word) {
  double value;
  std::memcpy(&value, &word, sizeof value);
  return value;
}

[[noreturn]] void mismatch(TypeKind want, int got) {
  if (got == CTORCH_NONE)
    throw Fault(CTORCH_ERROR_TYPE, "is nil, but a " + std::string(kind_name(want)) + " is required");
  throw Fault(CTORCH_ERROR_TYPE, std::string("must be a ") + kind_name(want) + ", not a " + tag_name(got));
}

c10::Scalar read_number(const Reader& reader, TypeKind want) {
  const uint64_t* payload = reader.payload();
  switch (reader.tag()) {
    case CTORCH_BOOL:
      return c10::Scalar(payload[0] != 0);
    case CTORCH_INT:
      return c10::Scalar(static_cast<int64_t>(payload[0]));
    case CTORCH_FLOAT:
      return c10::Scalar(to_double(payload[0]));
    case CTORCH_COMPLEX:
      return c10::Scalar(c10::complex<double>(to_double(payload[0]), to_double(payload[1])));
    default:
      mismatch(want, reader.tag());
  }
}

// Reads one value that is not a list and steps over it.
IValue read_single(Reader& reader, TypeKind kind, bool optional) {
  const int tag = reader.tag();
  const uint64_t word = tag > CTORCH_NONE ? reader.payload()[0] : 0;
  IValue value;
  if (tag == CTORCH_NONE && optional) {
    reader.skip();
    return value;
  }
  switch (kind) {
    case TypeKind::TensorType:
      if (tag == CTORCH_TENSOR) {
        value = ctorch::borrow(word);
      } else if (tag == CTORCH_NONE) {
        mismatch(kind, tag);
      } else {  // Python lets a number stand for a tensor, at a lower type priority
        value = at::native::wrapped_scalar_tensor(read_number(reader, kind));
      }
      break;
    case TypeKind::NumberType:
      value = read_number(reader, kind);
      break;
    case TypeKind::IntType:
      if (tag != CTORCH_INT) mismatch(kind, tag);
      value = static_cast<int64_t>(word);
      break;
    case TypeKind::FloatType:
      if (tag == CTORCH_INT) {
        value = static_cast<double>(static_cast<int64_t>(word));
      } else if (tag == CTORCH_FLOAT) {
        value = to_double(word);
      } else {
        mismatch(kind, tag);
      }
      break;
    case TypeKind::BoolType:
      if (tag != CTORCH_BOOL) mismatch(kind, tag);
      value = word != 0;
      break;
    case TypeKind::StringType:
      if (tag != CTORCH_STRING) mismatch(kind, tag);
      value = std::string(reinterpret_cast<const char*>(reader.payload()), reader.count());
      break;
    case TypeKind::DeviceObjType:
      if (tag != CTORCH_DEVICE) mismatch(kind, tag);
      value = ctorch::unpack_device(word);
      break;
    case TypeKind::GeneratorType:
      if (tag != CTORCH_GENERATOR) mismatch(kind, tag);
      value = ctorch::borrow_generator(word);
      break;
    case TypeKind::StorageType:
      if (tag != CTORCH_STORAGE || word == 0) mismatch(kind, tag);
      value =
          c10::Storage(c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(reinterpret_cast<c10::StorageImpl*>(word)));
      break;
    default:
      throw Fault(CTORCH_ERROR_TYPE, std::string("has type ") + typeKindToString(kind) + ", which Go cannot pass");
  }
  reader.skip();
  return value;
}

template <class T, class Convert>
IValue read_list(Reader& reader, const Kind& kind, Convert convert) {
  c10::List<T> list;
  if (reader.tag() != CTORCH_LIST) {
    if (kind.broadcast == 0 || reader.tag() == CTORCH_NONE) mismatch(TypeKind::ListType, reader.tag());
    IValue value = read_single(reader, kind.element, false);
    for (int32_t i = 0; i < kind.broadcast; ++i) list.push_back(convert(value));
    return list;
  }
  uint64_t n = reader.count();
  ++reader.at;
  list.reserve(n);
  while (n-- > 0) list.push_back(convert(read_single(reader, kind.element, kind.optional_element)));
  return list;
}

IValue read_value(Reader& reader, const Kind& kind) {
  if (kind.base != TypeKind::ListType) return read_single(reader, kind.base, kind.optional);
  if (kind.optional && reader.tag() == CTORCH_NONE) {
    reader.skip();
    return IValue();
  }
  switch (kind.element) {
    case TypeKind::TensorType:
      if (kind.optional_element) {
        return read_list<ctorch::optional<at::Tensor>>(
            reader, kind, [](const IValue& v) { return v.isNone() ? ctorch::optional<at::Tensor>() : v.toTensor(); });
      }
      return read_list<at::Tensor>(reader, kind, [](const IValue& v) { return v.toTensor(); });
    case TypeKind::IntType:
      return read_list<int64_t>(reader, kind, [](const IValue& v) { return v.toInt(); });
    case TypeKind::FloatType:
      return read_list<double>(reader, kind, [](const IValue& v) { return v.toDouble(); });
    case TypeKind::BoolType:
      return read_list<bool>(reader, kind, [](const IValue& v) { return v.toBool(); });
    case TypeKind::StringType:
      return read_list<std::string>(reader, kind, [](const IValue& v) { return v.toStringRef(); });
    case TypeKind::NumberType:
      return read_list<c10::Scalar>(reader, kind, [](const IValue& v) { return v.toScalar(); });
    case TypeKind::DeviceObjType:
      return read_list<c10::Device>(reader, kind, [](const IValue& v) { return v.toDevice(); });
    default:
      throw Fault(CTORCH_ERROR_TYPE,
                  std::string("is a list of ") + typeKindToString(kind.element) + ", which Go cannot pass");
  }
}

void print_value(std::ostream& out, Reader& reader) {
  uint64_t n = reader.count();
  const uint64_t* payload = reader.payload();
  switch (reader.tag()) {
    case CTORCH_BOOL:
      out << (payload[0] ? "True" : "False");
      break;
    case CTORCH_INT:
      out << static_cast<int64_t>(payload[0]);
      break;
    case CTORCH_FLOAT:
      out << to_double(payload[0]);
      break;
    case CTORCH_COMPLEX:
      out << '(' << to_double(payload[0]) << (to_double(payload[1]) < 0 ? "" : "+") << to_double(payload[1]) << "j)";
      break;
    case CTORCH_STRING:
      out << '\'' << std::string(reinterpret_cast<const char*>(payload), n) << '\'';
      break;
    case CTORCH_DEVICE:
      out << ctorch::unpack_device(payload[0]);
      break;
    case CTORCH_TENSOR:
      if (payload[0] == 0) {
        out << "closed tensor";
      } else {
        at::Tensor tensor = ctorch::borrow(payload[0]);
        out << "Tensor" << tensor.sizes() << ' ' << tensor.scalar_type() << ' ' << tensor.device();
      }
      break;
    case CTORCH_LIST:
      out << '[';
      ++reader.at;
      for (uint64_t i = 0; i < n; ++i) {
        if (i > 0) out << ", ";
        print_value(out, reader);
      }
      out << ']';
      return;
    default:
      out << tag_name(reader.tag());
  }
  reader.skip();
}

// Describes the arguments of a failed call: "self Tensor[2, 3] Float cpu, dim 5".
std::string describe(const ctorch_op& op, Reader reader) {
  std::ostringstream out;
  for (size_t i = 0; i < op.params.size() && !reader.done(); ++i) {
    if (reader.tag() == CTORCH_DEFAULT) {
      reader.skip();
      continue;
    }
    if (out.tellp() > 0) out << ", ";
    out << op.params[i].name << ' ';
    print_value(out, reader);
  }
  return out.str();
}

// Whether the value is the one that text, a default in a schema, stands for.
bool is_default(Reader reader, const std::string& text) {
  switch (reader.tag()) {
    case CTORCH_DEFAULT:
      return true;
    case CTORCH_NONE:
      return text == "None";
    case CTORCH_INT:
    case CTORCH_FLOAT: {
      char* end = nullptr;
      double value = std::strtod(text.c_str(), &end);
      if (end == text.c_str() || *end != 0) return false;
      uint64_t word = reader.payload()[0];
      return value == (reader.tag() == CTORCH_INT ? static_cast<double>(static_cast<int64_t>(word)) : to_double(word));
    }
    default: {
      std::ostringstream out;
      print_value(out, reader);
      return out.str() == text;
    }
  }
}

std::string lacks(const std::string& what) {
  std::string text = what + " is not in libtorch " + ctorch_version();
  if (std::string(kSchemaVersion) != ctorch_version()) text += std::string("; it is in libtorch ") + kSchemaVersion;
  return text;
}

// Reads words onto a stack in the order of this libtorch's schema.
void read_arguments(const ctorch_op& op, Reader reader, std::vector<IValue>& stack) {
  stack.assign(op.defaults.begin(), op.defaults.end());
  size_t i = 0;
  for (; i < op.params.size(); ++i) {
    const Param& param = op.params[i];
    try {
      if (param.position < 0) {
        if (reader.done()) continue;
        if (!is_default(reader, param.default_text)) {
          throw Fault(CTORCH_ERROR_UNSUPPORTED, lacks("of " + op.name));
        }
        reader.skip();
        continue;
      }
      const Local& local = op.locals[param.position];
      if (reader.done() || reader.tag() == CTORCH_DEFAULT) {
        if (!local.has_default) throw Fault(CTORCH_ERROR_TYPE, "is missing");
        if (!reader.done()) reader.skip();
        continue;
      }
      stack[param.position] = read_value(reader, local.kind);
    } catch (const Fault& fault) {
      std::string message = fault.kind == CTORCH_ERROR_CLOSED ? "is closed" : fault.message;
      throw Fault(fault.kind, "argument '" + param.name + "' " + message);
    }
  }
  if (!reader.done()) throw Fault(CTORCH_ERROR_TYPE, "too many arguments");
}

// Splits "aten::add.Tensor(Tensor self, *, Scalar alpha=1) -> Tensor" into the
// operator's name and its parameters.
std::string parse_schema(const std::string& schema, std::vector<Param>& params) {
  size_t open = schema.find('(');
  if (open == std::string::npos) throw Fault(CTORCH_ERROR_VALUE, "not an operator schema: " + schema);
  auto add = [&](size_t from, size_t to) {
    std::string text = schema.substr(from, to - from);
    size_t equals = text.find('=');
    std::string head = text.substr(0, equals);
    size_t last = head.find_last_not_of(' ');
    if (last == std::string::npos || head[last] == '*') return;
    size_t space = head.find_last_of(' ', last);
    params.push_back({head.substr(space + 1, last - space), -1,
                      equals == std::string::npos ? std::string() : text.substr(equals + 1)});
  };
  int depth = 0;
  size_t from = open + 1;
  for (size_t i = open; i < schema.size(); ++i) {
    char c = schema[i];
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    if (depth == 0 || (depth == 1 && c == ',')) {
      add(from, i);
      from = i + 1;
    }
    if (depth == 0) return schema.substr(0, open);
  }
  throw Fault(CTORCH_ERROR_VALUE, "not an operator schema: " + schema);
}

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

// The direct call that fits the operator's signature, or NULL.
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

ctorch_op* find(const std::string& schema_text) {
  std::vector<Param> params;
  std::string name = parse_schema(schema_text, params);
  size_t dot = name.find('.');
  c10::OperatorName operator_name(name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1));
  auto handle = c10::Dispatcher::singleton().findSchema(operator_name);
  if (!handle) throw Fault(CTORCH_ERROR_UNSUPPORTED, lacks(name));

  auto op = std::unique_ptr<ctorch_op>(new ctorch_op{*handle, name, {}, std::move(params), {}, nullptr});
  const auto& arguments = handle->schema().arguments();
  for (const auto& argument : arguments) {
    bool has_default = argument.default_value().has_value();
    op->locals.push_back({argument.name(), kind_of(argument), has_default});
    op->defaults.push_back(has_default ? *argument.default_value() : IValue());
  }
  for (auto& param : op->params) {
    for (size_t i = 0; i < op->locals.size(); ++i) {
      if (op->locals[i].name == param.name) param.position = static_cast<int>(i);
    }
  }
  for (const auto& local : op->locals) {
    bool named =
        std::any_of(op->params.begin(), op->params.end(), [&](const Param& param) { return param.name == local.name; });
    if (!named && !local.has_default) {
      throw Fault(CTORCH_ERROR_UNSUPPORTED, name + " of libtorch " + ctorch_version() + " requires '" + local.name +
                                                "', which libtorch " + kSchemaVersion + " does not have");
    }
  }
  op->direct = find_direct(*op);
  return op.release();
}

// Calls op and leaves its results on the stack.
void call(const ctorch_op& op, std::vector<IValue>& stack, int32_t mode) {
  if (mode & CTORCH_MODE_NO_GRAD) {
    at::AutoGradMode no_grad(false);
    op.handle.callBoxed(&stack);
  } else {
    op.handle.callBoxed(&stack);
  }
}

// A stack for the length of a call. An operator may call back into Go and so
// into another operator, which then takes a stack of its own.
class Stack {
 public:
  Stack() : values(std::move(spare())) {}
  ~Stack() {
    values.clear();
    spare() = std::move(values);
  }
  std::vector<IValue> values;

 private:
  static std::vector<IValue>& spare() {
    static thread_local std::vector<IValue> stack;
    return stack;
  }
};

// Gives a tensor to the caller.
void give(at::Tensor tensor, uint64_t* words, ctorch_status& status) {
  words[0] = tensor.defined() ? CTORCH_TENSOR : CTORCH_NONE;
  words[1] = tensor.defined() ? ctorch::release(std::move(tensor)) : 0;
  status.count = words[1] != 0 ? 2 : 1;
}

// Gives the results on the stack to the caller.
void give(std::vector<IValue>& stack, uint64_t* words, int32_t capacity, ctorch_status& status) {
  if (stack.size() == 1 && stack[0].isTensor()) {
    give(std::move(stack[0]).toTensor(), words, status);
    return;
  }
  ctorch::Writer writer(words, capacity);
  for (const auto& value : stack) writer.put(value);
  writer.finish(status);
}

}  // namespace

extern "C" {

ctorch_error* ctorch_op_find(const char* schema, ctorch_op** op) {
  return ctorch::guard([&] { *op = find(schema); });
}

ctorch_status ctorch_op_call(ctorch_op* op, uint64_t* words, int32_t count, int32_t capacity, int32_t mode) {
  ctorch_status status = {};
  const Reader arguments{words, words + count};
  bool called = false;
  try {
    at::Tensor result;
    if (op->direct != nullptr && mode == 0 && op->direct->call(arguments, result)) {
      called = true;
      give(std::move(result), words, status);
    } else {
      Stack stack;
      read_arguments(*op, arguments, stack.values);
      call(*op, stack.values, mode);
      called = true;
      if (!(mode & CTORCH_MODE_DISCARD)) give(stack.values, words, capacity, status);
    }
  } catch (...) {
    std::string text;
    try {
      if (!called) text = describe(*op, arguments);
    } catch (...) {  // an error without its arguments is better than none
    }
    status.error = ctorch::current_error(text.empty() ? nullptr : text.c_str());
  }
  status.scope = ctorch::current_scope();
  status.pressure = ctorch::under_pressure();
  return status;
}

ctorch_error* ctorch_op_schemas(char** text) {
  return ctorch::guard([&] {
    std::vector<std::string> lines;
    for (const auto& name : c10::Dispatcher::singleton().getAllOpNames()) {
      auto handle = c10::Dispatcher::singleton().findSchema(name);
      if (!handle) continue;
      std::ostringstream out;
      out << handle->schema();
      lines.push_back(out.str());
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (const auto& line : lines) all += line + '\n';
    *text = ctorch::copy_string(all);
  });
}
}
