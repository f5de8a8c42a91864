"""Golden cases of RNN, LSTM, GRU and their cells: torch/nn/testdata/recurrent.json.gz.
torch/nn/recurrent_test.go has the same modules in Go, by name."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from .errors import errors
from .modules import case

g = torch.Generator().manual_seed(41)


def randn(*size, dtype=torch.float32):
    return torch.randn(*size, generator=g, dtype=dtype)


def with_states(module, x, *states):
    return module(x, states[0] if len(states) == 1 else states)


def packed(lengths, **options):
    """Calls a module with the packed input and gives the output's data and the states."""

    def call(module, x, *states):
        p = pack_padded_sequence(x, lengths, **options)
        state = None if not states else states[0] if len(states) == 1 else states
        output, last = module(p, state)
        assert isinstance(output, PackedSequence)
        return output.data, last

    return call


def cases():
    x = randn(4, 3, 2)
    unbatched = randn(4, 2)
    h, h2, h4 = randn(1, 3, 3), randn(2, 3, 3), randn(4, 3, 3)
    p4 = randn(4, 3, 1)
    unsorted = packed([2, 4, 3], enforce_sorted=False)
    modules = [
        case("rnn", lambda: nn.RNN(2, 3), x),
        case("rnn relu", lambda: nn.RNN(2, 3, num_layers=2, nonlinearity="relu", bias=False), x, h2, call=with_states),
        case("rnn bidirectional", lambda: nn.RNN(2, 3, bidirectional=True, batch_first=True), x, train=False),
        case("rnn packed", lambda: nn.RNN(2, 3, nonlinearity="relu", bidirectional=True), x, h2, call=unsorted),
        case("rnn unbatched", lambda: nn.RNN(2, 3), unbatched, h[:, 0], call=with_states),
        case("gru", lambda: nn.GRU(2, 3), x),
        case("gru options", lambda: nn.GRU(2, 3, 2, True, True, 0.5, True), x.transpose(0, 1), h4, call=with_states),
        case("gru without bias", lambda: nn.GRU(2, 3, bias=False, dtype=torch.float64), x.double(), train=False),
        case("gru packed", lambda: nn.GRU(2, 3, num_layers=2, dropout=0.3), x, call=packed([4, 3, 1])),
        case("gru packed unsorted", lambda: nn.GRU(2, 3, bidirectional=True), x, h2, call=unsorted, train=False),
        case("gru unbatched", lambda: nn.GRU(2, 3, batch_first=True), unbatched),
        case("lstm", lambda: nn.LSTM(2, 3), x),
        case("lstm eval", lambda: nn.LSTM(2, 3, num_layers=2, dropout=0.5), x, train=False),
        case("lstm options", lambda: nn.LSTM(2, 3, 2, False, True, 0.25, True), x.transpose(0, 1), h4, h4 + 1, call=with_states),
        case("lstm projected", lambda: nn.LSTM(2, 3, num_layers=2, bidirectional=True, proj_size=1), x, p4, h4, call=with_states),
        case("lstm projected without bias", lambda: nn.LSTM(2, 3, bias=False, proj_size=2, dropout=1.0, num_layers=2), x),
        case("lstm packed", lambda: nn.LSTM(2, 3), x, call=packed([4, 2, 2])),
        case("lstm packed unsorted", lambda: nn.LSTM(2, 3, num_layers=2, bidirectional=True, batch_first=True), x.transpose(0, 1), h4, h4 - 1,
             call=packed([1, 4, 2], enforce_sorted=False, batch_first=True)),
        case("lstm unbatched", lambda: nn.LSTM(2, 3), unbatched, h[:, 0], h[:, 1], call=with_states),
        case("rnn cell", lambda: nn.RNNCell(2, 3), x[0]),
        case("rnn cell relu", lambda: nn.RNNCell(2, 3, bias=False, nonlinearity="relu"), x[0], h[0], call=with_states),
        case("gru cell", lambda: nn.GRUCell(2, 3), x[0], h[0], call=with_states),
        case("gru cell unbatched", lambda: nn.GRUCell(2, 3, bias=False), x[0, 0], h[0, 0], call=with_states, train=False),
        case("lstm cell", lambda: nn.LSTMCell(2, 3), x[0], h[0], h[0] + 1, call=with_states),
        case("lstm cell unbatched", lambda: nn.LSTMCell(2, 3, bias=False), x[0, 0]),
    ]
    zeros = torch.zeros
    return {
        "modules": modules,
        "errors": errors({
            "nonlinearity": lambda: nn.RNN(2, 3, nonlinearity="sin"),
            "dropout": lambda: nn.GRU(2, 3, dropout=1.5),
            "input size": lambda: nn.LSTM(0, 3),
            "hidden size": lambda: nn.LSTM(2, 0),
            "layers": lambda: nn.LSTM(2, 3, num_layers=0),
            "projected gru": lambda: nn.GRU(2, 3, proj_size=1),
            "negative projection": lambda: nn.LSTM(2, 3, proj_size=-1),
            "large projection": lambda: nn.LSTM(2, 3, proj_size=3),
            "rnn dimensions": lambda: nn.RNN(2, 3)(zeros(2)),
            "lstm dimensions": lambda: nn.LSTM(2, 3)(zeros(1, 1, 1, 2)),
            "features": lambda: nn.GRU(2, 3)(zeros(4, 3)),
            "dtype": lambda: nn.LSTM(2, 3)(zeros(4, 2, dtype=torch.float64)),
            "packed dimensions": lambda: nn.GRU(2, 3)(pack_padded_sequence(zeros(2, 1, 2, 2), [2])),
            "hidden dimensions": lambda: nn.RNN(2, 3)(zeros(4, 2), zeros(1, 1, 3)),
            "hidden dimensions batched": lambda: nn.GRU(2, 3)(zeros(4, 1, 2), zeros(1, 3)),
            "cell dimensions": lambda: nn.LSTM(2, 3)(zeros(4, 1, 2), (zeros(1, 1, 3), zeros(1, 3))),
            "hidden": lambda: nn.RNN(2, 3)(zeros(4, 5, 2), zeros(1, 4, 3)),
            "packed hidden": lambda: nn.RNN(2, 3)(pack_padded_sequence(zeros(2, 1, 2), [2]), zeros(1, 4, 3)),
            "hidden of lstm": lambda: nn.LSTM(2, 3, proj_size=1)(zeros(4, 5, 2), (zeros(1, 5, 3), zeros(1, 5, 3))),
            "cell of lstm": lambda: nn.LSTM(2, 3)(zeros(4, 5, 2), (zeros(1, 5, 3), zeros(1, 5, 1))),
            "cell nonlinearity": lambda: nn.RNNCell(2, 3, nonlinearity="sin")(zeros(1, 2)),
            "cell input": lambda: nn.RNNCell(2, 3)(zeros(1, 1, 2)),
            "cell hidden": lambda: nn.GRUCell(2, 3)(zeros(1, 2), zeros(1, 1, 3)),
            "lstm cell hidden": lambda: nn.LSTMCell(2, 3)(zeros(1, 2), (zeros(1, 3), zeros(1, 1, 3))),
            "cell features": lambda: nn.GRUCell(2, 3)(zeros(1, 4)),
        }),
    }
