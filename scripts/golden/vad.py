"""What silero-vad gives for examples/vad: spans of probabilities, and the probabilities of
two short sounds, which the file has as WAV files."""

import array
import base64
import io
import math
import random
import wave

import torch
from silero_vad import load_silero_vad
from silero_vad.utils_vad import get_speech_timestamps_from_probs


def cases():
    return {"spans": spans(), "sounds": [sound(16000, 2, 0.25), sound(8000, 1, 0.5)]}


def spans():
    numbers = random.Random(1)
    options = [{}, {"max_speech_duration_s": 1.5}, {"threshold": 0.7, "min_silence_duration_ms": 200, "speech_pad_ms": 100},
               {"min_speech_duration_ms": 0, "speech_pad_ms": 0}, {"max_speech_duration_s": 0.5, "speech_pad_ms": 10},
               {"threshold": 0.1}]
    result = []
    for rate in 16000, 8000:
        for option in options:
            for _ in range(4):
                speaks, probabilities = False, []
                for _ in range(150):
                    if numbers.random() < 0.1:
                        speaks = not speaks
                    p = numbers.betavariate(6, 1) if speaks else numbers.betavariate(1, 6)
                    probabilities.append(round(p, 3))
                samples = len(probabilities) * 512 * rate // 16000 - numbers.randrange(200)
                found = get_speech_timestamps_from_probs(list(probabilities), sampling_rate=rate, audio_length_samples=samples, **option)
                result.append({"rate": rate, "options": option, "samples": samples, "probabilities": probabilities,
                               "spans": [[s["start"], s["end"]] for s in found]})
    return result


def sound(rate, channels, seconds):
    """A vowel of four tones that begins after some silence."""
    values = array.array("h")
    for i in range(round(rate * seconds)):
        at = i / rate
        voice = sum(math.sin(2 * math.pi * f * at) / n for n, f in enumerate((140, 280, 700, 1220), 1))
        loud = 6000 if at > 0.1 else 60
        values.extend([round(loud * voice * (0.6 + 0.4 * math.sin(2 * math.pi * 5 * at)))] * channels)
    out = io.BytesIO()
    with wave.open(out, "wb") as w:
        w.setparams((channels, 2, rate, 0, "NONE", ""))
        w.writeframes(values.tobytes())
    samples = torch.tensor(values).view(-1, channels).div(32768).mean(1)
    size = 512 if rate == 16000 else 256
    frames = torch.nn.functional.pad(samples, (0, -len(samples) % size)).view(-1, size)
    model = load_silero_vad()
    model.reset_states()
    with torch.no_grad():
        return {"wav": base64.b64encode(out.getvalue()).decode(), "probabilities": [model(frame, rate).item() for frame in frames]}
