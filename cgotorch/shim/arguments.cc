// Arguments: from words to the values that an operator takes, and to text.
#include <ATen/ScalarOps.h>
#include <ATen/core/Generator.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "op.h"

using c10::IValue;
using c10::TypeKind;

namespace ctorch {

Kind kind_of(c10::TypePtr type, int32_t broadcast) {
  Kind kind;
  if (auto optional = type->cast<c10::OptionalType>()) {
    kind.optional = true;
    type = optional->getElementType();
  }
  kind.base = type->kind();
  if (kind.base == TypeKind::ClassType) kind.class_type = type;
  if (auto list = type->cast<c10::ListType>()) {
    kind.element_type = list->getElementType();
    kind.element = std::make_shared<Kind>(kind_of(kind.element_type));
    kind.broadcast = broadcast;
  }
  return kind;
}

void note_enumeration(c10::TypePtr type, Kind& kind) {
  if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
  kind.enumeration = type->kind();
  switch (kind.enumeration) {
    case TypeKind::ScalarTypeType:
      kind.enumerators = static_cast<uint64_t>(at::ScalarType::Undefined);
      break;
    case TypeKind::LayoutType:
      kind.enumerators = static_cast<uint64_t>(at::Layout::NumOptions);
      break;
    case TypeKind::MemoryFormatType:
      kind.enumerators = static_cast<uint64_t>(at::MemoryFormat::NumOptions);
      break;
    default:
      break;
  }
}

const char* tag_name(int tag) {
  static const char* const names[] = {
      "nothing",         "None",   "bool",      "int",     "float", "complex",        "str",
      "Device",          "Tensor", "Generator", "Storage", "list",  "int of 64 bits", "undefined Tensor",
      "value of a plan", "object", "dict",      "tuple"};
  return tag >= 0 && tag <= CTORCH_TUPLE ? names[tag] : "unknown";
}

namespace {

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
    case TypeKind::DictType:
      return "dict";
    case TypeKind::TupleType:
      return "tuple";
    case TypeKind::ComplexType:
      return "complex";
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

// A number above the signed integers, which older libtorchs lack.
template <class Value>
c10::Scalar unsigned_number(uint64_t number) {
  if constexpr (requires(Value value) { value.isUnsigned(); }) {
    return Value(number).toScalar();
  } else {
    throw Fault(CTORCH_ERROR_UNSUPPORTED, "is too large: " + lacks("an int of 64 bits"));
  }
}

}  // namespace

c10::Scalar read_number(const Reader& reader, TypeKind want) {
  const uint64_t* payload = reader.payload();
  switch (reader.tag()) {
    case CTORCH_BOOL:
      return c10::Scalar(payload[0] != 0);
    case CTORCH_INT:
      return c10::Scalar(static_cast<int64_t>(payload[0]));
    case CTORCH_UINT:
      return unsigned_number<IValue>(payload[0]);
    case CTORCH_FLOAT:
      return c10::Scalar(to_double(payload[0]));
    case CTORCH_COMPLEX:
      return c10::Scalar(c10::complex<double>(to_double(payload[0]), to_double(payload[1])));
    default:
      mismatch(want, reader.tag());
  }
}

namespace {

// Reads an object of a class.
IValue read_object(const Reader& reader, const c10::TypePtr& want) {
  if (reader.tag() != CTORCH_OBJECT) {
    const std::string name = want->annotation_str();
    if (reader.tag() == CTORCH_NONE)
      throw Fault(CTORCH_ERROR_TYPE, "is nil, but an object of " + name + " is required");
    throw Fault(CTORCH_ERROR_TYPE, "must be an object of " + name + ", not a " + tag_name(reader.tag()));
  }
  IValue object = borrow_object(reader.payload()[0]);
  if (!object.type()->isSubtypeOf(*want)) {
    throw Fault(CTORCH_ERROR_TYPE,
                "must be an object of " + want->annotation_str() + ", not one of " + class_name(object));
  }
  return object;
}

// Reads one value that is not a list and steps over it.
IValue read_single(Reader& reader, const Kind& want) {
  const TypeKind kind = want.base;
  const bool optional = want.optional;
  const int tag = reader.tag();
  const uint64_t word = tag > CTORCH_NONE && tag != CTORCH_UNDEFINED ? reader.payload()[0] : 0;
  IValue value;
  if (tag == CTORCH_NONE && optional) {
    reader.skip();
    return value;
  }
  switch (kind) {
    case TypeKind::TensorType:
      if (tag == CTORCH_TENSOR) {
        value = borrow(word);
      } else if (tag == CTORCH_UNDEFINED) {
        value = at::Tensor();
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
      if (want.enumerators > 0 && word >= want.enumerators) {
        throw Fault(CTORCH_ERROR_TYPE, "is no dtype, layout or memory format of libtorch " +
                                           std::string(ctorch_version()) + ": number " + std::to_string(word));
      }
      value = static_cast<int64_t>(word);
      break;
    case TypeKind::FloatType:
      if (tag == CTORCH_INT) {
        value = static_cast<double>(static_cast<int64_t>(word));
      } else if (tag == CTORCH_UINT) {
        value = static_cast<double>(word);
      } else if (tag == CTORCH_FLOAT) {
        value = to_double(word);
      } else {
        mismatch(kind, tag);
      }
      break;
    case TypeKind::ComplexType:
      value = read_number(reader, kind).toComplexDouble();
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
      value = unpack_device(word);
      break;
    case TypeKind::GeneratorType:
      if (tag != CTORCH_GENERATOR) mismatch(kind, tag);
      value = borrow_generator(word);
      break;
    case TypeKind::StorageType:
      if (tag == CTORCH_TENSOR) {  // that of a tensor
        value = borrow(word).storage();
        break;
      }
      if (tag != CTORCH_STORAGE || word == 0) mismatch(kind, tag);
      value =
          c10::Storage(c10::intrusive_ptr<c10::StorageImpl>::reclaim_copy(reinterpret_cast<c10::StorageImpl*>(word)));
      break;
    case TypeKind::ClassType:
      value = read_object(reader, want.class_type);
      break;
    case TypeKind::AnyType:
      return read_any(reader);
    default:
      throw Fault(CTORCH_ERROR_TYPE, std::string("has type ") + typeKindToString(kind) + ", which Go cannot pass");
  }
  reader.skip();
  return value;
}

}  // namespace

IValue read_value(Reader& reader, const Kind& kind) {
  if (kind.base != TypeKind::ListType) return read_single(reader, kind);
  if (kind.optional && reader.tag() == CTORCH_NONE) {
    reader.skip();
    return IValue();
  }
  c10::impl::GenericList list(kind.element_type);
  if (reader.tag() != CTORCH_LIST) {
    if (kind.broadcast == 0 || reader.tag() == CTORCH_NONE) mismatch(TypeKind::ListType, reader.tag());
    IValue value = read_value(reader, *kind.element);
    for (int32_t i = 0; i < kind.broadcast; ++i) list.push_back(value);
    return list;
  }
  uint64_t n = reader.count();
  ++reader.at;
  list.reserve(n);
  while (n-- > 0) list.push_back(read_value(reader, *kind.element));
  return list;
}

namespace {

void print_value(std::ostream& out, Reader& reader);

// Prints values that are in brackets; those of a dict are keys and values in turn.
void print_values(std::ostream& out, Reader& reader, const char* brackets) {
  constexpr uint64_t most = 100;
  const bool dict = reader.tag() == CTORCH_DICT;
  const uint64_t n = reader.count() * (dict ? 2 : 1);
  out << brackets[0];
  ++reader.at;
  for (uint64_t i = 0; i < n; ++i) {
    if (i > 0 && i <= most) out << (dict && i % 2 == 1 ? ": " : ", ");
    if (i < most) {
      print_value(out, reader);
    } else {
      if (i == most) out << "...";
      reader.skip();
    }
  }
  out << brackets[1];
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
    case CTORCH_UINT:
      out << payload[0];
      break;
    case CTORCH_FLOAT:
      out << to_double(payload[0]);
      break;
    case CTORCH_COMPLEX:
      out << '(' << to_double(payload[0]) << (to_double(payload[1]) < 0 ? "" : "+") << to_double(payload[1]) << "j)";
      break;
    case CTORCH_STRING: {
      constexpr uint64_t most = 100;
      out << '\'' << std::string(reinterpret_cast<const char*>(payload), std::min(n, most)) << (n > most ? "..." : "")
          << '\'';
      break;
    }
    case CTORCH_DEVICE:
      out << unpack_device(payload[0]);
      break;
    case CTORCH_TENSOR:
      if (payload[0] == 0) {
        out << "closed tensor";
      } else {
        at::Tensor tensor = borrow(payload[0]);
        out << "Tensor" << tensor.sizes() << ' ' << tensor.scalar_type() << ' ' << tensor.device();
      }
      break;
    case CTORCH_OBJECT:
      out << (payload[0] == 0 ? "closed object" : class_name(borrow_object(payload[0])));
      break;
    case CTORCH_LIST:
      return print_values(out, reader, "[]");
    case CTORCH_DICT:
      return print_values(out, reader, "{}");
    case CTORCH_TUPLE:
      return print_values(out, reader, "()");
    default:
      out << tag_name(reader.tag());
  }
  reader.skip();
}

// Writes the value of an argument: the name of a dtype, a layout or a memory format.
void print_argument(std::ostream& out, Reader& reader, const Kind& kind) {
  if (reader.tag() != CTORCH_INT || reader.payload()[0] >= kind.enumerators) {
    print_value(out, reader);
    return;
  }
  uint64_t word = reader.payload()[0];
  if (kind.enumeration == TypeKind::ScalarTypeType) {
    out << static_cast<at::ScalarType>(word);
  } else if (kind.enumeration == TypeKind::LayoutType) {
    out << static_cast<at::Layout>(word);
  } else {
    out << static_cast<at::MemoryFormat>(word);
  }
  reader.skip();
}

}  // namespace

std::string describe(const ctorch_op& op, Reader reader) {
  std::ostringstream out;
  for (size_t i = 0; i < op.params.size() && !reader.done(); ++i) {
    if (reader.tag() == CTORCH_DEFAULT) {
      reader.skip();
      continue;
    }
    if (out.tellp() > 0) out << ", ";
    out << op.params[i].name << ' ';
    int position = op.params[i].position;
    print_argument(out, reader, position < 0 ? Kind{} : op.locals[position].kind);
  }
  return out.str();
}

// Whether the value is the one that text, a default in a schema, stands for.
static bool is_default(Reader reader, const std::string& text) {
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
  if (std::string(CTORCH_SCHEMA_VERSION) != ctorch_version()) text += "; it is in libtorch " CTORCH_SCHEMA_VERSION;
  return text;
}

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
        // An optional argument without a default is None.
        if (!local.has_default && !local.kind.optional) throw Fault(CTORCH_ERROR_TYPE, "is missing");
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

}  // namespace ctorch
