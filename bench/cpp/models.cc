// Larger models: the GPT of examples/gpt, ResNet-18 and a transformer's encoder.
#include <torch/version.h>

#include "bench.h"

namespace {

namespace nn = torch::nn;
using torch::Tensor;

// Gives a model parameters that are the same in all languages, which make modules
// in other orders.
template <class M>
void draw(M& model) {
  torch::manual_seed(0);
  for (auto& p : model->parameters()) nn::init::uniform_(p, -0.1, 0.1);
}

constexpr int64_t kVocabulary = 80, kLength = 96, kWidth = 96, kHeads = 4;

struct BlockImpl : nn::Module {
  BlockImpl()
      : norm1(register_module("norm1", nn::LayerNorm(nn::LayerNormOptions({kWidth})))),
        norm2(register_module("norm2", nn::LayerNorm(nn::LayerNormOptions({kWidth})))),
        qkv(register_module("qkv", nn::Linear(kWidth, 3 * kWidth))),
        proj(register_module("proj", nn::Linear(kWidth, kWidth))),
        mlp(register_module(
            "mlp", nn::Sequential(nn::Linear(kWidth, 4 * kWidth), nn::GELU(), nn::Linear(4 * kWidth, kWidth)))) {}

  Tensor attend(const Tensor& x) {
    auto parts = qkv(x).split(kWidth, 2);
    for (auto& part : parts) part = part.view({x.size(0), x.size(1), kHeads, -1}).transpose(1, 2);
#if TORCH_VERSION_MAJOR >= 2
    auto y = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0, true);
#else
    auto y = std::get<0>(at::_scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0, false, true));
#endif
    return proj(y.transpose(1, 2).reshape({x.size(0), x.size(1), kWidth}));
  }
  Tensor forward(Tensor x) {
    x = x + attend(norm1(x));
    return x + mlp->forward(norm2(x));
  }

  nn::LayerNorm norm1, norm2;
  nn::Linear qkv, proj;
  nn::Sequential mlp;
};
TORCH_MODULE(Block);

struct GPTImpl : nn::Module {
  GPTImpl()
      : tokens(register_module("tokens", nn::Embedding(kVocabulary, kWidth))),
        positions(register_module("positions", nn::Embedding(kLength, kWidth))),
        blocks(register_module("blocks", nn::Sequential(Block(), Block(), Block()))),
        norm(register_module("norm", nn::LayerNorm(nn::LayerNormOptions({kWidth})))),
        head(register_module("head", nn::Linear(kWidth, kVocabulary))) {}
  Tensor forward(const Tensor& x) {
    return head(norm(blocks->forward(tokens(x) + positions(torch::arange(x.size(1))))));
  }
  nn::Embedding tokens, positions;
  nn::Sequential blocks;
  nn::LayerNorm norm;
  nn::Linear head;
};
TORCH_MODULE(GPT);

nn::Conv2d convolution(int64_t in, int64_t out, int64_t size, int64_t stride) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, size).stride(stride).padding(size / 2).bias(false));
}

struct ResidualImpl : nn::Module {
  ResidualImpl(int64_t in, int64_t out, int64_t stride)
      : conv1(register_module("conv1", convolution(in, out, 3, stride))),
        bn1(register_module("bn1", nn::BatchNorm2d(out))),
        conv2(register_module("conv2", convolution(out, out, 3, 1))),
        bn2(register_module("bn2", nn::BatchNorm2d(out))) {
    if (stride == 1 && in == out) return;
    downsample = register_module("downsample", nn::Sequential(convolution(in, out, 1, stride), nn::BatchNorm2d(out)));
  }
  Tensor forward(const Tensor& x) {
    auto y = bn2(conv2(bn1(conv1(x)).relu_()));
    y += downsample ? downsample->forward(x) : x;
    return y.relu_();
  }
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Conv2d conv2;
  nn::BatchNorm2d bn2;
  nn::Sequential downsample{nullptr};
};
TORCH_MODULE(Residual);

struct ResNet18Impl : nn::Module {
  ResNet18Impl()
      : conv1(register_module("conv1", nn::Conv2d(nn::Conv2dOptions(3, 64, 7).stride(2).padding(3).bias(false)))),
        bn1(register_module("bn1", nn::BatchNorm2d(64))),
        layers(register_module("layers", nn::Sequential())),
        fc(nullptr) {
    int64_t in = 64;
    for (int64_t out : {64, 128, 256, 512}) {
      layers->push_back(Residual(in, out, out == 64 ? 1 : 2));
      layers->push_back(Residual(out, out, 1));
      in = out;
    }
    fc = register_module("fc", nn::Linear(512, 1000));
  }
  Tensor forward(Tensor x) {
    x = torch::max_pool2d(bn1(conv1(x)).relu_(), 3, 2, 1);
    x = torch::adaptive_avg_pool2d(layers->forward(x), {1, 1});
    return fc(x.flatten(1));
  }
  nn::Conv2d conv1;
  nn::BatchNorm2d bn1;
  nn::Sequential layers;
  nn::Linear fc;
};
TORCH_MODULE(ResNet18);

// Times a forward pass without gradients.
template <class M>
Outcome inference(bool quick, int n, M model, c10::IntArrayRef shape) {
  draw(model);
  model->eval();
  auto x = torch::randn(shape);
  torch::NoGradGuard no_grad;
  double seconds = per_call(quick, n, [&](int n) {
    for (int i = 0; i < n; ++i) auto y = model->forward(x);
  });
  return {seconds, model->forward(x).abs().sum().template item<double>()};
}

}  // namespace

Outcome gpt(bool quick) {
  GPT model;
  draw(model);
  torch::optim::SGD optimizer(model->parameters(), 0.01);
  auto rows = torch::randint(0, kVocabulary, {16, kLength + 1});
  auto x = rows.narrow(1, 0, kLength), y = rows.narrow(1, 1, kLength);
  auto step = [&] {
    auto scores = model(x);
    auto loss = nn::functional::cross_entropy(scores.flatten(0, 1), y.flatten());
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    return loss.item<double>();
  };
  step();  // as capturing does
  double last = 0;
  double seconds = per_call(quick, 3, [&](int n) {
    for (int i = 0; i < n; ++i) last = step();
  });
  return {seconds, last};
}

Outcome resnet18(bool quick) { return inference(quick, 3, ResNet18(), {1, 3, 224, 224}); }

Outcome encoder(bool quick) {
  nn::TransformerEncoder model(nn::TransformerEncoderLayer(256, 4), 2);
  return inference(quick, 50, model, {64, 1, 256});
}
