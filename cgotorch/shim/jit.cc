// TorchScript: programs of torch.jit that files hold.
#include <ATen/core/function_schema.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/jit_exception.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/serialization/python_print.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "callback.h"

using c10::IValue;
using ctorch::Fault;
using ctorch::Reader;
using ctorch::Writer;
using torch::jit::Module;

struct ctorch_module {
  Module module;
  int32_t changes;  // CTORCH_CHANGES_*
};

namespace {

// A file in memory.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  MemoryReader(const void* data, size_t bytes) : data_(static_cast<const char*>(data)), bytes_(bytes) {}
  size_t size() const override { return bytes_; }
  size_t read(uint64_t pos, void* buf, size_t n, const char*) const override {
    if (pos >= bytes_) return 0;
    n = std::min<uint64_t>(n, bytes_ - pos);
    std::memcpy(buf, data_ + pos, n);
    return n;
  }

 private:
  const char* data_;
  size_t bytes_;
};

// Fails on operators that read and write files, as torch.jit's own torch.save does.
void refuse_files(const torch::jit::Node& node) {
  static const char* const names[] = {"aten::save", "aten::from_file"};
  for (const char* name : names) {
    if (std::strcmp(node.kind().toQualString(), name) == 0) {
      throw Fault(CTORCH_ERROR_VALUE, std::string("the program calls ") + name + ", and may not read or write files");
    }
  }
}

// What a node changes: an attribute that it sets, or a list or a dict that is one.
int32_t changes_of(const torch::jit::Node& node) {
  if (node.kind() == c10::prim::SetAttr) {
    const auto type = node.inputs()[0]->type()->cast<c10::ClassType>();
    const auto slot = type ? type->findAttributeSlot(node.s(c10::attr::name)) : ctorch::optional<size_t>();
    const bool tensor = slot && type->is_module() && (type->is_parameter(*slot) || type->is_buffer(*slot));
    return CTORCH_CHANGES_ATTRIBUTES | (tensor ? CTORCH_CHANGES_TENSORS : 0);
  }
  const c10::FunctionSchema* schema = node.maybeSchema();
  if (schema == nullptr) return 0;
  const auto& arguments = schema->arguments();
  for (size_t i = 0; i < arguments.size() && i < node.inputs().size(); ++i) {
    const auto* alias = arguments[i].alias_info();
    if (alias == nullptr || !alias->isWrite()) continue;
    const torch::jit::Value* input = node.inputs()[i];
    const bool container = input->type()->kind() == c10::ListType::Kind || input->type()->kind() == c10::DictType::Kind;
    if (container && input->node()->kind() == c10::prim::GetAttr) return CTORCH_CHANGES_ATTRIBUTES;
  }
  return 0;
}

int32_t survey_block(const torch::jit::Block* block) {
  int32_t changes = 0;
  for (const torch::jit::Node* node : block->nodes()) {
    refuse_files(*node);
    changes |= changes_of(*node);
    for (const torch::jit::Block* inner : node->blocks()) changes |= survey_block(inner);
  }
  return changes;
}

// Looks at all functions of the program, also those that compiling others brings in.
int32_t survey(const Module& module) {
  int32_t changes = 0;
  const auto unit = module._ivalue()->compilation_unit();
  size_t seen = 0;
  for (auto functions = unit->get_functions(); seen < functions.size(); functions = unit->get_functions()) {
    for (; seen < functions.size(); ++seen) {
      // Freezing leaves empty places for methods that it has removed.
      if (functions[seen] == nullptr || !functions[seen]->isGraphFunction()) continue;
      functions[seen]->ensure_defined();
      changes |= survey_block(torch::jit::toGraphFunction(*functions[seen]).graph()->block());
    }
  }
  return changes;
}

ctorch_module* own(Module module) {
  const int32_t changes = survey(module);
  return new ctorch_module{std::move(module), changes};
}

std::string join(const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; }

// The module of a path, such as "encoder.layers.0".
Module find_module(const Module& root, const std::string& path) {
  Module module = root;
  std::istringstream names(path);
  for (std::string name; std::getline(names, name, '.');) {
    const auto type = module.type();
    const auto slot = type->findAttributeSlot(name);
    if (!slot || !type->getAttribute(*slot)->is_module()) {
      throw Fault(CTORCH_ERROR_VALUE, "there is no module " + path);
    }
    module = module._ivalue()->getSlot(*slot).toModule();
  }
  return module;
}

// The object that the last name of a path is an attribute of, and that name.
std::pair<Module, std::string> find_owner(const Module& root, const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) return {root, path};
  return {find_module(root, path.substr(0, dot)), path.substr(dot + 1)};
}

torch::jit::Method find_method(const Module& root, const std::string& path, const std::string& name) {
  auto method = find_module(root, path).find_method(name);
  if (!method) throw Fault(CTORCH_ERROR_VALUE, "there is no method " + join(path, name));
  return *method;
}

