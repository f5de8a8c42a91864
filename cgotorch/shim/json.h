// Stands for nlohmann/json.hpp, which headers of libtorch include and its packages
// lack. It only lets their inline functions compile; the shim calls none of them.
#pragma once

#include <stdexcept>
#include <string>

namespace nlohmann {

struct json {
  json() = default;
  template <class T>
  explicit json(const T&) {}
  std::string dump() const { throw std::logic_error("this is not a JSON library"); }
  static json parse(const std::string&) { throw std::logic_error("this is not a JSON library"); }
  template <class T>
  T get() const {
    throw std::logic_error("this is not a JSON library");
  }
};

}  // namespace nlohmann
