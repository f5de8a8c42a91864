// Values of a type, however nested: what a program takes that was compiled elsewhere.
// Operators take lists at most, which arguments.cc reads.
#include "op.h"

using c10::IValue;
using c10::TypeKind;
using c10::TypePtr;

namespace ctorch {

namespace {

// A Fault, and where it is within the argument, such as "[2]['mask']".
struct Misfit : Fault {
  std::string place;
  Misfit(int32_t kind, std::string message) : Fault(kind, std::move(message)) {}
};

// The type of a value, without the sizes that libtorch knows of tensors.
TypePtr type_of(const IValue& value) {
  if (value.isTensor()) return c10::TensorType::get();
  return value.type();
}

// Reads values, and counts how deep they are.
class TypedReader {
 public:
  explicit TypedReader(Reader& reader) : reader_(reader) {}

  IValue read(const TypePtr& type) {
    switch (type->kind()) {
      case TypeKind::AnyType:
        return read_any();
      case TypeKind::OptionalType:
        if (reader_.tag() == CTORCH_NONE) return read_none();
        return read(type->expectRef<c10::OptionalType>().getElementType());
      case TypeKind::NoneType:
        if (reader_.tag() != CTORCH_NONE) {
          throw Misfit(CTORCH_ERROR_TYPE, std::string("must be nil, not a ") + tag_name(reader_.tag()));
        }
        return read_none();
      case TypeKind::UnionType:
        return read_union(type->expectRef<c10::UnionType>());
      case TypeKind::ListType:
        return read_list(type->expectRef<c10::ListType>().getElementType());
      case TypeKind::DictType: {
        const auto& dict = type->expectRef<c10::DictType>();
        return read_dict(dict.getKeyType(), dict.getValueType());
      }
      case TypeKind::TupleType:
        return read_tuple(type->expect<c10::TupleType>());
      default:
        return read_leaf(type);
    }
  }

 private:
  [[noreturn]] void misfit(const std::string& want) {
    throw Misfit(CTORCH_ERROR_TYPE, "must be a " + want + ", not a " + tag_name(reader_.tag()));
  }

  IValue read_none() {
    reader_.skip();
    return IValue();
  }

  // Reads what is no container.
  IValue read_leaf(const TypePtr& type) {
    const int tag = reader_.tag();
    if (type->kind() == TypeKind::TensorType) {  // for which no number stands here
      if (tag == CTORCH_NONE) throw Misfit(CTORCH_ERROR_TYPE, "is nil, but a Tensor is required");
      if (tag != CTORCH_TENSOR && tag != CTORCH_UNDEFINED) misfit("Tensor");
    }
    try {
      return read_value(reader_, kind_of(type));
    } catch (const Fault& fault) {
      throw Misfit(fault.kind, fault.message);
    }
  }

  // Reads what is in a container, and says of a misfit where that is.
  IValue read_in(const std::string& key, const TypePtr& type) {
    try {
      return read(type);
    } catch (Misfit& misfit) {
      misfit.place.insert(0, "[" + key + "]");
      throw;
    }
  }

  // Enters a container, and gives how many values are in it.
  uint64_t enter() {
    if (depth_ >= kMostDepth) {
      throw Misfit(CTORCH_ERROR_VALUE, "is nested more than " + std::to_string(kMostDepth) + " deep");
    }
    ++depth_;
    const uint64_t n = reader_.count();
    ++reader_.at;
    return n;
  }

  IValue read_list(const TypePtr& element) {
    if (reader_.tag() != CTORCH_LIST && reader_.tag() != CTORCH_TUPLE) misfit("list");
    const uint64_t n = enter();
    c10::impl::GenericList list(element);
    list.reserve(n);
    for (uint64_t i = 0; i < n; ++i) list.push_back(read_in(std::to_string(i), element));
    --depth_;
    return list;
  }

  // The key at hand, as an error shows it.
  std::string key_text() const {
    switch (reader_.tag()) {
      case CTORCH_STRING:
        return "'" + std::string(reinterpret_cast<const char*>(reader_.payload()), reader_.count()) + "'";
      case CTORCH_INT:
        return std::to_string(static_cast<int64_t>(reader_.payload()[0]));
      default:
        return tag_name(reader_.tag());
    }
  }

  IValue read_dict(const TypePtr& key, const TypePtr& value) {
    if (reader_.tag() != CTORCH_DICT) misfit("dict");
    const uint64_t n = enter();
    c10::impl::GenericDict dict(key, value);
    dict.reserve(n);
    for (uint64_t i = 0; i < n; ++i) {
      const std::string text = key_text();
      IValue k;
      try {
        k = read(key);
      } catch (Misfit& misfit) {
        misfit.message = "has a key that " + misfit.message;
        throw;
      }
      dict.insert_or_assign(std::move(k), read_in(text, value));
    }
    --depth_;
    return dict;
  }

