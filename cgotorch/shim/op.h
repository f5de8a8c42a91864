// An operator as the shim knows it, and the steps of a call: arguments.cc reads
// and describes arguments, direct.cc makes the commonest calls, op.cc the others.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

#include <memory>
#include <string>
#include <vector>

#include "shim.h"

namespace ctorch {

// A parameter's type, as far as reading a value needs it.
struct Kind {
  c10::TypeKind base;
  bool optional = false;
  c10::TypePtr class_type;        // of an object
  c10::TypePtr element_type;      // of a list
  std::shared_ptr<Kind> element;  // the same
  int32_t broadcast = 0;          // int[2] takes one int for both
  uint64_t enumerators = 0;       // how many values a dtype, a layout or a memory format has
  // Which of these it is.
  c10::TypeKind enumeration = c10::TypeKind::IntType;
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

}  // namespace ctorch

struct ctorch_op {
  c10::OperatorHandle handle;
  std::string name;
  std::vector<ctorch::Local> locals;
  std::vector<ctorch::Param> params;
  std::vector<c10::IValue> defaults;       // one a local; None where there is none
  std::unique_ptr<ctorch::Direct> direct;  // of an operator with one of the commonest signatures
};

namespace ctorch {

// The part of a parameter's type that reading a value needs.
Kind kind_of(c10::TypePtr type, int32_t broadcast = 0);

// Notes in kind whether the type is an enumeration, which travels as an int.
void note_enumeration(c10::TypePtr type, Kind& kind);

// What a value of the tag is, for errors.
const char* tag_name(int tag);

// Reads a bool, an int, a float or a complex number; want is for the error.
c10::Scalar read_number(const Reader& reader, c10::TypeKind want);

// Reads a value of that kind and steps over it.
c10::IValue read_value(Reader& reader, const Kind& kind);

// Reads words onto a stack in the order of this libtorch's schema.
void read_arguments(const ctorch_op& op, Reader reader, std::vector<c10::IValue>& stack);

// What reading an operator's results needs.
std::vector<Kind> result_kinds(const c10::FunctionSchema& schema);

// Reads the results that a Go function gave for an operator; who names it in errors.
void read_results(const c10::FunctionSchema& schema, const std::vector<Kind>& kinds, const std::string& who,
                  Reader& reader, std::vector<c10::IValue>& results);

// Whether the operator is one of libtorch's own, which call no Go function by themselves.
inline bool is_own(const std::string& name) { return name.rfind("aten::", 0) == 0; }

// Describes the arguments of a failed call: "self Tensor[2, 3] Float cpu, dim 5".
std::string describe(const ctorch_op& op, Reader reader);

// Says that this libtorch lacks something that gotorch was written for.
std::string lacks(const std::string& what);

// The direct call that fits the operator's signature, or NULL.
std::unique_ptr<Direct> find_direct(const ctorch_op& op);

}  // namespace ctorch
