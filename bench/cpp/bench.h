// What the benchmarks share.
#pragma once

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <vector>

struct Outcome {
  double seconds, check;
};

inline double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds of one of the n calls that f makes: the median of several runs after
// one that does not count.
template <class F>
double per_call(bool quick, int n, F f) {
  int runs = 9;
  if (quick) runs = 3, n = std::max(n / 10, 1);
  f(n);
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    double start = now();
    f(n);
    times.push_back((now() - start) / n);
  }
  std::sort(times.begin(), times.end());
  return times[runs / 2];
}

// Of models.cc.
Outcome gpt(bool quick);
Outcome resnet18(bool quick);
Outcome encoder(bool quick);
