// Go functions that libtorch calls, and panics on their way back to Go.
#pragma once

#include <torch/csrc/autograd/function.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "shim.h"

// What a Go function gave back.
struct ctorch_reply {
  std::function<void(ctorch::Reader&)> read;  // reads it, where it is not the next three
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

// A reference to a node that does not keep it; lock gives one that does, or NULL.
template <class Pointer>
struct Weak {
  using Type = std::weak_ptr<typename Pointer::element_type>;
};
template <class T, class Null>
struct Weak<c10::intrusive_ptr<T, Null>> {
  using Type = c10::weak_intrusive_ptr<T, Null>;
};
using WeakNodePtr = Weak<NodePtr>::Type;

// An entry of Go's table, which is dropped with the last copy of this.
class GoFunction {
 public:
  GoFunction() = default;
  explicit GoFunction(uint64_t id);
  explicit operator bool() const { return held_ != nullptr; }
  // Calls the function with tensors, undefined ones as None, and a number. Throws
  // GoPanic where it panics. Where it ends its goroutine, the caller's frames are left
  // behind, so a mutex that they hold is given to be unlocked then.
  ctorch_reply operator()(const variable_list& arguments, uint64_t number = 0, std::mutex* held = nullptr) const;
  // Calls a function that gets other words.
  void operator()(Writer& words, ctorch_reply& reply, std::mutex* held) const;

 private:
  std::shared_ptr<const uint64_t> held_;
};

// The mutex of the node that the calling thread runs, which nodes hold while they ask
// for what they saved and while they add to a leaf's gradient; NULL if it runs none.
std::mutex* current_node_mutex();

// The same where a frame that no Go function is below of holds it, else NULL.
std::mutex* held_node_mutex();

// Says, while it lives, that unpack hooks on this thread are called under a mutex of
// another node than the one that runs, if any.
class Unpacking {
 public:
  explicit Unpacking(std::mutex* mutex);
  ~Unpacking();

 private:
  std::mutex* before_;
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
