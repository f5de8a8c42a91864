"""vad in Python, with silero-vad's own functions:

    pip install torch==2.15.0 packaging && pip install --no-deps silero-vad==6.2.3
    python3 examples/vad/vad.py [--frames] FILE.wav
"""

import argparse
import array
import wave

import torch
from silero_vad import get_speech_timestamps, load_silero_vad


def read_wav(path):
    """16-bit PCM samples from -1 to 1, and how many there are a second."""
    with wave.open(path) as f:
        samples = array.array("h", f.readframes(f.getnframes()))
        return torch.tensor(samples).view(-1, f.getnchannels()).div(32768).mean(1), f.getframerate()


def probabilities(model, samples, rate):
    """How likely each frame has speech."""
    model.reset_states()
    size = 512 if rate == 16000 else 256
    frames = torch.nn.functional.pad(samples, (0, -len(samples) % size)).view(-1, size)
    with torch.no_grad():
        return [model(frame, rate).item() for frame in frames]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", action="store_true", help="print the probability of each frame, too")
    parser.add_argument("file")
    args = parser.parse_args()
    model = load_silero_vad()
    samples, rate = read_wav(args.file)
    if args.frames:
        for i, p in enumerate(probabilities(model, samples, rate)):
            print(i, f"{p:.9g}")
    for span in get_speech_timestamps(samples, model, sampling_rate=rate):
        print(f"{span['start'] / rate:.2f}s - {span['end'] / rate:.2f}s")
