#!/usr/bin/env python3
"""Prints the pins of one libtorch version, for libtorch_pins.txt.

    python3 scripts/pin_libtorch.py VERSION [PLATFORM]

It asks pip which wheels torch of that version needs on each platform, which
torchvision goes with it, and for their SHA-256, without downloading them. pip must
be 23.1 or newer.
"""

import json
import re
import subprocess
import sys

# The wheels that the CPU variant takes: libtorch_cpu links to them.
CPU = re.compile(r"torch$|nvidia-cuda-(runtime|cupti)(-cu\d+)?$")
# Wheels of headers and tools, which no library needs.
UNUSED = {"nvidia-cuda-cccl"}
# The first torchvision whose operators need no C++ of one libtorch only.
STABLE = (0, 29)
PLATFORMS = ["linux-x86_64", "linux-aarch64", "macos-arm64"]


def tags(platform):
    """The wheel tags that a platform takes, newest first."""
    if platform == "macos-arm64":
        return [f"macosx_{n}_0_arm64" for n in range(14, 10, -1)]
    machine = platform.split("-")[1]
    return [f"manylinux_2_{n}_{machine}" for n in range(28, 16, -1)] + [
        f"manylinux{n}_{machine}" for n in ("2014", "2010", "1")]


def resolved(platform, *arguments):
    """Yields name, version and SHA-256 of each wheel that pip takes on a platform."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-",
               "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11", "--target", "unused",
               "--abi", "cp311", "--abi", "abi3", "--abi", "none"]
    for tag in tags(platform):
        command += ["--platform", tag]
    report = json.loads(subprocess.run(command + list(arguments), check=True, stdout=subprocess.PIPE).stdout)
    for item in report["install"]:
        name = item["metadata"]["name"]
        if (name in ("torch", "torchvision") or name.startswith("nvidia-")) and name not in UNUSED:
            digest = item["download_info"]["archive_info"].get("hashes", {}).get("sha256", "")
            if not re.fullmatch("[0-9a-f]{64}", digest):
                sys.exit(f"the index gives no SHA-256 for {name}")
            yield name, item["metadata"]["version"], digest


def wheels(version, platform):
    """The wheels of torch, and of the torchvision that goes with it."""
    torch = "torch==" + version
    if not platform.startswith("macos"):
        return list(resolved(platform, torch, "torchvision"))
    beside = [number for name, number, _ in resolved(PLATFORMS[0], torch, "torchvision") if name == "torchvision"]
    return list(resolved(platform, "--no-deps", torch, *["torchvision==" + number for number in beside]))


def kind(name):
    return "torchvision" if name == "torchvision" else "cpu" if CPU.match(name) else "cuda"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    version = sys.argv[1]
    for platform in sys.argv[2:] or PLATFORMS:
        found = sorted(wheels(version, platform), key=lambda w: (["cpu", "cuda", "torchvision"].index(kind(w[0])), w[0] != "torch", w[0]))
        for name, number, digest in found:
            if name != "torchvision" or tuple(map(int, number.split(".")[:2])) >= STABLE:
                print(version, platform, kind(name), f"{name}=={number}", digest)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)  # pip has said why