void list_module(Writer& writer, const Module& module, const std::string& path, int depth) {
  if (depth > ctorch::kMostDepth) {
    throw Fault(CTORCH_ERROR_VALUE,
                "modules are nested more than " + std::to_string(ctorch::kMostDepth) + " deep: " + path.substr(0, 100));
  }
  const auto type = module.type();
  const auto object = module._ivalue();
  std::vector<size_t> attributes, modules;
  for (size_t i = 0; i < type->numAttributes(); ++i) {
    (type->getAttribute(i)->is_module() ? modules : attributes).push_back(i);
  }
  writer.start(CTORCH_LIST, 3 + attributes.size());
  writer.put(path);
  writer.put(static_cast<int64_t>(reinterpret_cast<uintptr_t>(object.get())));
  const auto training = type->findAttributeSlot("training");
  writer.put(training && object->getSlot(*training).isBool() ? object->getSlot(*training) : IValue());
  for (size_t i : attributes) {
    const IValue& value = object->getSlot(i);
    const bool parameter = type->is_parameter(i), buffer = type->is_buffer(i);
    writer.start(CTORCH_LIST, 4);
    writer.put(type->getAttributeName(i));
    writer.put(type->getAttribute(i)->repr_str());
    writer.put(static_cast<int64_t>(parameter ? 1 : buffer ? 2 : 0));
    writer.put((parameter || buffer) && value.isTensor() ? value : IValue());
  }
  for (size_t i : modules) {
    list_module(writer, object->getSlot(i).toModule(), join(path, type->getAttributeName(i)), depth + 1);
  }
}

// Reads the arguments of a method onto a stack that has the module, in the words of
// PyTorch's FunctionSchema::checkAndNormalizeInputs.
void read_call(Reader& reader, const c10::FunctionSchema& schema, torch::jit::Stack& stack) {
  std::ostringstream declaration;
  declaration << " Declaration: " << schema;
  const auto& arguments = schema.arguments();
  const uint64_t given = reader.count();
  ++reader.at;
  if (given + 1 > arguments.size()) {
    std::ostringstream text;
    text << schema.name() << "() expected at most " << arguments.size() - 1 << " argument(s) but received " << given
         << " argument(s)." << declaration.str();
    throw Fault(CTORCH_ERROR_TYPE, text.str());
  }
  for (uint64_t i = 1; i <= given; ++i) {
    stack.push_back(ctorch::read_typed(reader, arguments[i].type(), arguments[i].name()));
  }
  std::vector<std::pair<std::string, Reader>> named(reader.count(), {std::string(), reader});
  ++reader.at;
  for (auto& entry : named) {
    entry.first = reader.take_string();
    entry.second = reader;
    reader.skip();
  }
  size_t used = 0;
  for (uint64_t i = given + 1; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    const auto entry = std::find_if(named.begin(), named.end(), [&](auto& e) { return e.first == argument.name(); });
    if (entry != named.end()) {
      stack.push_back(ctorch::read_typed(entry->second, argument.type(), argument.name()));
      ++used;
    } else if (argument.default_value()) {
      stack.push_back(*argument.default_value());
    } else {
      throw Fault(CTORCH_ERROR_TYPE,
                  schema.name() + "() is missing value for argument '" + argument.name() + "'." + declaration.str());
    }
  }
  if (used == named.size()) return;
  for (const auto& entry : named) {
    const auto position = schema.argumentIndexWithName(entry.first);
    if (!position) {
      throw Fault(CTORCH_ERROR_TYPE, "Unknown keyword argument '" + entry.first + "' for operator '" + schema.name() +
                                         "'." + declaration.str());
    }
    if (*position <= static_cast<int>(given)) {
      throw Fault(CTORCH_ERROR_TYPE, "Argument '" + entry.first +
                                         "' specified both as positional and keyword argument." + declaration.str());
    }
  }
}

// The kind of an exception that a script has raised, by its Python class.
int32_t kind_of_class(const std::string& name) {
  static const std::pair<const char*, int32_t> kinds[] = {{"IndexError", CTORCH_ERROR_INDEX},
                                                          {"KeyError", CTORCH_ERROR_INDEX},
                                                          {"ValueError", CTORCH_ERROR_VALUE},
                                                          {"TypeError", CTORCH_ERROR_TYPE},
                                                          {"NotImplementedError", CTORCH_ERROR_NOT_IMPLEMENTED}};
  const std::string last = name.substr(name.rfind('.') + 1);
  for (const auto& kind : kinds) {
    if (last == kind.first) return kind.second;
  }
  return CTORCH_ERROR_RUNTIME;
}

std::vector<std::string> take_strings(Reader& reader) {
  std::vector<std::string> texts(reader.count());
  ++reader.at;
  for (auto& text : texts) text = reader.take_string();
  return texts;
}

// Writes all bytes to an open file.
size_t write_all(int file, const void* data, size_t bytes) {
  const char* at = static_cast<const char*>(data);
  for (size_t left = bytes; left > 0;) {
    const ssize_t n = ::write(file, at, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw Fault(CTORCH_ERROR_RUNTIME, std::string("cannot write: ") + std::strerror(errno));
    at += n;
    left -= static_cast<size_t>(n);
  }
  return bytes;
}

}  // namespace

