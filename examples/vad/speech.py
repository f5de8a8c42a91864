"""Makes a WAV file of speech for vad, without a network: espeak-ng says some sentences, with
silence and noise between them, at 16,000 samples a second.

    apt-get install espeak-ng
    python3 examples/vad/speech.py speech.wav
"""

import array
import random
import shutil
import subprocess
import sys
import tempfile
import wave

RATE = 16000
SENTENCES = ["This is a sentence that a machine has said.", "Here is another one, after some silence.",
             "And a third one, with noise before it."]


def say(text):
    """The samples of what espeak-ng says."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as f:
        subprocess.run(["espeak-ng", "-w", f.name, text], check=True)
        with wave.open(f.name) as w:
            samples, rate = array.array("h", w.readframes(w.getnframes())), w.getframerate()
    return resample(samples, rate)


def resample(samples, rate):
    """The samples at RATE, on straight lines between those that there are."""
    result = []
    for i in range((len(samples) - 1) * RATE // rate):
        at, part = divmod(i * rate, RATE)
        result.append(round(samples[at] + (samples[at + 1] - samples[at]) * part / RATE))
    return result


def noise(seconds, loudness, numbers):
    return [round(numbers.gauss(0, loudness)) for _ in range(round(seconds * RATE))]


if __name__ == "__main__":
    if shutil.which("espeak-ng") is None:
        sys.exit("there is no espeak-ng: apt-get install espeak-ng")
    numbers = random.Random(1)
    sound = noise(1, 0, numbers)
    for sentence, loudness in zip(SENTENCES, [0, 300, 30]):
        sound += say(sentence) + noise(1.5, loudness, numbers)
    with wave.open(sys.argv[1], "wb") as w:
        w.setparams((1, 2, RATE, 0, "NONE", ""))
        w.writeframes(array.array("h", sound).tobytes())
