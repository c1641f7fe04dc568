# SPDX-License-Identifier: Apache-2.0
"""Bars about workloads: what a container's start costs, and what many of them take."""

import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import time

import processes
from processes import BenchError
from report import Row

PROCESSES = 10_000
CONTAINERS = 500
NAMED = "outrider-bench"


def bundle(folder: pathlib.Path, name: str, words: list[str]) -> pathlib.Path:
    """An OCI bundle whose root has busybox only."""
    root = folder / "rootfs"
    if not root.exists():
        busybox = shutil.which("busybox")
        if busybox is None or shutil.which("runc") is None:
            raise BenchError("needs runc and busybox-static: apt-get install runc busybox-static")
        for directory in ("bin", "dev", "proc", "sys"):
            (root / directory).mkdir(parents=True)
        shutil.copy(busybox, root / "bin/busybox")
        for applet in ("true", "sleep"):
            (root / "bin" / applet).symlink_to("busybox")
    place = folder / name
    place.mkdir()
    subprocess.run(["runc", "spec"], cwd=place, check=True)
    config = json.loads((place / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": words}
    config["process"].pop("rlimits", None)
    config["root"]["path"] = str(root)
    (place / "config.json").write_text(json.dumps(config))
    return place


def run_ms(place: pathlib.Path, name: str) -> float:
    """Wall time of `runc run`, which is gone when it returns."""
    begun = time.monotonic_ns()
    subprocess.run(["runc", "run", "--bundle", str(place), name], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (time.monotonic_ns() - begun) / 1e6


def bar_10(bench) -> list[Row]:
    place = bundle(bench.folder, "short", ["true"])
    bare, added = [], []
    for number in range(bench.rounds(9)):
        bench.say(f"bar 10, round {number + 1}")
        samples = {}
        for state in ("before", "traced", "after"):
            tool = bench.trace("exec", "exit", "open", "-o", "json", "--where",
                               "container.id != host") if state == "traced" else None
            run_ms(place, f"{NAMED}-warm")
            samples[state] = statistics.median(run_ms(place, f"{NAMED}-{i}") for i in range(15))
            if tool is not None:
                tool.stop()
        bare.append((samples["before"] + samples["after"]) / 2)
        added.append(samples["traced"] - bare[-1])
    return [Row("10", "added to the start of a container", "ms", added, at_most=5),
            Row("10", "runc run of true, bare", "ms", bare)]


class Many:
    """Processes and containers that do nothing, until the end of the block."""

    def __init__(self, bench):
        self.bench = bench
        self.shell = None
        self.names: list[str] = []

    def __enter__(self):
        try:
            script = f"i=0; while [ $i -lt {PROCESSES} ]; do sleep 3600 & i=$((i+1)); done; wait"
            self.shell = subprocess.Popen(["sh", "-c", script], start_new_session=True)
            place = bundle(self.bench.folder, "long", ["sleep", "3600"])
            for number in range(CONTAINERS):
                name = f"{NAMED}-{number}"
                subprocess.run(["runc", "run", "--detach", "--bundle", str(place), name],
                               check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
                self.names.append(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["runc", "delete", "--force", name], check=False)
        if self.shell is not None:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()


def bar_11(bench) -> list[Row]:
    idle, private = [], []
    bench.say(f"bar 11: {PROCESSES} processes and {CONTAINERS} containers")
    with Many(bench):
        time.sleep(2)
        for _ in range(3):
            tool = bench.trace("exec", "exit", "fork", "-o", "json")
            time.sleep(3)
            before = tool.cpu_ns()
            begun = time.monotonic_ns()
            time.sleep(10)
            idle.append(100 * (tool.cpu_ns() - before) / (time.monotonic_ns() - begun))
            private.append(processes.memory(tool.pid)["private"] / 2**20)
            tool.stop()
    bench.say("bar 11: processes that come and go")
    passing = 100_000 if bench.quick else 500_000
    tool = bench.trace("exec", "exit", "fork", "-o", "json", "--where", "proc.name = nobody")
    load = bench.load("spawn", mark=NAMED)
    load.run(program=bench.tiny(), count=passing)
    first = processes.memory(tool.pid)["private"] / 2**20
    load.run(program=bench.tiny(), count=passing)
    grown = processes.memory(tool.pid)["private"] / 2**20 - first
    load.close()
    tool.stop()
    bench.facts["bar 11"] = {"processes": PROCESSES, "containers": CONTAINERS,
                             "passed": 2 * passing}
    return [Row("11", "private memory with many", "MB", private, at_most=60),
            Row("11", "idle CPU with many, per cent", "", idle, at_most=0.2),
            Row("11", "grown while the second half passed", "MB", [grown], at_most=1)]
