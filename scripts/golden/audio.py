"""Golden cases for torch/audio/transforms and functional: torch/audio/transforms/testdata/audio.json.gz.

They need torchaudio 2.11.1, without its other dependencies.
"""

import torch
import torchaudio.functional as f
import torchaudio.transforms as t

from .tensors import encode


def cases():
    g = torch.Generator().manual_seed(0)
    wave = torch.rand(2, 400, generator=g) * 2 - 1
    layers = {
        "spectrogram": t.Spectrogram(n_fft=64),
        "spectrogram options": t.Spectrogram(n_fft=64, win_length=48, hop_length=20, pad=5, window_fn=torch.hamming_window, power=1.0,
                                             normalized=True, center=False, onesided=False),
        "spectrogram frame length": t.Spectrogram(n_fft=50, power=3.0, normalized="frame_length", pad_mode="replicate"),
        "spectrogram complex": t.Spectrogram(n_fft=32, power=None),
        "mel spectrogram": t.MelSpectrogram(n_fft=128, n_mels=10),
        "mel spectrogram options": t.MelSpectrogram(8000, n_fft=128, win_length=100, hop_length=40, f_min=50.0, f_max=3500.0, n_mels=12, power=1.0,
                                                    norm="slaney", mel_scale="slaney"),
        "mfcc": t.MFCC(n_mfcc=6, melkwargs={"n_fft": 128, "n_mels": 12}),
        "mfcc options": t.MFCC(8000, n_mfcc=5, norm=None, log_mels=True, melkwargs={"n_fft": 128, "n_mels": 12}),
        "resample": t.Resample(16000, 12000),
        "resample kaiser": t.Resample(8000, 11025, resampling_method="sinc_interp_kaiser", lowpass_filter_width=4, rolloff=0.9, beta=10.0),
        "resample float64": t.Resample(3, 2, dtype=torch.float64),
        "resample same": t.Resample(8000, 8000),
    }
    db = torch.rand(3, 2, 4, 5, generator=g) * 100
    short = wave[0, :50].contiguous()
    return {
        "wave": encode(wave),
        "layers": {n: {"y": encode(layer(wave.double() if n.endswith("float64") else wave)), "keys": list(layer.state_dict())} for n, layer in layers.items()},
        "db": encode(db),
        "decibels": {
            "power": encode(t.AmplitudeToDB()(db)),
            "magnitude": encode(t.AmplitudeToDB("magnitude", 6.0)(db)),
            "two dims": encode(t.AmplitudeToDB(top_db=3.0)(db[0, 0])),
        },
        "fbanks": {
            "htk": encode(f.melscale_fbanks(20, 0.0, 4000.0, 6, 8000)),
            "slaney": encode(f.melscale_fbanks(33, 100.0, 7000.0, 8, 16000, "slaney", "slaney")),
        },
        "dct": {"ortho": encode(f.create_dct(4, 6, "ortho").contiguous()), "none": encode(f.create_dct(4, 6, None).contiguous())},
        "short": encode(short),
        "resampled": {
            "up": encode(f.resample(short, 1, 3)),
            "down": encode(f.resample(short.double(), 44100, 8000)),
            "kaiser": encode(f.resample(short, 3, 2, resampling_method="sinc_interp_kaiser")),
        },
    }
