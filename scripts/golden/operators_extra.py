"""Arguments for operators that PyTorch has no samples of: Go function → lists of
arguments by position."""

import torch


def extra():
    g = torch.Generator().manual_seed(0)

    def f(*size, dtype=torch.float32):
        return torch.randn(size, generator=g, dtype=dtype)

    def p(*size):
        return torch.rand(size, generator=g)

    def i(high, *size):
        return torch.randint(0, high, size, generator=g)

    scale, zero = torch.tensor([0.1, 0.2]), torch.tensor([0, 1])
    lstm = [f(8, 3), f(8, 2), f(8), f(8)]
    gru = [f(6, 3), f(6, 2), f(6), f(6)]
    rnn = [f(2, 3), f(2, 2), f(2), f(2)]
    packed, sizes = f(6, 3), torch.tensor([3, 2, 1])
    pools = {
        "MaxPool1d": [f(1, 2, 8), [3], [2], [1], [1], True],
        "MaxPool1dWithIndices": [f(1, 2, 8), [3], [2]],
        "MaxPool2d": [f(1, 2, 5, 5), [2, 3], [2, 1], [1, 1], [1, 1], True],
        "MaxPool2dWithIndices": [f(2, 5, 5), [2], [2]],
        "MaxPool3d": [f(1, 1, 3, 3, 4), [2], [1], [0], [1], False],
        "MaxPool3dWithIndices": [f(1, 3, 3, 4), [2], [1]],
        "AdaptiveMaxPool1dWithIndices": [f(1, 2, 7), [3]],
        "AdaptiveMaxPool2dWithIndices": [f(1, 2, 5, 4), [3, 2]],
        "AdaptiveMaxPool3dWithIndices": [f(1, 2, 3, 4, 3), [2, 2, 2]],
        "ConvTBC": [f(5, 2, 3), f(3, 3, 4), f(4), 1],
        "NativeChannelShuffle": [f(1, 4, 2, 2), 2],
    }
    cases = {f"functional.{name}": [args] for name, args in pools.items()}
    cases |= {f"torch.{name}": [args] for name, args in pools.items() if not name.startswith("Adaptive") and name[:9] not in ("MaxPool2dW", "MaxPool3dW")}
    for name in ("torch.MaxPool2dWithIndices", "torch.MaxPool3dWithIndices"):
        cases.pop(name, None)
    cases |= {
        "fft.FFTFreq": [[5], [4, 0.5]],
        "fft.RFFTFreq": [[5], [4, 0.5]],
        "functional.LogSigmoid": [[f(3, 4)]],
        "functional.ScaledDotProductAttention": [[f(1, 2, 3, 4), f(1, 2, 3, 4), f(1, 2, 3, 4)],
                                                 [f(1, 3, 4), f(1, 2, 4), f(1, 2, 4), f(3, 2), 0.0, False, 0.3]],
        "special.Gammainc": [[p(5) * 3, p(5) * 2]],
        "special.Gammaincc": [[p(5) * 3, p(5) * 2]],
        "special.Polygamma": [[1, p(5) + 0.5], [0, p(2)]],
        "torch.Polygamma": [[1, p(5) + 0.5], [3, p(2)]],
        "torch.AdaptiveMaxPool1d": [[f(1, 2, 7), [3]]],
        "torch.AffineGridGenerator": [[f(1, 2, 3), [1, 1, 2, 3], False]],
        "torch.AlphaDropout": [[f(3, 4), 0.5, True], [f(3), 0.5, False]],
        "torch.BatchNorm": [[f(3, 2), f(2), f(2), f(2), p(2), False, 0.1, 1e-5, False], [f(4, 2, 3), None, None, None, None, True, 0.1, 1e-5, False]],
        "torch.BernoulliInplace": [[f(4, 4), 0.3]],
        "torch.BernoulliP": [[f(4, 4), 0.3]],
        "torch.Binomial": [[torch.tensor([10.0, 20.0, 3.0]), p(3)]],
        "torch.CanCast": [[torch.float64, torch.int64], [torch.int64, torch.float32]],
        "torch.CauchyInplace": [[f(5)], [f(3), 1.0, 2.0]],
        "torch.Cdist": [[f(3, 2), f(4, 2)], [f(1, 3, 2), f(1, 2, 2), 1.0]],
        "torch.ChainMatmul": [[[f(2, 3), f(3, 4), f(4, 2)]]],
        "torch.Data": [[f(3)]],
        "torch.Detach": [[f(3)]],
        "torch.DetachCopy": [[f(3)]],
        "torch.Dropout": [[f(4, 4), 0.4, True], [f(3), 0.4, False]],
        "torch.EmbeddingRenormInplace": [[f(4, 3) * 3, i(4, 2), 1.0, 2.0]],
        "torch.ExponentialInplace": [[f(5)], [f(3), 2.5]],
        "torch.FakeQuantizePerChannelAffine": [[f(2, 3), scale, zero.int(), 0, 0, 255]],
        "torch.FakeQuantizePerTensorAffine": [[f(2, 3), 0.1, 3, 0, 255]],
        "torch.FakeQuantizePerTensorAffineTensor": [[f(2, 3), torch.tensor(0.1), torch.tensor(3, dtype=torch.int32), 0, 255]],
        "torch.FeatureAlphaDropout": [[f(2, 3, 2), 0.5, True]],
        "torch.FeatureDropout": [[f(2, 3, 2), 0.5, True]],
        "torch.FillDiagonalInplace": [[f(4, 3), 7.5], [f(7, 2), 1, True]],
        "torch.GRU": [[f(4, 2, 3), f(1, 2, 2), gru, True, 1, 0.0, True, False, False]],
        "torch.GRUPacked": [[packed, sizes, f(1, 3, 2), gru, True, 1, 0.0, True, False]],
        "torch.GRUCell": [[f(4, 3), f(4, 2), *gru]],
        "torch.LSTM": [[f(4, 2, 3), [f(1, 2, 2), f(1, 2, 2)], lstm, True, 1, 0.0, True, False, False]],
        "torch.LSTMPacked": [[packed, sizes, [f(1, 3, 2), f(1, 3, 2)], lstm, True, 1, 0.0, True, False]],
        "torch.LSTMCell": [[f(4, 3), [f(4, 2), f(4, 2)], *lstm]],
        "torch.RNNTanh": [[f(4, 2, 3), f(1, 2, 2), rnn, True, 1, 0.0, True, False, False]],
        "torch.RNNTanhPacked": [[packed, sizes, f(1, 3, 2), rnn, True, 1, 0.0, True, False]],
        "torch.RNNTanhCell": [[f(4, 3), f(4, 2), *rnn]],
        "torch.RNNReLU": [[f(4, 2, 3), f(1, 2, 2), rnn, True, 1, 0.0, True, False, False]],
        "torch.RNNReLUPacked": [[packed, sizes, f(1, 3, 2), rnn, True, 1, 0.0, True, False]],
        "torch.RNNReLUCell": [[f(4, 3), f(4, 2), *rnn]],
        "torch.GeometricInplace": [[f(5), 0.3]],
        "torch.GridSampler": [[f(1, 1, 3, 3), p(1, 2, 2, 2) * 2 - 1, 0, 0, False]],
        "torch.InstanceNorm": [[f(2, 3, 4), f(3), f(3), None, None, True, 0.1, 1e-5, False]],
        "torch.IsComplex": [[f(2)], [f(2, dtype=torch.complex64)]],
        "torch.IsConj": [[f(2)]],
        "torch.IsDistributed": [[f(2)]],
        "torch.IsFloatingPoint": [[f(2)], [i(3, 2)]],
        "torch.IsNeg": [[f(2)]],
        "torch.IsNonzero": [[f(1)], [torch.zeros(1, 1)]],
        "torch.IsPinned": [[f(2)]],
        "torch.IsSameSize": [[f(2), f(2)], [f(2), f(3)]],
        "torch.IsSetTo": [[f(2), f(2)]],
        "torch.IsSigned": [[f(2)], [i(3, 2).byte()]],
        "torch.LogNormalInplace": [[f(5)], [f(3), 0.5, 0.25]],
        "torch.Movedim": [[f(2, 3, 4), 0, 2]],
        "torch.NativeDropout": [[f(4, 4), 0.4, True]],
        "torch.NormExceptDim": [[f(3, 4)], [f(3, 4), 2, 1]],
        "torch.OutputNr": [[f(2)]],
        "torch.Poisson": [[p(6) * 5]],
        "torch.PromoteTypes": [[torch.int64, torch.float32], [torch.uint8, torch.int8]],
        "torch.RandomInplace": [[f(5)], [i(5, 4).byte()]],
        "torch.RandomRangeInplace": [[i(5, 6), 3, 9]],
        "torch.Range": [[0, 4, 1], [1.0, 2.5, 0.5]],
        "torch.RepeatIndices": [[torch.tensor([2, 0, 3])]],
        "torch.ResultType": [[f(2), i(3, 2)], [i(3, 2), 1.5], [2.5, i(3, 2)]],
        "torch.ScalarTensor": [[3], [2.5]],
        "torch.SegmentReduce": [[f(6), "sum", torch.tensor([1, 3, 2])], [f(6), "max", torch.tensor([2, 4])]],
        "torch.SelectCopy": [[f(3, 4), 1, 2]],
        "torch.SliceCopy": [[f(6), 0, 1, 5, 2], [f(3, 4)]],
        "torch.SliceScatter": [[f(6), f(2), 0, 1, 5, 2], [f(3, 4), f(3, 4)]],
        "torch.Slogdet": [[f(3, 3)], [f(2, 2, 2)]],
        "torch.SplitCopy": [[f(5, 2), 2], [f(3, 4), 3, 1]],
        "torch.SqueezeCopy": [[f(1, 3, 1)]],
        "torch.TensordotDims": [[f(2, 3, 4), f(4, 3, 2), [1, 2], [1, 0]]],
        "torch.TransposeInplace": [[f(2, 3), 0, 1]],
        "torch.TrilIndices": [[3, 4], [3, 3, 1]],
        "torch.TriuIndices": [[3, 4], [3, 3, 1]],
        "torch.TypeAs": [[f(3), i(3, 1)]],
        "torch.UnsafeSplitWithSizes": [[f(5), [2, 3]]],
        "torch.Vander": [[f(3)], [f(3), 2, True]],
        "torch.ViewAsComplexCopy": [[f(3, 2)]],
        "torch.ViewAsRealCopy": [[f(3, dtype=torch.complex64)]],
    }
    # Further ones come last, so that the random numbers of those above stay.
    cases |= {
        "torch.AlphaDropoutInplace": [[f(3, 4), 0.5, True]],
        "torch.CELU": [[f(3, 4)], [f(3), 0.5]],
        "torch.DropoutInplace": [[f(4, 4), 0.4, True]],
        "torch.FeatureAlphaDropoutInplace": [[f(2, 3, 2), 0.5, True]],
        "torch.FeatureDropoutInplace": [[f(2, 3, 2), 0.5, True]],
        "torch.PolygammaInplace": [[p(5) + 0.5, 1], [p(2), 0]],
        "torch.RReLU": [[f(3, 4), 0.1, 0.3, True], [f(3)]],
        "torch.SELUInplace": [[f(3, 4)]],
        "torch.ThresholdInplace": [[f(3, 4), 0.1, 20.0]],
    }
    strided = [[f(1, 1, 4, 4, 4), f(1, 1, 4, 4, 4), f(1), [2, 2, 2]], [f(1, 4, 4, 4, dtype=torch.float64), f(1, 1, 4, 4, 4, dtype=torch.float64), None, [2, 2, 2]]]
    cases |= {"functional.Conv3d": strided, "torch.Conv3d": strided}
    return cases
