// Operators: one generic call through libtorch's dispatcher serves them all.
#include "op.h"

#include <ATen/core/Generator.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "callback.h"

using c10::IValue;
using ctorch::Fault;
using ctorch::Param;
using ctorch::Reader;

namespace {

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
  bool quoted = false;
  size_t from = open + 1;
  for (size_t i = open; i < schema.size(); ++i) {
    char c = schema[i];
    if (c == '"') quoted = !quoted;
    if (quoted) {
      if (c == '\\') ++i;
      continue;
    }
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

// Whether two versions of libtorch mean one argument: from is from_ in later ones, since
// Python has that word for itself.
bool same_name(const std::string& a, const std::string& b) { return a == b || a + "_" == b || a == b + "_"; }

ctorch_op* find(const std::string& schema_text) {
  std::vector<Param> params;
  std::string name = parse_schema(schema_text, params);
  size_t dot = name.find('.');
  c10::OperatorName operator_name(name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1));
  auto handle = c10::Dispatcher::singleton().findSchema(operator_name);
  if (!handle) throw Fault(CTORCH_ERROR_UNSUPPORTED, ctorch::lacks(name));

  auto op = std::unique_ptr<ctorch_op>(new ctorch_op{*handle, name, {}, std::move(params), {}, nullptr});
  const auto& arguments = handle->schema().arguments();
  for (const auto& argument : arguments) {
    bool has_default = argument.default_value().has_value();
    ctorch::Kind kind = ctorch::kind_of(argument.type(), argument.N().value_or(0));
    ctorch::note_enumeration(argument.real_type(), kind);
    op->locals.push_back({argument.name(), std::move(kind), has_default});
    op->defaults.push_back(has_default ? *argument.default_value() : IValue());
  }
  for (auto& param : op->params) {
    for (size_t i = 0; i < op->locals.size(); ++i) {
      if (same_name(op->locals[i].name, param.name)) param.position = static_cast<int>(i);
    }
  }
  for (const auto& local : op->locals) {
    bool named = std::any_of(op->params.begin(), op->params.end(),
                             [&](const Param& param) { return same_name(param.name, local.name); });
    if (!named && !local.has_default) {
      throw Fault(CTORCH_ERROR_UNSUPPORTED, name + " of libtorch " + ctorch_version() + " requires '" + local.name +
                                                "', which gotorch does not know");
    }
  }
  op->direct = ctorch::find_direct(*op);
  return op.release();
}

// Calls op and leaves its results on the stack.
void call(const ctorch_op& op, std::vector<IValue>& stack, int32_t mode) {
  std::optional<ctorch::MayCallGo> may;
  if (mode & CTORCH_MODE_CALLS_GO) may.emplace();
  std::optional<at::AutoDispatchBelowAutograd> below;
  if (mode & CTORCH_MODE_BELOW_AUTOGRAD) below.emplace();
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

namespace ctorch {

std::vector<Kind> result_kinds(const c10::FunctionSchema& schema) {
  std::vector<Kind> kinds;
  for (const auto& result : schema.returns()) kinds.push_back(kind_of(result.type()));
  return kinds;
}

void read_results(const c10::FunctionSchema& schema, const std::vector<Kind>& kinds, const std::string& who,
                  Reader& reader, std::vector<IValue>& results) {
  const auto name = [&] { return c10::toString(schema.operator_name()) + ": "; };
  results.clear();
  for (size_t i = 0; i < kinds.size(); ++i) {
    try {
      if (reader.done()) throw Fault(CTORCH_ERROR_TYPE, "is missing");
      results.push_back(read_value(reader, kinds[i]));
    } catch (const Fault& fault) {
      std::string message = fault.kind == CTORCH_ERROR_CLOSED ? "is closed" : fault.message;
      throw Fault(fault.kind, name() + "result " + std::to_string(i) + " of " + who + " " + message);
    }
  }
  if (!reader.done()) throw Fault(CTORCH_ERROR_TYPE, name() + who + " gave too many results");
}

}  // namespace ctorch

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
      ctorch::read_arguments(*op, arguments, stack.values);
      call(*op, stack.values, mode);
      called = true;
      if (!(mode & CTORCH_MODE_DISCARD)) give(stack.values, words, capacity, status);
    }
  } catch (...) {
    std::string text;
    try {
      if (!called) text = ctorch::describe(*op, arguments);
    } catch (...) {  // an error without its arguments is better than none
    }
    status.error = ctorch::current_error(text.empty() ? nullptr : text.c_str());
  }
  status.scope = ctorch::current_scope();
  status.pressure = ctorch::under_pressure();
  return status;
}

bool ctorch_op_repeatable(const ctorch_op* op) {
  // These write running statistics without their schemas saying so.
  static const char* const writers[] = {
      "aten::batch_norm",       "aten::native_batch_norm", "aten::_batch_norm_impl_index",
      "aten::cudnn_batch_norm", "aten::miopen_batch_norm", "aten::instance_norm"};
  const std::string& name = op->name;
  if (!ctorch::is_own(name)) return false;  // who knows what others do
  for (const char* writer : writers) {
    if (name.rfind(writer, 0) == 0) return false;
  }
  const auto& schema = op->handle.schema();
  for (const auto& argument : schema.arguments()) {
    if (argument.alias_info() != nullptr && argument.alias_info()->isWrite()) return false;
    if (argument.name() == "generator") return false;
  }
#if TORCH_VERSION_MAJOR >= 2
  if (op->handle.hasTag(at::Tag::nondeterministic_seeded)) return false;
#endif
  return true;
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
