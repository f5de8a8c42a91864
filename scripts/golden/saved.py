"""Files that torch.save writes, for torch.Load: torch/testdata/saved/*.pt."""

import io
import pickle
import struct
import zipfile
from collections import Counter, OrderedDict

import torch

DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bfloat16", "complex64", "complex128",
          "complex32", "bool", "uint16", "uint32", "uint64", "float8_e5m2", "float8_e4m3fn", "float8_e5m2fnuz", "float8_e4m3fnuz"]
BYTES = ["float8_e8m0fnu", "float4_e2m1fn_x2"]  # that little can be computed with


def values():
    return {
        "none": None, "yes": True, "no": False, "text": "größer \u2713", "bytes": b"\x00a\xff",
        "ints": [0, 255, 256, 65535, 65536, -1, -2**31, 2**31, 2**63 - 1, -2**63], "huge": [2**63, -2**70, 2**200],
        "floats": [0.0, 3.25, -1e300, float("inf")], "complex": 1.5 - 2j,
        "list": [1, [2, "x", []]], "tuple": (), "tuples": [(1,), (1, 2), (1, "a", None), (1, 2, 3, (4,))],
        "dict": {"a": {"b": {}}}, "numbered": {2: "two", 1: "one"}, "mixed": {1: "a", "b": 2},
        "ordered": OrderedDict([("z", 1), ("a", OrderedDict())]), "counter": Counter([5, 8, 8]), "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16, "devices": [torch.device("cpu"), torch.device("cuda:1")],
    }


def dtypes():
    return OrderedDict((name, torch.tensor([[0., 1, 2], [3, 4, 1]]).to(getattr(torch, name))) for name in DTYPES)


def bytes_of_dtypes():
    return {name: torch.tensor([[127, 128], [126, 0]], dtype=torch.uint8).view(getattr(torch, name)) for name in BYTES}


def views():
    """Tensors that share memory, in all ways to lie in it."""
    base = torch.arange(12.).view(3, 4)
    z = torch.tensor([1 + 2j, 3 - 4j])
    return {"base": base, "transposed": base.t(), "row": base[1], "column": base[:, 2], "scalar": base[2, 3],
            "again": base, "tail": base.flatten()[5:], "empty": torch.empty(0, 3), "expanded": torch.ones(1, 2).expand(3, 2),
            "channels_last": torch.arange(12.).view(1, 3, 2, 2).to(memory_format=torch.channels_last),
            "conj": z.conj(), "neg": torch._neg_view(torch.tensor([5., -6.])), "z": z}


def gradients():
    x = torch.tensor([1., 2.], requires_grad=True)
    return {"leaf": x, "made": x * 2, "parameter": torch.nn.Parameter(torch.ones(2)),
            "frozen": torch.nn.Parameter(torch.ones(2), requires_grad=False)}


def meta():
    """Tensors without elements."""
    x = torch.empty(3, 2, device="meta", dtype=torch.float16)
    return {"x": x, "transposed": x.t(), "huge": torch.empty(1 << 20, 1 << 20, device="meta"),
            "parameter": torch.nn.Parameter(torch.empty(2, device="meta"))}


def containers():
    """What Python has besides, and Go has types of its own for."""
    itself = [1]
    itself.append(itself)
    around = {"a": 1}
    around["around"] = around
    x = torch.arange(4, dtype=torch.uint8)
    return {"set": {1, "a", (2, 3)}, "bytearray": bytearray(b"ab\xff"), "layouts": [torch.strided, torch.sparse_csr],
            "schemes": [torch.per_tensor_affine, torch.per_channel_affine], "itself": itself, "around": around,
            "keys": {(1, "a"): 1, (1, ("b", None)): 2, 3.5: 3, torch.float16: 4, torch.device("cpu"): 5, None: 6},
            "ordered keys": OrderedDict([((1, 2), "x")]), "x": x, "untyped": x.untyped_storage(),
            "typed": torch.arange(3.).storage(), "empty": set()}


def layouts():
    """Sparse and quantized tensors."""
    x = torch.tensor([[0., 1, 0, 2], [0, 0, 0, 0], [3, 0, 0, 0], [0, 0, 4, 5]])
    twice = torch.sparse_coo_tensor([[0, 0, 2]], [1., 2., 3.], (4,))
    hybrid = torch.sparse_coo_tensor([[0, 2]], [[1., 2.], [3., 4.]], (3, 2))
    per_channel = torch.quantize_per_channel(x, torch.tensor([.1, .2, .3, .4]), torch.tensor([0, 1, 2, 3]), 0, torch.qint8)
    return {"coo": x.to_sparse(), "twice": twice, "hybrid": hybrid, "csr": x.to_sparse_csr(), "csc": x.to_sparse_csc(),
            "bsr": x.to_sparse_bsr((2, 2)), "bsc": x.to_sparse_bsc((2, 2)), "int32": torch.sparse_csr_tensor(
                torch.tensor([0, 1, 2], dtype=torch.int32), torch.tensor([0, 1], dtype=torch.int32), torch.tensor([1., 2.])),
            "qint8": torch.quantize_per_tensor(x, .5, 1, torch.qint8), "quint8": torch.quantize_per_tensor(x, .25, 3, torch.quint8),
            "qint32": torch.quantize_per_tensor(x, .125, 0, torch.qint32), "per_channel": per_channel,
            "transposed": torch.quantize_per_tensor(x, .5, 1, torch.qint8).t()[1:]}


