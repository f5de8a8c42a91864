// What one thread writes and another may read meanwhile, without a lock.
#pragma once

#include <atomic>
#include <cstddef>

namespace ctorch {

// A list that one thread adds to. Its elements stay where they are.
template <class T, size_t kBlock = 256>
class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() {
    for (Block* block = first_.load(std::memory_order_acquire); block != nullptr;) {
      Block* next = block->next.load(std::memory_order_acquire);
      delete block;
      block = next;
    }
  }

  // Adds an element, which fill makes of a new or half filled one. If that throws, none is
  // added.
  template <class Fill>
  T* add(Fill&& fill) {
    size_t used = last_ == nullptr ? kBlock : last_->used.load(std::memory_order_relaxed);
    if (used == kBlock) {
      auto* block = new Block;
      (last_ == nullptr ? first_ : last_->next).store(block, std::memory_order_release);
      last_ = block;
      used = 0;
    }
    T* element = &last_->elements[used];
    fill(*element);
    last_->used.store(used + 1, std::memory_order_release);
    return element;
  }

  // Gives use all elements, for one reader. Frees what they are in, but for the end of the
  // list and for elements of which use says, by false, that they are still written to.
  template <class Use>
  void drain(Use&& use) {
    std::atomic<Block*>* at = &first_;
    while (Block* block = at->load(std::memory_order_acquire)) {
      Block* next = block->next.load(std::memory_order_acquire);  // of a full block, which add has left
      bool done = next != nullptr;
      const size_t used = block->used.load(std::memory_order_acquire);
      for (size_t i = 0; i < used; ++i) {
        if (!use(block->elements[i])) done = false;
      }
      if (done) {
        at->store(next, std::memory_order_release);
        delete block;
      } else {
        at = &block->next;
      }
    }
  }

 private:
  struct Block {
    T elements[kBlock];
    std::atomic<size_t> used{0};
    std::atomic<Block*> next{nullptr};
  };

  std::atomic<Block*> first_{nullptr};
  Block* last_ = nullptr;  // only the writer's
};

}  // namespace ctorch
