# SPDX-License-Identifier: Apache-2.0
"""Measures the packaged peers with the loads that the bars use."""

import os
import shutil
import statistics
import time

import processes
from bars import Bench, cpu_per_call, spawn_cost, start_to_first_event
from peers import PEERS, Peer
from processes import BenchError, Load, Tool
from report import BUSY, PeerResult, Row

FIRST_RATE = {"open": 20_000, "exec": 500}  # events/s; doubled until something is lost
BISECTIONS = 3  # of the last doubling: the rate is then known to 9 %


class Subject:
    """One peer under one load; hides whether the load is opens or processes."""

    def __init__(self, bench: Bench, peer: Peer):
        self.bench = bench
        self.peer = peer
        self.runs = 0
        self.tiny = bench.tiny()
        if peer.watches == "open":
            self.load = Load(bench.programs / "bench_load", "open", path=bench.file("bare"))
        else:
            self.load = Load(bench.programs / "bench_load", "spawn", program=self.tiny)

    def bare(self) -> float:
        if self.peer.watches == "open":
            return cpu_per_call(self.load)
        return spawn_cost(self.load, self.tiny, 300)[0]

    def target(self, name: str) -> tuple[str, dict]:
        """What tells one run's events from all others, and the generator's setting for it."""
        if self.peer.watches == "open":
            path = self.bench.file(name)
            return path, {"path": path}
        mark = f"orbench-{os.getpid()}-{name}"
        return mark, {"mark": mark}

    def wait_ready(self, tool: Tool) -> None:
        """Makes calls until the tool shows one."""
        needle, setting = self.target("ready")
        deadline = time.monotonic() + 15
        while tool.count(needle)[0] == 0:
            tool.check_alive()
            if time.monotonic() > deadline:
                raise BenchError("showed no event within 15 s")
            self.load.run(count=self.peer.flush // 3, rate=2000, **setting)
            time.sleep(0.05)

    def run(self, tool: Tool, **overrides) -> dict:
        """One run; adds what the tool delivered of it and how long that took."""
        self.runs += 1
        needle, setting = self.target(f"run{self.runs:03}")
        cpu = tool.cpu_ns()
        run = self.load.run(**overrides, **setting)
        history = tool.wait_quiet(stable=0.3)
        run["agent_cpu_ns"] = tool.cpu_ns() - cpu
        # Push the rest out of the tool's output buffer.
        self.load.run(count=self.peer.flush, rate=2000, **self.target("flush")[1])
        time.sleep(0.2)
        run["delivered"], last = tool.count(needle)
        run["per_s"] = run["delivered"] / processes.until_written(run, history, last) * 1e9
        return run


def most_without_loss(bench: Bench, subject: Subject, tool: Tool) -> float:
    """The highest rate of which the tool loses nothing: doubling, then bisection."""
    seconds = 0.4 if bench.quick else 1.0
    best = 0.0

    def keeps_up(rate: float) -> bool:
        # One run of three without loss is enough: a burst of other work on the machine must not
        # count against the peer.
        nonlocal best
        for _ in range(3):
            run = subject.run(tool, rate=rate, seconds=seconds)
            bench.say(f"  of {run['iterations']} at {run['iterations'] / run['wall_ns'] * 1e9:.0f}"
                      f"/s it delivered {run['delivered']}")
            if run["delivered"] >= run["iterations"]:
                best = max(best, run["per_s"])
                # A generator that cannot make the rate is flat out: there is nothing above.
                return run["iterations"] >= rate * seconds * 0.9
        return False

    rate = FIRST_RATE[subject.peer.watches]
    while keeps_up(rate):
        rate *= 2
    low, high = rate / 2, rate
    for _ in range(1 if bench.quick else BISECTIONS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if keeps_up(middle) else (low, middle)
    return best


def measure(bench: Bench, peer: Peer) -> PeerResult:
    result = PeerResult(peer.name, peer.watches)
    if shutil.which(peer.argv[0]) is None:
        result.skipped = f"not installed; apt-get install {peer.package}"
        return result

    bench.say(f"peer {peer.name}, {peer.watches}")
    subject = Subject(bench, peer)
    runs_before = len(processes.CPU_SHARES)
    before = subject.bare()
    tool = Tool(peer.name, list(peer.argv), bench.folder, peer.environment)
    try:
        subject.wait_ready(tool)
    except BenchError:
        ended = tool.child.poll() is not None
        result.skipped = tool.complaint() if ended else "showed no event within 15 s"
        processes.end(tool.child)
        subject.load.close()
        return result

    seconds = 0.4 if bench.quick else 1.0
    runs = [subject.run(tool, seconds=seconds) for _ in range(1 if bench.quick else 3)]
    result.private_mb = processes.memory(tool.pid)["private"] / 2**20
    if all(run["delivered"] >= run["iterations"] for run in runs):
        result.lossless_per_s = statistics.median(run["per_s"] for run in runs)
    else:
        result.lossless_per_s = most_without_loss(bench, subject, tool)
    tool.stop()
    time.sleep(0.3)
    after = subject.bare()
    subject.load.close()

    result.generator_share = statistics.median(processes.CPU_SHARES[runs_before:] or [1])
    made = sum(run["iterations"] for run in runs)
    delivered = sum(run["delivered"] for run in runs)
    cost = sum(run["cpu_ns"] + run["children_cpu_ns"] for run in runs) / made
    result.lost_flat_out = 1 - delivered / made
    result.load_ratio = cost / ((before + after) / 2)
    result.agent_us = sum(run["agent_cpu_ns"] for run in runs) / 1000 / max(delivered, 1)
    needle, setting = subject.target("start")
    key, value = next(iter(setting.items()))
    generator = (["open"] if peer.watches == "open"
                 else ["spawn", "--program", subject.tiny]) + [f"--{key}", value]
    result.start_ms = start_to_first_event(bench, list(peer.argv), peer.environment, generator,
                                           needle)
    return result


def measure_all(bench: Bench, watches: set[str]) -> list[PeerResult]:
    with processes.tracefs():
        return [measure(bench, peer) for peer in PEERS if peer.watches in watches]


def against_best(rows: list[Row], results: list[PeerResult]) -> list[Row]:
    """Bar 3's last part: events per second against the best peer that loses nothing."""
    best = max((peer for peer in results if peer.watches == "open" and not peer.skipped),
               key=lambda peer: peer.lossless_per_s, default=None)
    ours = [row for row in rows if row.measure == "events per second"]
    if not ours or best is None or not best.lossless_per_s:
        return []
    problems = []
    if best.generator_share < BUSY:
        problems.append("the machine was busy while the peers were measured: no comparison")
    ratios = [rate * 1000 / best.lossless_per_s for rate in ours[0].samples]
    return [Row("3", "events/s against the best peer's", "x", ratios, at_least=2,
                problems=problems)]
