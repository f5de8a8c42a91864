// The reader and writer of word sequences; ctorch.h has the layout.
#include <cstdlib>
#include <cstring>
#include <optional>

#include "shim.h"

namespace ctorch {

void Reader::skip() {
  uint64_t n = count();
  switch (tag()) {
    case CTORCH_DEFAULT:
    case CTORCH_NONE:
    case CTORCH_UNDEFINED:
      at += 1;
      return;
    case CTORCH_COMPLEX:
      at += 3;
      return;
    case CTORCH_STRING:
      at += 1 + (n + 7) / 8;
      return;
    case CTORCH_DICT:
      n *= 2;
      [[fallthrough]];
    case CTORCH_LIST:
    case CTORCH_TUPLE:
      ++at;
      while (n-- > 0) skip();
      return;
    default:
      at += 2;
  }
}

bool Reader::take_bool() {
  bool value = payload()[0] != 0;
  skip();
  return value;
}

int64_t Reader::take_int() {
  auto value = static_cast<int64_t>(payload()[0]);
  skip();
  return value;
}

std::string Reader::take_string() {
  std::string text(reinterpret_cast<const char*>(payload()), count());
  skip();
  return text;
}

std::vector<at::Tensor> Reader::take_tensors() {
  std::vector<at::Tensor> tensors;
  uint64_t n = count();
  ++at;
  tensors.reserve(n);
  while (n-- > 0) {
    tensors.push_back(tag() == CTORCH_NONE ? at::Tensor() : borrow(payload()[0]));
    skip();
  }
  return tensors;
}

Writer::~Writer() { ctorch_tensor_free(tensors_.data(), static_cast<int64_t>(tensors_.size())); }

void Writer::word(uint64_t w) {
  if (count_ < capacity_) {
    words_[count_] = w;
  } else {
    if (spill_.empty()) spill_.assign(words_, words_ + count_);
    spill_.push_back(w);
  }
  ++count_;
}

void Writer::put_tensor(at::Tensor tensor) {
  if (!tensor.defined()) return head(CTORCH_NONE);
  tensors_.reserve(tensors_.size() + 1);  // so that what is released is always recorded
  tensors_.push_back(release(std::move(tensor)));
  uint64_t handle = tensors_.back();
  head(CTORCH_TENSOR);
  word(handle);
}

void Writer::put_tensors(std::vector<at::Tensor> tensors) {
  head(CTORCH_LIST, tensors.size());
  for (auto& tensor : tensors) put_tensor(std::move(tensor));
}

static uint64_t bits(double value) {
  uint64_t word;
  std::memcpy(&word, &value, sizeof word);
  return word;
}

// The value if it is an unsigned integer, which older libtorchs lack.
template <class Value>
static std::optional<uint64_t> unsigned_of(const Value& value) {
  if constexpr (requires { value.isUnsigned(); }) {
    if (value.isUnsigned()) return value.toUInt();
  }
  return std::nullopt;
}

// A tensor of the bytes of a storage, by which storages travel to Go.
static at::Tensor bytes_of(const c10::Storage& storage) {
  const auto key = c10::computeDispatchKey(at::ScalarType::Byte, c10::kStrided, storage.device());
  auto tensor = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage), c10::DispatchKeySet(key),
                                                         caffe2::TypeMeta::Make<uint8_t>());
  tensor.unsafeGetTensorImpl()->set_sizes_contiguous({static_cast<int64_t>(storage.nbytes())});
  return tensor;
}

void Writer::put(const c10::IValue& value) {
  if (value.isTensor()) {
    put_tensor(value.toTensor());
  } else if (value.isNone()) {
    head(CTORCH_NONE);
  } else if (value.isBool()) {
    head(CTORCH_BOOL);
    word(value.toBool());
  } else if (value.isInt()) {
    head(CTORCH_INT);
    word(static_cast<uint64_t>(value.toInt()));
  } else if (auto number = unsigned_of(value)) {
    head(CTORCH_UINT);
    word(*number);
  } else if (value.isDouble()) {
    head(CTORCH_FLOAT);
    word(bits(value.toDouble()));
  } else if (value.isComplexDouble()) {
    auto z = value.toComplexDouble();
    head(CTORCH_COMPLEX);
    word(bits(z.real()));
    word(bits(z.imag()));
  } else if (value.isString()) {
    const std::string& text = value.toStringRef();
    head(CTORCH_STRING, text.size());
    for (size_t i = 0; i < text.size(); i += 8) {
      uint64_t packed = 0;
      std::memcpy(&packed, text.data() + i, std::min<size_t>(8, text.size() - i));
      word(packed);
    }
  } else if (value.isGenerator()) {
    generators_.push_back(value.toGenerator());
    head(CTORCH_GENERATOR);
    word(reinterpret_cast<uint64_t>(generators_.back().unsafeGetGeneratorImpl()));
  } else if (value.isStorage()) {
    put_tensor(bytes_of(value.toStorage()));
  } else if (value.isObject()) {
    objects_.push_back(value.toObject());
    head(CTORCH_OBJECT);
    word(reinterpret_cast<uint64_t>(objects_.back().get()));
  } else if (value.isDevice()) {
    head(CTORCH_DEVICE);
    word(pack_device(value.toDevice()));
  } else {
    put_container(value);
  }
}

void Writer::put_container(const c10::IValue& value) {
  if (depth_ >= kMostDepth) {
    throw Fault(CTORCH_ERROR_VALUE, "values are nested more than " + std::to_string(kMostDepth) + " deep");
  }
  ++depth_;
  if (value.isList()) {
    auto list = value.toList();
    head(CTORCH_LIST, list.size());
    for (size_t i = 0; i < list.size(); ++i) put(list.get(i));
  } else if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    head(CTORCH_TUPLE, elements.size());
    for (const auto& element : elements) put(element);
  } else if (value.isGenericDict()) {
    auto dict = value.toGenericDict();
    head(CTORCH_DICT, dict.size());
    for (const auto& entry : dict) {
      put(entry.key());
      put(entry.value());
    }
  } else {
    throw Fault(CTORCH_ERROR_TYPE, "a value of type " + value.tagKind() + " cannot be given to Go");
  }
  --depth_;
}

void Writer::finish(ctorch_status& status) {
  if (!spill_.empty()) {
    size_t size = spill_.size() * sizeof(uint64_t);
    status.spill = static_cast<uint64_t*>(std::malloc(size));
    if (status.spill == nullptr) throw std::bad_alloc();
    std::memcpy(status.spill, spill_.data(), size);
  }
  status.count = count_;
  hand_over();
}

void Writer::hand_over() {
  tensors_.clear();  // the caller owns them now
  for (auto& generator : generators_) release(std::move(generator));
  generators_.clear();
  for (auto& object : objects_) release(std::move(object));
  objects_.clear();
}

}  // namespace ctorch
