#include "small_blocks.h"

#include <sys/mman.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <new>
#include <vector>

namespace ctorch {

namespace {

constexpr size_t kLine = 64;
constexpr size_t kClasses = kSmall / kLine;
constexpr int kBatch = 32;             // blocks that threads exchange at a time
constexpr size_t kChunk = 1024 << 10;  // what is mapped at a time

struct Block {
  Block* next;
};

// A list of blocks of one size.
struct List {
  Block* first = nullptr;
  int count = 0;

  void push(Block* block) {
    block->next = first;
    first = block;
    ++count;
  }
  Block* pop() {
    Block* block = first;
    first = block->next;
    --count;
    return block;
  }
};

// The blocks of all threads: batches that are free, and chunks to cut new ones from.
class Depot {
 public:
  List take(size_t size_class) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto& batches = batches_[size_class];
    if (!batches.empty()) {
      List batch = batches.back();
      batches.pop_back();
      return batch;
    }
    return cut(size_class);
  }

  void give(size_t size_class, List batch) {
    std::lock_guard<std::mutex> lock(mutex_);
    batches_[size_class].push_back(batch);
  }

  // The class of a block, kClasses if it is none of this depot's.
  size_t class_of(const void* block) {
    const auto address = reinterpret_cast<uintptr_t>(block);
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& run : runs_) {
      if (address >= run.from && address < run.to) return run.size_class;
    }
    return kClasses;
  }

 private:
  // Memory that was cut into blocks of one class.
  struct Run {
    uintptr_t from, to;
    size_t size_class;
  };

  List cut(size_t size_class) {
    const size_t size = (size_class + 1) * kLine;
    if (left_ < size * kBatch) {
      if (!may_map(kChunk)) throw std::bad_alloc();
      void* chunk = mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (chunk == MAP_FAILED) throw std::bad_alloc();
      at_ = static_cast<char*>(chunk);
      left_ = kChunk;
    }
    const auto from = reinterpret_cast<uintptr_t>(at_);
    if (!runs_.empty() && runs_.back().to == from && runs_.back().size_class == size_class) {
      runs_.back().to += size * kBatch;
    } else {
      runs_.push_back({from, from + size * kBatch, size_class});
    }
    List batch;
    for (int i = 0; i < kBatch; ++i) {
      batch.push(reinterpret_cast<Block*>(at_));
      at_ += size;
    }
    left_ -= size * kBatch;
    return batch;
  }

  std::mutex mutex_;
  std::array<std::vector<List>, kClasses> batches_;
  std::vector<Run> runs_;
  char* at_ = nullptr;
  size_t left_ = 0;
};

// Never destroyed: tensors may outlive static objects at exit.
Depot& depot() {
  static auto* all = new Depot;
  return *all;
}

// The blocks that a thread keeps.
using Cache = std::array<List, kClasses>;

// The initial-exec model spares a call for each access.
__attribute__((tls_model("initial-exec"))) thread_local Cache* cache = nullptr;
thread_local bool ended = false;

// Makes the calling thread's cache, and gives its blocks back when the thread ends.
// Blocks may still come and go after that.
Cache* make_cache() {
  struct Owner {
    Cache lists;
    ~Owner() {
      cache = nullptr;
      ended = true;
      for (size_t i = 0; i < kClasses; ++i) {
        if (lists[i].count > 0) depot().give(i, lists[i]);
      }
    }
  };
  if (ended) return nullptr;
  static thread_local Owner owner;
  cache = &owner.lists;
  return cache;
}

void give(size_t size_class, void* data) {
  auto* block = static_cast<Block*>(data);
  Cache* own = cache != nullptr ? cache : make_cache();
  if (own == nullptr) {
    List single;
    single.push(block);
    depot().give(size_class, single);
    return;
  }
  List& list = (*own)[size_class];
  list.push(block);
  if (list.count >= 2 * kBatch) {
    List batch;
    for (int i = 0; i < kBatch; ++i) batch.push(list.pop());
    depot().give(size_class, batch);
  }
}

size_t class_for(size_t bytes) { return bytes == 0 ? 0 : (bytes - 1) / kLine; }

}  // namespace

size_t small_size(size_t bytes) { return (class_for(bytes) + 1) * kLine; }

void* take_small(size_t bytes) {
  const size_t size_class = class_for(bytes);
  Cache* own = cache != nullptr ? cache : make_cache();
  if (own == nullptr) {
    List batch = depot().take(size_class);
    Block* block = batch.pop();
    if (batch.count > 0) depot().give(size_class, batch);
    return block;
  }
  List& list = (*own)[size_class];
  if (list.count == 0) list = depot().take(size_class);
  return list.pop();
}

size_t give_small(void* block) {
  const size_t size_class = depot().class_of(block);
  if (size_class == kClasses) return 0;
  give(size_class, block);
  return (size_class + 1) * kLine;
}

void give_small(void* block, size_t bytes) { give(class_for(bytes), block); }

}  // namespace ctorch
