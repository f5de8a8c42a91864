// c10d's stores: keys and values that processes share.
#include "c10d.h"

#ifdef CTORCH_C10D

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/HashStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace ctorch::c10d_methods {

namespace {

const auto store_class = torch::class_<StoreObject>("gotorch", "Store");

void put_store(Writer& results, c10::intrusive_ptr<c10d::Store> store) {
  results.put(c10::make_intrusive<StoreObject>(std::move(store)));
}

std::vector<uint8_t> take_bytes(Reader& reader) {
  const std::string text = reader.take_string();
  return {text.begin(), text.end()};
}

void put_bytes(Writer& results, const std::vector<uint8_t>& bytes) {
  results.put(std::string(bytes.begin(), bytes.end()));
}

void new_tcp_store(Reader& r, Writer& results) {
  const std::string host = r.take_string();
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(r.take_int());
  const int64_t workers = r.take_int();
  if (workers > 0) options.numWorkers = static_cast<size_t>(workers);
  options.isServer = r.take_bool();
  options.timeout = take_duration(r);
  options.waitWorkers = r.take_bool();
  options.multiTenant = r.take_bool();
  auto store = c10::make_intrusive<c10d::TCPStore>(host, options);
  put_store(results, store);
  results.put(static_cast<int64_t>(store->getPort()));
}

void new_file_store(Reader& r, Writer& results) {
  const std::string path = r.take_string();
  put_store(results, c10::make_intrusive<c10d::FileStore>(path, static_cast<int>(r.take_int())));
}

void new_prefix_store(Reader& r, Writer& results) {
  const std::string prefix = r.take_string();
  put_store(results, c10::make_intrusive<c10d::PrefixStore>(prefix, take_store(r)));
}

void store_set(Reader& r, Writer&) {
  auto store = take_store(r);
  const std::string key = r.take_string();
  store->set(key, take_bytes(r));
}

void store_get(Reader& r, Writer& results) {
  auto store = take_store(r);
  put_bytes(results, store->get(r.take_string()));
}

void store_add(Reader& r, Writer& results) {
  auto store = take_store(r);
  const std::string key = r.take_string();
  results.put(store->add(key, r.take_int()));
}

void store_compare_set(Reader& r, Writer& results) {
  auto store = take_store(r);
  const std::string key = r.take_string();
  const auto expected = take_bytes(r);
  put_bytes(results, store->compareSet(key, expected, take_bytes(r)));
}

void store_append(Reader& r, Writer&) {
  auto store = take_store(r);
  const std::string key = r.take_string();
  store->append(key, take_bytes(r));
}

void store_wait(Reader& r, Writer&) {
  auto store = take_store(r);
  const auto keys = take_strings(r);
  store->wait(keys, take_duration(r));
}

void store_keys(Reader& r, Writer& results) {
  c10::List<std::string> list;
  for (const auto& key : take_store(r)->listKeys()) list.push_back(key);
  results.put(list);
}

}  // namespace

const std::vector<Method> of_stores = {
    {"store.tcp", new_tcp_store},
    {"store.file", new_file_store},
    {"store.hash", [](Reader&, Writer& results) { put_store(results, c10::make_intrusive<c10d::HashStore>()); }},
    {"store.prefix", new_prefix_store},
    {"store.clone", [](Reader& r, Writer& results) { put_store(results, take_store(r)->clone()); }},
    {"store.set", store_set},
    {"store.get", store_get},
    {"store.add", store_add},
    {"store.compare_set", store_compare_set},
    {"store.append", store_append},
    {"store.wait", store_wait},
    {"store.delete",
     [](Reader& r, Writer& results) {
       auto store = take_store(r);
       results.put(store->deleteKey(r.take_string()));
     }},
    {"store.check",
     [](Reader& r, Writer& results) {
       auto store = take_store(r);
       results.put(store->check(take_strings(r)));
     }},
    {"store.count", [](Reader& r, Writer& results) { results.put(take_store(r)->getNumKeys()); }},
    {"store.keys", store_keys},
    {"store.timeout",
     [](Reader& r, Writer& results) { results.put(static_cast<int64_t>(take_store(r)->getTimeout().count())); }},
    {"store.set_timeout",
     [](Reader& r, Writer&) {
       auto store = take_store(r);
       store->setTimeout(take_duration(r));
     }},
};

}  // namespace ctorch::c10d_methods

#endif
