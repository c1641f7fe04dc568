# SPDX-License-Identifier: Apache-2.0
"""The guests' file system: an uncompressed cpio archive that the kernel unpacks at boot.

Uncompressed, because emulated decompression costs more than reading. The kernel unpacks
archives that stand one after the other, so the part that all guests share is made once.
"""

import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
from typing import BinaryIO

from .packages import Kernel

# What the guest needs to hand its results to the host.
TRANSPORT_MODULES = ["virtio_pci", "virtio_console"]

WORK = "outrider"  # working directory of the programs in the guest


class BadInput(Exception):
    """Something that the user named is wrong or missing; the message says what to do."""


class Archive:
    """Writes one cpio archive in the `newc` format."""

    def __init__(self, out: BinaryIO):
        self.out = out
        self.done: set[str] = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.entry("TRAILER!!!", 0, b"")

    def directory(self, path: str, mode: int = 0o755) -> None:
        if path and path not in self.done:
            self.directory(os.path.dirname(path))
            self.entry(path, stat.S_IFDIR | mode, b"")

    def link(self, path: str, target: str) -> None:
        if path not in self.done:
            self.directory(os.path.dirname(path))
            self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def file(self, path: str, content: bytes, mode: int = 0o644) -> None:
        if path not in self.done:
            self.directory(os.path.dirname(path))
            self.entry(path, stat.S_IFREG | mode, content)

    def entry(self, path: str, mode: int, content: bytes) -> None:
        self.done.add(path)
        name = path.encode() + b"\0"
        # inode, mode, uid, gid, links, mtime, size, device x4, length of the name, checksum
        numbers = [len(self.done), mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        header = b"070701" + b"".join(b"%08X" % number for number in numbers)
        self.out.write(padded(header + name))
        self.out.write(padded(content))


def padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


class Image(Archive):
    """An archive that knows programs: it brings the libraries that they need."""

    def program(self, source: pathlib.Path, path: str) -> None:
        self.file(path, source.read_bytes(), 0o755 if os.access(source, os.X_OK) else 0o644)
        for library in libraries(source):
            # The guest has /lib as a link into /usr, as Debian has.
            place = re.sub(r"^/(usr/)?", "usr/", os.path.normpath(library))
            self.file(place, pathlib.Path(library).read_bytes(), 0o755)

    def tool(self, name: str) -> None:
        source = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if not source:
            raise BadInput(f"tool: {name}: no such program on this machine: install the package "
                           f"that has it (`apt-file search bin/{name}` knows), or drop the line")
        self.program(pathlib.Path(source).resolve(), f"usr/bin/{name}")


def libraries(program: pathlib.Path) -> list[str]:
    """The shared libraries and the loader that a program needs; none for what is not ELF."""
    with open(program, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    done = subprocess.run(["ldd", str(program)], text=True, capture_output=True,
                          env=os.environ | {"LC_ALL": "C"})
    lost = re.findall(r"^\s*(\S+) => not found", done.stdout, re.MULTILINE)
    if lost:
        raise BadInput(f"{program}: needs {', '.join(lost)}, which this machine lacks: install "
                       "the library, or build again")
    # "libc.so.6 => /lib/.../libc.so.6 (0x...)" and "/lib64/ld-linux-x86-64.so.2 (0x...)".
    # A static program has no such line.
    return re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", done.stdout, re.MULTILINE)


def write_common(out: BinaryIO, init: pathlib.Path, build: pathlib.Path, copies: list[str],
                 tools: list[str]) -> None:
    """The part that all guests share: shell, busybox, the programs and what they need."""
    with Image(out) as image:
        for directory in ("bin", "sbin", "lib", "lib32", "lib64"):
            image.directory(f"usr/{directory}")
            image.link(directory, f"usr/{directory}")
        for directory in ("dev", "proc", "sys", "run", "var", "root", "mnt", "modules", "results",
                          "sysroot", WORK):
            image.directory(directory)
        image.directory("tmp", 0o1777)
        image.link("var/run", "/run")
        image.directory("var/tmp", 0o1777)
        image.file("init", init.read_bytes(), 0o755)
        image.file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"
                                 b"nobody:x:65534:65534:nobody:/:/bin/false\n")
        image.file("etc/group", b"root:x:0:\nnogroup:x:65534:\n")
        image.file("etc/hostname", b"guest\n")
        image.file("etc/hosts", b"127.0.0.1 localhost guest\n::1 localhost\n")
        image.file("etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files\n")
        if (build / "outrider").is_file():
            image.program(build / "outrider", "usr/bin/outrider")
        # Not busybox's shell: it prefers the commands built into it to the programs in PATH.
        image.tool("dash")
        image.link("usr/bin/sh", "dash")
        for name in tools:
            image.tool(name)
        for name in copies:
            image.program(build / name, f"{WORK}/{os.path.normpath(name)}")
        add_busybox(image)


def add_busybox(image: Image) -> None:
    busybox = shutil.which("busybox")
    if not busybox or libraries(pathlib.Path(busybox)):
        raise BadInput("no statically linked busybox: apt-get install busybox-static")
    image.file("usr/bin/busybox", pathlib.Path(busybox).read_bytes(), 0o755)
    names = subprocess.run([busybox, "--list"], text=True, capture_output=True).stdout.split()
    for name in names:
        image.link(f"usr/bin/{name}", "busybox")  # where no real tool of this name is


def write_guest(out: BinaryIO, kernel: Kernel, modules: list[tuple[str, bytes]], limit: int,
                programs: list[list[str]]) -> None:
    """The part of one guest: what belongs to its kernel, and the plan that /init carries out."""
    with Archive(out) as archive:
        archive.file(f"boot/config-{kernel.release}", kernel.configuration.read_bytes())
        for number, (name, content) in enumerate(modules):
            archive.file(f"modules/{number:03}-{name}.ko", content)
        plan = [f"limit={limit}"]
        plan += [f"run {number} {shlex.join(words)}" for number, words in enumerate(programs)]
        archive.file("plan", "\n".join(plan).encode() + b"\n")
