# SPDX-License-Identifier: Apache-2.0
"""What was measured: rows with a limit and a verdict, the table and the JSON of them."""

import dataclasses
import os
import pathlib
import statistics
import subprocess
import time

BUSY = 0.97  # a generator that had less of its CPU than this shared it with something else
FORMATS = {"x": "{:.3f}x", "ns": "{:.0f} ns", "us": "{:.2f} us", "ms": "{:.0f} ms",
           "MB": "{:.1f} MB", "k/s": "{:.0f} k/s", "": "{:.0f}"}


@dataclasses.dataclass
class Row:
    bar: str
    measure: str
    unit: str  # a key of FORMATS
    samples: list[float]
    at_most: float | None = None
    at_least: float | None = None
    problems: list[str] = dataclasses.field(default_factory=list)  # any of them fails the row

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def verdict(self) -> str:
        if self.problems or not self.samples:
            return "FAIL"
        if self.at_most is None and self.at_least is None:
            return ""
        good = ((self.at_most is None or self.median <= self.at_most)
                and (self.at_least is None or self.median >= self.at_least))
        return "PASS" if good else "FAIL"

    def text(self) -> str:
        def show(value: float) -> str:
            return FORMATS[self.unit].format(value)

        limit = "-"
        if self.at_most is not None:
            limit = "<=" + f"{self.at_most:g}"
        if self.at_least is not None:
            limit = (">=" if self.at_most is None else "=") + f"{self.at_least:g}"
        median = spread = "-"
        if self.samples:
            median = show(self.median)
            digits = {"x": 3, "us": 2, "MB": 1}.get(self.unit, 0)
            spread = f"{min(self.samples):.{digits}f}..{max(self.samples):.{digits}f}"
        return (f"{self.bar:<3} {self.measure:<36.36} {limit:>7} {median:>11} {spread:>13} "
                f"{self.verdict}")

    def json(self) -> dict:
        result = {"bar": self.bar, "measure": self.measure, "unit": self.unit,
                  "at_most": self.at_most, "at_least": self.at_least, "samples": self.samples,
                  "verdict": self.verdict, "problems": self.problems}
        if self.samples:
            result |= {"median": self.median, "min": min(self.samples), "max": max(self.samples)}
        return result


@dataclasses.dataclass
class PeerResult:
    name: str
    watches: str
    skipped: str = ""                # why
    start_ms: float | None = None    # to the first event
    lost_flat_out: float | None = None  # share of the events
    load_ratio: float | None = None  # cost of the traced call, flat out, against bare
    lossless_per_s: float = 0        # events per second, the most without loss
    agent_us: float | None = None    # CPU per event that it delivered, flat out
    private_mb: float | None = None
    generator_share: float = 1  # of its CPU, while the peer was measured

    def text(self) -> str:
        if self.skipped:
            return f"{self.name:<24} skipped: {self.skipped}"[:79]
        return (f"{self.name:<24} {self.start_ms:>6.0f}ms {self.lost_flat_out:>8.1%} "
                f"{self.load_ratio:>7.2f}x {self.lossless_per_s / 1000:>8.1f}k "
                f"{self.agent_us:>8.2f}us {self.private_mb:>6.1f}MB")


PEER_HEADS = {
    "open": f"{'peers, open':<24} {'start':>8} {'lost*':>8} {'open*':>8} {'lossless':>9} "
            f"{'CPU/event':>10} {'memory':>8}",
    "exec": f"{'peers, exec':<24} {'start':>8} {'lost*':>8} {'spawn*':>8} {'lossless':>9} "
            f"{'CPU/event':>10} {'memory':>8}",
}


def table(rows: list[Row], peers: list[PeerResult]) -> str:
    out = [f"{'bar':<3} {'measure':<36} {'limit':>7} {'median':>11} {'min..max':>13}"]
    for row in rows:
        out.append(row.text())
        out += [f"      ! {problem}"[:79] for problem in row.problems]
    for watches, head in PEER_HEADS.items():
        chosen = [peer for peer in peers if peer.watches == watches]
        if chosen:
            out += ["", head] + [peer.text() for peer in chosen]
    if peers:
        out.append("* with the generator flat out; lossless: events/s, the most without loss")
    return "\n".join(out)


def busy(seconds: float) -> float:
    """Share of the CPUs' time that was not idle, watched for so long."""
    def times() -> tuple[int, int]:
        numbers = [int(n) for n in pathlib.Path("/proc/stat").read_text().split()[1:9]]
        return sum(numbers), numbers[3] + numbers[4]  # all, idle and waiting for a disk

    all_0, idle_0 = times()
    time.sleep(seconds)
    all_1, idle_1 = times()
    return 1 - (idle_1 - idle_0) / max(all_1 - all_0, 1)


def machine(load_cpu: int, tool_cpu: int, root: pathlib.Path) -> dict:
    """Facts that the numbers depend on; nothing that names the machine."""
    def first(path: str, start: str) -> str:
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(start):
                return line.split(":", 1)[1].strip()
        return "unknown"

    commit = subprocess.run(["git", "-C", str(root), "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    clock = pathlib.Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    return {"kernel": os.uname().release, "architecture": os.uname().machine,
            "processor": first("/proc/cpuinfo", "model name"), "cpus": os.cpu_count(),
            "memory_kB": first("/proc/meminfo", "MemTotal").split()[0],
            "clocksource": clock.read_text().strip() if clock.exists() else "unknown",
            "busy_before": busy(0.5),
            "generator_cpu": load_cpu, "tool_cpu": tool_cpu,
            "pinned": "generator and tool on a CPU of their own" if load_cpu != tool_cpu
                      else "one CPU for both: numbers are not comparable",
            "commit": commit or "none"}