def attributes():
    """Python objects with attributes: a buffer, a parameter, a state dict."""
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.note = "x"
    return {"buffer": torch.nn.Buffer(torch.zeros(2)), "parameter": parameter, "state": net().state_dict()}


def big_endian(archive):
    """A file as a machine of the other order of bytes writes it; all storages have one dtype each."""
    source = zipfile.ZipFile(io.BytesIO(archive))
    sizes = {"0": 1, "1": 2, "2": 4, "3": 8, "4": 4}  # bytes of a number, by the storage
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in name:
                n = sizes[name.rsplit("/", 1)[1]]
                data = b"".join(data[i:i + n][::-1] for i in range(0, len(data), n))
            target.writestr(zipfile.ZipInfo(name), data)  # without the time of day
    return out.getvalue()


def numbers():
    """Tensors of numbers of 1 to 16 bytes, for the other order of bytes."""
    return [torch.tensor([1, 2], dtype=torch.int8), torch.tensor([1, -2], dtype=torch.int16), torch.tensor([.5, -2]),
            torch.tensor([.5, -2], dtype=torch.float64), torch.tensor([1 + 2j, -3 - .5j])]


def net():
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2), torch.nn.Linear(2, 1))


def trained(optimizer, model):
    for i in range(3):
        optimizer.zero_grad()
        model(torch.arange(12.).view(4, 3) / (i + 2)).square().sum().backward()
        optimizer.step()
    return optimizer.state_dict()


def checkpoint():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    return {"epoch": 3, "optimizer": trained(optimizer, model), "model": model.state_dict(), "scheduler": scheduler.state_dict(),
            "losses": [0.5, 0.25], "best": (2, 0.25), "rng": torch.get_rng_state()}


def adam():
    model = net()
    weights = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() < 2]
    return trained(torch.optim.AdamW([{"params": weights}, {"params": rest, "weight_decay": 0.0}], amsgrad=True), model)


def multistep():
    """A scheduler's state after 5 epochs, and the learning rates that follow."""
    optimizer = torch.optim.SGD(net().parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 7, 7, 9], gamma=0.5)
    rates = []
    for epoch in range(10):
        optimizer.step()
        scheduler.step()
        if epoch == 4:
            state, groups = dict(scheduler.state_dict()), optimizer.state_dict()
        elif epoch > 4:
            rates += scheduler.get_last_lr()
    return {"scheduler": state, "optimizer": groups, "rates": rates}


def cases():
    """The files' contents by their names."""
    files = {f.__name__ + ".pt": saved(f()) for f in [values, dtypes, views, gradients, checkpoint, adam, multistep, meta,
                                                       containers, layouts, attributes, bytes_of_dtypes]}
    files["state_dict.pt"] = saved(net().state_dict())
    files["protocol4.pt"] = saved([1, "two"], pickle_protocol=4)
    legacy = {"values": values(), "views": views(), "gradients": gradients(), "layouts": layouts(), "attributes": attributes(),
              "checkpoint": checkpoint(), "containers": containers()}
    del legacy["layouts"]["per_channel"], legacy["containers"]["untyped"]  # which Python cannot read again
    for name, value in legacy.items():
        files[f"legacy_{name}.pt"] = numbered(value)
    files["part.pt"] = part()
    files["big_endian.pt"] = big_endian(saved(numbers()))
    files["global.pt"] = saved([io.BytesIO(b"not data")])
    return files


def numbered(value):
    """A file of the old format whose storages have numbers for keys, and not their addresses."""
    numbers = {}

    class Numbered(str):
        def __new__(cls, address):
            return str(f"{numbers.setdefault(address, len(numbers)):04}") if isinstance(address, int) else str(address)

    torch.serialization.str = Numbered
    try:
        return saved(value, _use_new_zipfile_serialization=False)
    finally:
        del torch.serialization.str


class Part:
    """Pickles as the storage that it stands for in old files."""

    def __init__(self, *id):
        self.id = id


def part():
    """A file of PyTorch 0.1.12 or so, whose storages may be parts of others: 2 elements from the third on."""
    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return value.id if isinstance(value, Part) else None

    def rebuilt(storage):
        class Made:
            def __reduce__(self):
                return torch._utils._rebuild_tensor, (storage, 0, (2,), (1,))
        return Made()

    out = io.BytesIO()
    for value in 0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}:
        pickle.dump(value, out, 2)
    root = ("storage", torch.FloatStorage, "9", "cpu", 5)
    Pickler(out, 2).dump({"part": rebuilt(Part(*root, ("10", 2, 2))), "root": rebuilt(Part(*root, None))})
    pickle.dump(["9"], out, 2)
    out.write(struct.pack("<q5f", 5, 0, 1, 2, 3, 4))
    return out.getvalue()


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()
