// Methods: functions that Go calls by name, with values as arguments and results.
#pragma once

#include <torch/custom_class.h>

#include <map>

#include "shim.h"

namespace ctorch {

// A method reads its arguments and writes its results.
struct Method {
  const char* name;
  void (*run)(Reader& arguments, Writer& results);
};

using Methods = std::map<std::string, void (*)(Reader&, Writer&)>;

// The methods of several lists, by name. It stays as long as the process.
inline const Methods& methods_of(std::initializer_list<const std::vector<Method>*> lists) {
  auto* methods = new Methods;
  for (const auto* list : lists) {
    for (const Method& method : *list) methods->emplace(method.name, method.run);
  }
  return *methods;
}

// Calls the one of the methods that the first value in words, a STRING, names.
inline void call_method(const Methods& methods, uint64_t* words, int32_t count, int32_t capacity,
                        ctorch_status& status) {
  Reader arguments{words, words + count};
  Writer results(words, capacity);
  const std::string name = arguments.take_string();
  auto found = methods.find(name);
  if (found == methods.end()) throw Fault(CTORCH_ERROR_UNSUPPORTED, "the shim has no method " + name);
  found->second(arguments, results);
  results.finish(status);
}

template <class T>
c10::intrusive_ptr<T> take_object(Reader& reader) {
  c10::IValue object = borrow_object(reader.payload()[0]);
  reader.skip();
  return object.toCustomClass<T>();
}

// Takes a list, whose elements take one takes.
template <class Take>
auto take_list(Reader& reader, Take&& take) {
  std::vector<decltype(take(reader))> list;
  uint64_t n = reader.count();
  ++reader.at;
  list.reserve(n);
  while (n-- > 0) list.push_back(take(reader));
  return list;
}

}  // namespace ctorch
