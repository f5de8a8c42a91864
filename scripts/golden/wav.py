"""Golden cases for torch/audio: torch/audio/testdata/wav.json, WAV files that Python's wave
module and struct write, and their samples."""

import base64
import io
import struct
import wave

import torch

from .tensors import encode


def pcm(width, channels, rate, values):
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setparams((channels, width, rate, 0, "NONE", ""))
        w.writeframes(b"".join((v + 128).to_bytes(1, "little") if width == 1 else v.to_bytes(width, "little", signed=True) for v in values))
    waveform = torch.tensor(values, dtype=torch.float64).div(2 ** (8 * width - 1)).float().view(-1, channels).T
    return case(out.getvalue(), rate, waveform)


def case(data, rate, waveform):
    return {"wav": base64.b64encode(data).decode(), "rate": rate, "waveform": encode(waveform)}


def chunks(*parts):
    body = b"WAVE" + b"".join(name + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2 if size is None else 0) for name, data, size in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def form(kind, channels, rate, bits):
    return struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)


def cases():
    floats = [0.0, 0.5, -0.75, 1.5, 1e-10, -1.0]
    f32, f64 = struct.pack("<6f", *floats), struct.pack("<6d", *floats)
    waveform = torch.tensor(floats).view(-1, 2).T
    ints = struct.pack("<6h", 0, 1, -1, 32767, -32768, 100)
    int_waveform = torch.tensor([0, 1, -1, 32767, -32768, 100]).div(32768).view(1, -1)
    extensible = form(0xFFFE, 1, 8000, 16) + struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    return {"files": {
        "uint8": pcm(1, 1, 8000, [0, 1, -1, 127, -128, 5]),
        "int16": pcm(2, 2, 16000, [0, 1, -1, 32767, -32768, 100, 5, 6, 7, 8, 9, 10]),
        "int24": pcm(3, 1, 44100, [0, 1, -1, 8388607, -8388608, 12345]),
        "int32": pcm(4, 2, 48000, [0, 1, -1, 2**31 - 1, -(2**31), 1234567891]),
        "float32": case(chunks((b"fmt ", form(3, 2, 8000, 32), None), (b"data", f32, None)), 8000, waveform),
        "float64": case(chunks((b"fmt ", form(3, 2, 8000, 64), None), (b"data", f64, None)), 8000, torch.tensor(floats, dtype=torch.float64).float().view(-1, 2).T),
        "extensible": case(chunks((b"fmt ", extensible, None), (b"data", ints, None)), 8000, int_waveform),
        "other chunks": case(chunks((b"LIST", b"odd", None), (b"fmt ", form(1, 1, 8000, 16) + b"\0\0", None), (b"fact", b"\0" * 4, None),
                                    (b"data", ints, None), (b"LIST", b"end", None)), 8000, int_waveform),
        "pipe": case(chunks((b"fmt ", form(1, 1, 8000, 16), None), (b"data", ints + b"\1", 0xFFFFFFFF)), 8000, int_waveform),
    }}