extern "C" {

ctorch_error* ctorch_module_load(const void* data, int64_t bytes, bool as_saved, uint64_t device,
                                 ctorch_module** module) {
  return ctorch::guard([&] {
    ctorch::optional<c10::Device> where;
    if (!as_saved) where = ctorch::unpack_device(device);
    torch::jit::ExtraFilesMap none;
    *module = own(torch::jit::load(std::make_shared<MemoryReader>(data, bytes), where, none));
  });
}

void ctorch_module_free(ctorch_module* module) { delete module; }

int32_t ctorch_module_changes(const ctorch_module* module) { return module->changes; }

ctorch_status ctorch_module_list(const ctorch_module* module, uint64_t* words, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    Writer writer(words, capacity);
    list_module(writer, module->module, "", 0);
    writer.finish(status);
  });
}

ctorch_status ctorch_module_methods(const ctorch_module* module, uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    Reader reader{words, words + count};
    const Module owner = find_module(module->module, reader.take_string());
    Writer writer(words, capacity);
    for (const auto& method : owner.get_methods()) {
      std::ostringstream schema;
      schema << method.function().getSchema();
      writer.put(method.name());
      writer.put(schema.str());
    }
    writer.finish(status);
  });
}

ctorch_status ctorch_module_code(const ctorch_module* module, uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    Reader reader{words, words + count};
    const std::string path = reader.take_string();
    const auto method = find_method(module->module, path, reader.take_string());
    std::vector<IValue> constants;
    torch::jit::PrintDepsTable dependencies;
    torch::jit::PythonPrint print(constants, dependencies);
    print.printMethod(method.function());
    Writer writer(words, capacity);
    writer.put(print.str());
    writer.finish(status);
  });
}

ctorch_status ctorch_module_call(const ctorch_module* module, uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    ctorch::MayCallGo may;
    Reader reader{words, words + count};
    const std::string path = reader.take_string();
    const Module owner = find_module(module->module, path);
    const auto method = find_method(owner, "", reader.take_string());
    torch::jit::Stack stack{owner._ivalue()};
    read_call(reader, method.function().getSchema(), stack);
    try {
      method.function().run(stack);
    } catch (const torch::jit::JITException& e) {
      throw Fault(kind_of_class(e.getPythonClassName().value_or("")), e.what());
    }
    Writer writer(words, capacity);
    writer.put(stack.back());
    writer.finish(status);
  });
}

ctorch_status ctorch_module_get(const ctorch_module* module, uint64_t* words, int32_t count, int32_t capacity) {
  return ctorch::guard_status([&](ctorch_status& status) {
    Reader reader{words, words + count};
    const std::string path = reader.take_string();
    const auto [owner, name] = find_owner(module->module, path);
    if (!owner.hasattr(name)) throw Fault(CTORCH_ERROR_VALUE, "there is no attribute " + path);
    Writer writer(words, capacity);
    writer.put(owner.attr(name));
    writer.finish(status);
  });
}

ctorch_error* ctorch_module_set(ctorch_module* module, uint64_t* words, int32_t count) {
  return ctorch::guard([&] {
    Reader reader{words, words + count};
    const std::string path = reader.take_string();
    const auto [owner, name] = find_owner(module->module, path);
    const auto type = owner.type();
    if (type->findConstantSlot(name)) throw Fault(CTORCH_ERROR_VALUE, path + " is a constant");
    const auto slot = type->findAttributeSlot(name);
    if (!slot) throw Fault(CTORCH_ERROR_VALUE, "there is no attribute " + path);
    owner._ivalue()->setSlot(*slot, ctorch::read_typed(reader, type->getAttribute(*slot), path));
  });
}

ctorch_error* ctorch_module_save(const ctorch_module* module, uint64_t* words, int32_t count, int32_t file) {
  return ctorch::guard([&] {
    Reader reader{words, words + count};
    torch::jit::ExtraFilesMap extra;
    uint64_t n = reader.count();
    for (++reader.at; n > 0; --n) {
      std::string name = reader.take_string();
      extra[std::move(name)] = reader.take_string();
    }
    torch::jit::ExportModule(
        module->module, [&](const void* data, size_t bytes) { return write_all(file, data, bytes); }, extra);
  });
}

ctorch_error* ctorch_module_freeze(const ctorch_module* module, uint64_t* words, int32_t count,
                                   ctorch_module** frozen) {
  return ctorch::guard([&] {
    Reader reader{words, words + count};
    const std::vector<std::string> preserved = take_strings(reader);
    *frozen = own(torch::jit::freeze(module->module, preserved, reader.take_bool()));
  });
}

ctorch_error* ctorch_module_optimize(const ctorch_module* module, uint64_t* words, int32_t count,
                                     ctorch_module** optimized) {
  return ctorch::guard([&] {
    Reader reader{words, words + count};
    const std::vector<std::string> methods = take_strings(reader);
    // What is frozen already would be optimized in its place.
    Module source = module->module.hasattr("training") ? module->module : module->module.clone();
    *optimized = own(torch::jit::optimize_for_inference(source, methods));
  });
}
}
