# SPDX-License-Identifier: Apache-2.0
"""One QEMU guest: starts it, watches it, collects what it sends."""

import pathlib
import re
import shlex
import subprocess
import tarfile
import time

from . import image
from .packages import Kernel

# Part of a guest's time that its programs may use; the rest is for boot and farewell. A program
# that hangs is then ended by /init, and those after it still get their turn.
PROGRAMS_SHARE = 0.85

MAX_PROGRAMS = 29  # ports of a virtio-serial device, less ours

# Kernels that lack one of these security modules ignore its name.
KERNEL_OPTIONS = ("console=ttyS0 panic=-1 quiet mitigations=off "
                  "lsm=landlock,lockdown,yama,bpf")

# How /init mounts cgroups: version 1 only, version 2 only, both with the controllers in version 1.
LAYOUTS = ("v2", "v1", "hybrid")


def guest_name(kernel: str, layout: str) -> str:
    return kernel if layout == "v2" else f"{kernel} {layout}"


class Guest:
    def __init__(self, kernel: Kernel, layout: str, programs: list[list[str]], modules: list[str],
                 common: pathlib.Path, directory: pathlib.Path, timeout: int, cpus: int,
                 memory: int, accelerator: str):
        self.kernel = kernel
        self.layout = layout
        self.programs = programs
        self.directory = directory
        self.timeout = timeout
        self.boot_seconds: float | None = None
        self.timed_out = False
        directory.mkdir()
        contents, self.missing_modules = kernel.modules(image.TRANSPORT_MODULES + modules)
        with open(directory / "initrd", "wb") as initrd:
            initrd.write(common.read_bytes())
            image.write_guest(initrd, kernel, contents, int(timeout * PROGRAMS_SHARE),
                              programs)
        arguments = self.command(cpus, memory, accelerator)
        (directory / "start").write_text("#!/bin/sh\nexec " + shlex.join(arguments) + "\n")
        (directory / "start").chmod(0o755)
        self.started = time.monotonic()
        with open(directory / "qemu.log", "wb") as log:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)

    @property
    def name(self) -> str:
        return guest_name(self.kernel.name, self.layout)

    def command(self, cpus: int, memory: int, accelerator: str) -> list[str]:
        # One thread for all CPUs: with one for each, a CPU may run what another is just changing
        # in the kernel's code, as it does where tracepoints are attached, and the guest panics.
        accelerators = {"tcg": ["-accel", "tcg,thread=single", "-cpu", "max"],
                        "kvm": ["-accel", "kvm", "-cpu", "host"]}
        arguments = ["qemu-system-x86_64", *accelerators[accelerator],
                     "-smp", str(cpus), "-m", str(memory),
                     "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                     "-kernel", str(self.kernel.image), "-initrd", str(self.directory / "initrd"),
                     "-append", f"{KERNEL_OPTIONS} outrider.cgroups={self.layout}",
                     "-serial", f"file:{self.directory / 'console'}",
                     "-device", "virtio-serial-pci,max_ports=31"]
        ports = ["results", *(f"output-{number}" for number in range(len(self.programs)))]
        for number, name in enumerate(ports, start=1):
            arguments += ["-chardev", f"file,id=port{number},path={self.directory / name}",
                          "-device", f"virtserialport,nr={number},chardev=port{number}"]
        return arguments

    def poll(self) -> bool:
        """True once the guest has ended."""
        if self.boot_seconds is None and self.results_size():
            self.boot_seconds = time.monotonic() - self.started
        if self.process.poll() is not None:
            return True
        if time.monotonic() - self.started > self.timeout:
            self.timed_out = True
            self.kill()
        return False

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def results_size(self) -> int:
        path = self.directory / "results"
        return path.stat().st_size if path.exists() else 0

    def files(self) -> dict[str, bytes]:
        """What the guest sent by name, as far as it came."""
        found: dict[str, bytes] = {}
        if not self.results_size():
            return found
        try:
            with tarfile.open(self.directory / "results", ignore_zeros=True) as archive:
                for member in archive:
                    content = archive.extractfile(member)
                    if content:
                        found[member.name] = content.read()
        except tarfile.TarError:
            pass  # cut off in the middle: the guest died
        return found

    def output(self, number: int) -> str:
        return self.text(f"output-{number}")

    def text(self, name: str) -> str:
        path = self.directory / name
        if not path.exists():
            return ""
        return path.read_bytes().decode(errors="replace").replace("\r\n", "\n")

    def problem(self, files: dict[str, bytes]) -> str | None:
        """Why this guest did not come to its end, if it did not."""
        if "kernel.log" in files:
            return None
        panic = re.search(r"Kernel panic.*", self.text("console"))
        if panic:
            return panic.group(0)
        when = "while it ran programs" if "release" in files else "before /init was ready"
        if self.timed_out:
            return f"no end after {self.timeout} s, {when} (--timeout gives it more)"
        complaint = self.text("qemu.log").strip()
        if complaint and self.process.returncode:
            return f"qemu-system-x86_64 failed: {complaint}"
        return f"the guest stopped {when}"

    def console_tail(self, lines: int = 25) -> list[str]:
        return self.text("console").splitlines()[-lines:]
