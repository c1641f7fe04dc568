# SPDX-License-Identifier: Apache-2.0
"""The bar about the summary of system calls: what it adds to a command, beside strace -c."""

import pathlib
import shutil
import statistics
import subprocess
import time

from processes import BenchError
from report import Row

SOURCES = 24  # of the build
# bash tells the time without a process of its own; what the tracer itself needs to start is not in
# between.
TIMED = 'begun=$EPOCHREALTIME; {} >&2; code=$?; echo $begun $EPOCHREALTIME; exit $code'


def make_project(folder: pathlib.Path) -> str:
    """A command that compiles some small files, two at a time."""
    project = folder / "project"
    project.mkdir(exist_ok=True)
    for number in range(SOURCES):
        (project / f"f{number}.c").write_text(
            f"#include <stdio.h>\n#include <stdlib.h>\nvoid f{number}(void) {{ puts(\"\"); }}\n")
    objects = " ".join(f"f{number}.o" for number in range(SOURCES))
    (project / "Makefile").write_text(f"all: {objects}\n")
    return f"make -s -B -j2 -C {project}"


def run_ms(words: list[str]) -> float:
    """Wall time of the command within, as it says itself."""
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(words)[:60]}: code {done.returncode}: {done.stderr[-200:]}")
    begun, ended = (float(word) for word in done.stdout.split())
    return (ended - begun) * 1000


def whole_ms(words: list[str]) -> float:
    """Wall time from outside, with the start of the tracer and its end."""
    begun = time.monotonic_ns()
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    return (time.monotonic_ns() - begun) / 1e6


def tracers(bench) -> dict[str, list[str]]:
    found = {"syscalls": [str(bench.outrider), "syscalls", "-O", str(bench.folder / "table"), "--"]}
    strace = ["strace", "-c", "-f", "-o", str(bench.folder / "strace")]
    if not bench.peers:
        return found
    if shutil.which("strace") is None:
        bench.say("bar 12: no strace: not installed; apt-get install strace")
    elif subprocess.run([*strace, "true"], capture_output=True, check=False).returncode != 0:
        bench.say("bar 12: no strace: it does not run here")
    else:
        found["strace"] = strace
    return found


def bar_12(bench) -> list[Row]:
    count = 50_000 if bench.quick else 200_000
    commands = {"dd bs=1": f"dd if=/dev/zero of=/dev/null bs=1 count={count} status=none",
                "find": "find /usr/share /usr/include -newer /proc/self/stat"}
    if shutil.which("make") and shutil.which("cc"):
        commands["make -j2"] = make_project(bench.folder)
    else:
        bench.say("bar 12: no build: make or cc is not installed")
    found = tracers(bench)
    rows = []
    for name, command in commands.items():
        timed = ["bash", "-c", TIMED.format(command)]
        run_ms(timed)  # what it reads is in memory then
        bare: list[float] = []
        taken: dict[str, list[float]] = {tracer: [] for tracer in found}
        for number in range(bench.rounds(9)):
            bench.say(f"bar 12, {name}, round {number + 1}")
            before = run_ms(timed)
            for tracer, words in found.items():
                taken[tracer].append(run_ms([*words, *timed]))
            bare.append((before + run_ms(timed)) / 2)
        added = {tracer: [one - without for one, without in zip(times, bare, strict=True)]
                 for tracer, times in taken.items()}
        bench.facts[f"bar 12, {name}"] = {"command": command, "bare_ms": bare, **taken}
        if "strace" in found:
            # Of the medians: a difference near 0 has no ratio that says anything.
            strace = statistics.median(added["strace"])
            rows.append(Row("12", f"{name}: added, against strace's", "x",
                            [one / strace for one in added["syscalls"]], at_most=0.1))
        rows += [Row("12", f"{name}: under {words} / bare", "x",
                     [one / without for one, without in zip(taken[tracer], bare, strict=True)])
                 for tracer, words in (("syscalls", "outrider syscalls"),
                                       ("strace", "strace -c -f")) if tracer in found]
        rows.append(Row("12", f"{name}: bare", "ms", bare))
    rows += [Row("12", f"the whole of `true` under {tracer}", "ms",
                 [whole_ms([*words, "true"]) for _ in range(bench.rounds(9))])
             for tracer, words in found.items()]
    return rows
