// Does one benchmark of the bench suite in C++ and prints its result as one line
// of JSON.
#include <sys/resource.h>
#include <torch/version.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include "bench.h"

namespace {

constexpr int kCalls = 50'000;  // of a small operation in one timed run
constexpr int64_t kFloats = 1'000'000;
constexpr int64_t kExamples = 60'000, kFeatures = 28 * 28, kBatch = 64;

Outcome startup(bool) { return {0, torch::ones({1}).item<double>()}; }

Outcome add(bool quick) {
  auto a = torch::ones({4, 4}), b = torch::ones({4, 4});
  double seconds = per_call(quick, kCalls, [&](int n) {
    for (int i = 0; i < n; ++i) auto c = a + b;
  });
  return {seconds, (a + b).sum().item<double>()};
}

Outcome linear(bool quick) {
  torch::nn::Linear layer(16, 16);
  auto x = torch::ones({1, 16});
  torch::NoGradGuard no_grad;
  double seconds = per_call(quick, kCalls, [&](int n) {
    for (int i = 0; i < n; ++i) auto y = layer(x);
  });
  return {seconds, layer(x).sum().item<double>()};
}

struct NetImpl : torch::nn::Module {
  NetImpl(int64_t in, int64_t hidden, int64_t out)
      : fc1(register_module("fc1", torch::nn::Linear(in, hidden))),
        fc2(register_module("fc2", torch::nn::Linear(hidden, out))) {}
  torch::Tensor forward(torch::Tensor x) {
    x = torch::flatten(x, 1);
    x = torch::relu(fc1(x));
    return fc2(x);
  }
  torch::nn::Linear fc1, fc2;
};
TORCH_MODULE(Net);

Outcome smallnet(bool quick) {
  Net net(16, 32, 4);
  torch::nn::CrossEntropyLoss criterion;
  auto x = torch::randn({8, 16});
  auto y = torch::randint(0, 4, {8});
  double seconds = per_call(quick, kCalls / 25, [&](int n) {
    for (int i = 0; i < n; ++i) {
      net->zero_grad();
      criterion(net(x), y).backward();
    }
  });
  return {seconds, criterion(net(x), y).item<double>()};
}

Outcome fullbatch(bool quick) {
  auto data = torch::randn({kExamples, kFeatures});
  auto labels = torch::randint(0, 10, {kExamples});
  Net net(kFeatures, 128, 10);
  torch::nn::CrossEntropyLoss criterion;
  torch::optim::SGD optimizer(net->parameters(), 0.01);
  double last = 0, start = now();
  for (int i = 0; i < (quick ? 2 : 10); ++i) {
    optimizer.zero_grad();
    auto outputs = net(data);
    auto loss = criterion(outputs, labels);
    loss.backward();
    optimizer.step();
    last = loss.item<double>();
  }
  return {now() - start, last};
}

Outcome epoch(bool quick) {
  auto data = torch::randn({kExamples, kFeatures});
  auto labels = torch::randint(0, 10, {kExamples});
  Net net(kFeatures, 128, 10);
  torch::nn::CrossEntropyLoss criterion;
  torch::optim::SGD optimizer(net->parameters(), 0.01);
  int64_t n = quick ? kExamples / 4 : kExamples;
  double last = 0, start = now();
  auto order = torch::randperm(kExamples);
  for (int64_t i = 0; i < n; i += kBatch) {
    auto batch = order.narrow(0, i, std::min(kBatch, kExamples - i));
    optimizer.zero_grad();
    auto outputs = net(data.index_select(0, batch));
    auto loss = criterion(outputs, labels.index_select(0, batch));
    loss.backward();
    optimizer.step();
    if (i + kBatch >= n) last = loss.item<double>();
  }
  return {now() - start, last};
}

std::vector<float> numbers() {
  std::vector<float> data(kFloats);
  for (int64_t i = 0; i < kFloats; ++i) data[i] = static_cast<float>(i % 1000);
  return data;
}

Outcome from_slice(bool quick) {
  auto data = numbers();
  double seconds = per_call(quick, 100, [&](int n) {
    for (int i = 0; i < n; ++i) auto x = torch::from_blob(data.data(), {kFloats}).clone();
  });
  return {seconds, torch::from_blob(data.data(), {kFloats}).mean().item<double>()};
}

Outcome to_slice(bool quick) {
  auto data = numbers();
  auto x = torch::from_blob(data.data(), {kFloats}).clone();
  float last = 0;
  double seconds = per_call(quick, 100, [&](int n) {
    for (int i = 0; i < n; ++i) {
      const float* p = x.const_data_ptr<float>();
      std::vector<float> copy(p, p + x.numel());
      last = copy.back();
    }
  });
  return {seconds, last};
}

const std::map<std::string, std::function<Outcome(bool)>> kBenchmarks = {
    {"startup", startup},
    {"add", add},
    {"linear", linear},
    {"smallnet", smallnet},
    {"fullbatch", fullbatch},
    {"epoch", epoch},
    {"from-slice", from_slice},
    {"to-slice", to_slice},
    {"gpt", gpt},
    {"resnet18", resnet18},
    {"encoder", encoder},
};

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return usage.ru_maxrss / double(1 << 20);
#else
  return usage.ru_maxrss / double(1 << 10);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  std::string name;
  int threads = 1;
  bool quick = false;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "-quick")) quick = true;
    if (!std::strcmp(argv[i], "-name") && i + 1 < argc) name = argv[++i];
    if (!std::strcmp(argv[i], "-threads") && i + 1 < argc) threads = std::stoi(argv[++i]);
  }
  auto benchmark = kBenchmarks.find(name);
  if (benchmark == kBenchmarks.end()) {
    std::fprintf(stderr, "cppbench: no benchmark \"%s\"\n", name.c_str());
    return 2;
  }
  if (name != "startup") {
    torch::set_num_threads(threads);
    torch::manual_seed(0);
  }
  Outcome outcome = benchmark->second(quick);
  std::printf(R"({"name":"%s","seconds":%.9g,"peak_rss_mb":%.6g,"torch":"%s","threads":%d,"check":%.17g})"
              "\n",
              name.c_str(), outcome.seconds, peak_mb(), TORCH_VERSION, torch::get_num_threads(), outcome.check);
  return 0;
}
