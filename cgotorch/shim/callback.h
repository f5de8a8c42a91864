// Go functions that libtorch calls, and panics on their way back to Go.
#pragma once

#include <torch/csrc/autograd/function.h>

#include <atomic>
#include <memory>

#include "shim.h"

// What a Go function gave back.
struct ctorch_reply {
  std::vector<at::Tensor> tensors;
  uint64_t number = 0;
  std::string text;
  uint64_t panic = 0;  // a panic of Go's table, 0 for none
};

namespace ctorch {

using torch::autograd::Node;
using torch::autograd::variable_list;
// std::shared_ptr<Node>, or c10::intrusive_ptr<Node> in newer libtorches.
using NodePtr = std::decay_t<decltype(std::declval<const at::Tensor&>().grad_fn())>;

constexpr bool kSharedNodes = std::is_same_v<NodePtr, std::shared_ptr<Node>>;

// Makes a node that NodePtr can hold.
template <class T>
auto make_node() {
  if constexpr (kSharedNodes) {
    return std::shared_ptr<T>(new T, [](T* node) { deleteNode(node); });
  } else {
    return c10::make_intrusive<T>();
  }
}

// A counted reference to a node that has one.
template <class T, class Pointer = NodePtr>
Pointer share(T* node) {
  if constexpr (kSharedNodes) {
    return node->shared_from_this();
  } else {
    return Pointer::reclaim_copy(node);
  }
}

// A node's handle is a counted reference of its own.
inline NodePtr& borrow_node(uint64_t node) { return *reinterpret_cast<NodePtr*>(node); }
inline uint64_t release_node(NodePtr node) {
  return node ? reinterpret_cast<uint64_t>(new NodePtr(std::move(node))) : 0;
}

// An entry of Go's table, which is dropped with the last copy of this.
class GoFunction {
 public:
  GoFunction() = default;
  explicit GoFunction(uint64_t id);
  explicit operator bool() const { return held_ != nullptr; }
  // Calls the function with tensors, undefined ones as None, and a number. Throws
  // GoPanic where it panics.
  ctorch_reply operator()(const variable_list& arguments, uint64_t number = 0) const;

 private:
  std::shared_ptr<const uint64_t> held_;
};

// A panic of a Go function, thrown through libtorch to the Go call it is in.
class GoPanic : public std::exception {
 public:
  explicit GoPanic(const ctorch_reply& reply);
  const char* what() const noexcept override { return text_.c_str(); }
  // The panic's number in Go's table for who asks first, then 0.
  uint64_t take() const noexcept { return held_->exchange(0); }

 private:
  std::string text_;
  std::shared_ptr<std::atomic<uint64_t>> held_;
};

// Says, while it lives, that the call on this thread may call Go.
class MayCallGo {
 public:
  MayCallGo() : before_(now()) { now() = true; }
  ~MayCallGo() { now() = before_; }
  static bool& now();

 private:
  bool before_;
};

}  // namespace ctorch
