"""Takes from torch's wheels what an installation needs.

    python3 unpack_wheels.py cpu|cuda FOLDER WHEEL...
    python3 unpack_wheels.py whole FOLDER ZIP
    python3 unpack_wheels.py torchvision FOLDER WHEEL

It puts torch's headers into FOLDER/include, the list of its operators and the
licences into FOLDER/share, and the libraries beside each other into FOLDER/lib, where the $ORIGIN in their rpaths finds them. The CPU variant
gets libtorch_cpu, libc10 and what these link to, the CUDA variant everything.
Of libtorch's zip it takes all as it is, of torchvision's wheel the library of its
operators and the licence.

An archive with a member that leads out of the folder, or is no file, is refused
before anything is written.
"""

import os
import re
import shutil
import stat
import struct
import sys
import zipfile

LIBRARY = re.compile(r"(torch/lib|torch\.libs|nvidia/.*/lib)/([^/]+(\.so(\.\d+)*|\.dylib))$")
TORCHVISION = re.compile(r"torchvision/(_C_stable\.so)$|torchvision-[^/]*\.dist-info/(?:licenses/)?(LICENSE)$")
OPERATORS = "torchgen/packaged/ATen/native/native_functions.yaml"
HEADER = re.compile(r"torch/(include/.+)$")
ROOTS = ["libtorch_cpu.so", "libc10.so"]
LICENCE = re.compile(r"([^/]+)\.dist-info/((licenses/.*[^/])|(licen[cs]e|copying|notice|eula)[^/]*)$", re.IGNORECASE)
PYTHON_ONLY = re.compile(r"libtorch_python\.|libshm\.")


def needed(path):
    """The names in the DT_NEEDED entries of a 64-bit little-endian ELF file."""
    with open(path, "rb") as file:
        header = file.read(64)
        if header[:6] != b"\x7fELF\x02\x01":
            return []
        start, size, count = struct.unpack_from("<Q", header, 32)[0], *struct.unpack_from("<HH", header, 54)
        file.seek(start)
        segments = [struct.unpack("<IIQQQQQQ", file.read(size)[:56]) for _ in range(count)]
        dynamic = next((s for s in segments if s[0] == 2), None)
        if dynamic is None:
            return []
        file.seek(dynamic[2])
        entries = list(struct.iter_unpack("<QQ", file.read(dynamic[5])))
        strings = next(value for tag, value in entries if tag == 5)
        # The table's address becomes a place in the file by the segment that maps it.
        load = next(s for s in segments if s[0] == 1 and s[3] <= strings < s[3] + s[5])
        names = []
        for tag, value in entries:
            if tag == 0:
                break
            if tag == 1:
                file.seek(strings - load[3] + load[2] + value)
                names.append(file.read(256).split(b"\0")[0].decode())
        return names


def opened(path):
    """Opens an archive whose members are all files in its folder."""
    archive = zipfile.ZipFile(path)
    for member in archive.infolist():
        parts = re.split(r"[/\\]", member.filename)
        if parts[0] == "" or ".." in parts:
            sys.exit(f"{path}: the member {member.filename!r} leads out of its folder")
        # Where an archive does not tell what a member is, it is a file.
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            sys.exit(f"{path}: the member {member.filename!r} is no file, but a link or a device")
    return archive


def copy(archive, member, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with archive.open(member) as source, open(path, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def main():
    variant, folder = sys.argv[1], sys.argv[2]
    archives = [opened(path) for path in sys.argv[3:]]
    if variant == "whole":
        for archive in archives:
            archive.extractall(folder)
        return
    if variant == "torchvision":
        found = {m[1] or m[2]: (archive, name) for archive in archives for name in archive.namelist() if (m := TORCHVISION.match(name))}
        if "_C_stable.so" not in found:
            sys.exit("the wheel has no torchvision/_C_stable.so")
        for name, member in found.items():
            copy(*member, os.path.join(folder, name))
        return
    libraries = {}  # by name: the wheel and the member that hold it
    for archive in archives:
        for member in archive.namelist():
            header, library = HEADER.match(member), LIBRARY.match(member)
            if header and not member.endswith("/"):
                copy(archive, member, os.path.join(folder, header[1]))
            elif member == OPERATORS:
                copy(archive, member, os.path.join(folder, "share", os.path.basename(member)))
            elif licence := LICENCE.match(member):
                copy(archive, member, os.path.join(folder, "share", "licenses", licence[1], licence[2].removeprefix("licenses/")))
            elif library:
                libraries[library[2]] = archive, member
    wanted = list(ROOTS)
    if variant == "cuda" or "libtorch_cpu.dylib" in libraries:
        wanted = [name for name in libraries if not PYTHON_ONLY.match(name)]
    done = set()
    while wanted:
        name = wanted.pop()
        if name in done or name not in libraries:
            continue  # what is in no wheel is the system's
        done.add(name)
        path = os.path.join(folder, "lib", name)
        copy(*libraries[name], path)
        wanted += needed(path)


main()