  IValue read_tuple(const c10::TupleTypePtr& type) {
    if (reader_.tag() != CTORCH_LIST && reader_.tag() != CTORCH_TUPLE) misfit("tuple");
    const auto& types = type->elements();
    if (reader_.count() != types.size()) {
      throw Misfit(CTORCH_ERROR_TYPE, "has " + std::to_string(reader_.count()) + " elements, and " +
                                          std::to_string(types.size()) + " are required");
    }
    enter();
    std::vector<IValue> elements;
    elements.reserve(types.size());
    for (size_t i = 0; i < types.size(); ++i) elements.push_back(read_in(std::to_string(i), types[i]));
    --depth_;
    if (type->schema() != nullptr) return c10::ivalue::Tuple::createNamed(std::move(elements), type);
    return c10::ivalue::Tuple::create(std::move(elements));
  }

  // Reads a value of one of several types: of its own, or else of the first that it fits.
  IValue read_union(const c10::UnionType& type) {
    const Reader start = reader_;
    const TypePtr own = type_of(read_any());
    for (const auto& member : type.containedTypes()) {
      if (own->isSubtypeOf(*member)) {
        reader_ = start;
        return read(member);
      }
    }
    const int depth = depth_;
    for (const auto& member : type.containedTypes()) {
      reader_ = start;
      try {
        return read(member);
      } catch (const Misfit&) {
        depth_ = depth;
      }
    }
    reader_ = start;
    misfit(type.repr_str());
  }

  // Reads a value of whatever type. A list, or a dict, whose values have one type is one of
  // these, as Python has it; an empty one is what [] and {} are in TorchScript.
  IValue read_any() {
    switch (reader_.tag()) {
      case CTORCH_NONE:
        return read_none();
      case CTORCH_BOOL:
        return read_leaf(c10::BoolType::get());
      case CTORCH_INT:
        return read_leaf(c10::IntType::get());
      case CTORCH_FLOAT:
        return read_leaf(c10::FloatType::get());
      case CTORCH_COMPLEX:
        return read_leaf(c10::ComplexType::get());
      case CTORCH_STRING:
        return read_leaf(c10::StringType::get());
      case CTORCH_DEVICE:
        return read_leaf(c10::DeviceObjType::get());
      case CTORCH_TENSOR:
      case CTORCH_UNDEFINED:
        return read_leaf(c10::TensorType::get());
      case CTORCH_GENERATOR:
        return read_leaf(c10::GeneratorType::get());
      case CTORCH_STORAGE:
        return read_leaf(c10::StorageType::get());
      case CTORCH_OBJECT: {
        IValue object = borrow_object(reader_.payload()[0]);
        reader_.skip();
        return object;
      }
      case CTORCH_LIST: {
        std::vector<IValue> values = read_all();
        c10::impl::GenericList list(unify(values, 0, 1));
        list.reserve(values.size());
        for (auto& value : values) list.push_back(std::move(value));
        return list;
      }
      case CTORCH_TUPLE:
        return c10::ivalue::Tuple::create(read_all());
      case CTORCH_DICT: {
        std::vector<IValue> values = read_all();
        const TypePtr key = values.empty() ? c10::StringType::get() : unify(values, 0, 2);
        if (key->kind() == TypeKind::AnyType) {
          throw Misfit(CTORCH_ERROR_TYPE, "is a dict whose keys have several types, which TorchScript has not");
        }
        c10::impl::GenericDict dict(key, unify(values, 1, 2));
        for (size_t i = 0; i < values.size(); i += 2) {
          dict.insert_or_assign(std::move(values[i]), std::move(values[i + 1]));
        }
        return dict;
      }
      default:
        throw Misfit(CTORCH_ERROR_TYPE,
                     std::string("is a ") + tag_name(reader_.tag()) + ", which cannot be passed here");
    }
  }

  // Reads all values of a container; of a dict keys and values in turn.
  std::vector<IValue> read_all() {
    const bool dict = reader_.tag() == CTORCH_DICT;
    const uint64_t n = enter() * (dict ? 2 : 1);
    std::vector<IValue> values;
    values.reserve(n);
    std::string key;
    for (uint64_t i = 0; i < n; ++i) {
      if (!dict || i % 2 == 0) key = dict ? key_text() : std::to_string(i);
      values.push_back(read_in(key, c10::AnyType::get()));
    }
    --depth_;
    return values;
  }

  // The type that every step-th value from first on has, or else Any.
  static TypePtr unify(const std::vector<IValue>& values, size_t first, size_t step) {
    if (values.empty()) return c10::TensorType::get();
    const TypePtr type = type_of(values[first]);
    for (size_t i = first + step; i < values.size(); i += step) {
      if (*type_of(values[i]) != *type) return c10::AnyType::get();
    }
    return type;
  }

  Reader& reader_;
  int depth_ = 0;
};

}  // namespace

IValue read_any(Reader& reader) {
  try {
    return TypedReader(reader).read(c10::AnyType::get());
  } catch (const Misfit& misfit) {
    throw Fault(misfit.kind, misfit.place.empty() ? misfit.message : "at " + misfit.place + ' ' + misfit.message);
  }
}

IValue read_typed(Reader& reader, const TypePtr& type, const std::string& argument) {
  try {
    return TypedReader(reader).read(type);
  } catch (const Misfit& misfit) {
    const std::string message = misfit.kind == CTORCH_ERROR_CLOSED ? "is closed" : misfit.message;
    throw Fault(misfit.kind, "argument " + argument + misfit.place + ": " + message);
  }
}

}  // namespace ctorch
