# SPDX-License-Identifier: Apache-2.0
"""Starting, pinning, watching and ending the processes of a benchmark run."""

import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import time

STARTED: list[subprocess.Popen] = []  # all that we may have to end
CPU_SHARES: list[float] = []  # of each flat-out run: how much of its CPU the generator had

CPUS = sorted(os.sched_getaffinity(0))
TOOL_CPU = CPUS[0]   # the tool and this script
LOAD_CPU = CPUS[-1]  # the generator and its children; the same one if there is no other

TRACEFS = pathlib.Path("/sys/kernel/tracing")


class BenchError(Exception):
    """Says what happened and what to do."""


def start(argv: list[str], cpu: int, **options) -> subprocess.Popen:
    # A session of its own: Ctrl-C must reach this script alone, which then ends the others.
    child = subprocess.Popen(argv, start_new_session=True,
                             preexec_fn=lambda: os.sched_setaffinity(0, {cpu}), **options)
    STARTED.append(child)
    return child


def end(child: subprocess.Popen, how: int = signal.SIGKILL, patience: float = 15) -> int:
    """Ends a process that `start` returned; kills it if it does not obey in `patience` s."""
    if child.poll() is None:
        child.send_signal(how)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise BenchError(f"process did not end {patience:.0f} s after signal {how} and was "
                         f"killed: {' '.join(child.args)[:60]}") from None
    finally:
        if child.returncode is not None and child in STARTED:
            STARTED.remove(child)
    return child.returncode


def end_all() -> None:
    for child in list(STARTED):
        if child.poll() is None:
            child.kill()  # also works on a stopped process
        child.wait()
    STARTED.clear()


@contextlib.contextmanager
def tracefs():
    """Peers find tracepoints there. Mounted if it is missing, and then unmounted after."""
    mounted = not (TRACEFS / "events").exists()
    if mounted:
        done = subprocess.run(["mount", "-t", "tracefs", "tracefs", str(TRACEFS)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BenchError(f"cannot mount tracefs, which the peers need: {done.stderr.strip()}; "
                             "use --no-peers to go without")
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(TRACEFS)], check=False)


class Load:
    """A bench_load process that runs when told to."""

    def __init__(self, executable: pathlib.Path, what: str, cpu: int = LOAD_CPU, **options):
        argv = [str(executable), what, "--on-line"]
        for key, value in options.items():
            argv += [f"--{key}", str(value)]
        self.child = start(argv, cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.read()["pid"]

    def read(self) -> dict:
        line = self.child.stdout.readline()
        if not line:
            raise BenchError("bench_load ended early; its message is above")
        return json.loads(line)

    def begin(self, **overrides) -> None:
        self.child.stdin.write(" ".join(f"{k}={v}" for k, v in overrides.items()) + "\n")
        self.child.stdin.flush()

    def finish(self) -> dict:
        result = self.read()
        if result["failed"]:
            raise BenchError(f"{result['failed']} of the generator's calls failed; see above")
        if "spawn" not in result["what"]:
            CPU_SHARES.append(result["cpu_ns"] / result["wall_ns"])
        return result

    def run(self, **overrides) -> dict:
        self.begin(**overrides)
        return self.finish()

    def close(self) -> None:
        self.child.stdin.close()
        end(self.child, signal.SIGTERM)


class Tool:
    """A tracer whose standard output goes to a file on tmpfs."""

    def __init__(self, name: str, argv: list[str], folder: pathlib.Path,
                 environment: dict[str, str] | None = None):
        self.name = name
        self.out = folder / "tool.out"
        self.err = folder / "tool.err"
        self.position = 0  # what count() has read
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.child = start(argv, TOOL_CPU, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                               env=os.environ | (environment or {}))
        self.pid = self.child.pid

    def messages(self) -> str:
        return self.err.read_text(errors="replace")

    def complaint(self) -> str:
        """The most telling line of what the tool wrote; on standard output too, as bcc does."""
        with open(self.out, "rb") as file:
            text = self.messages() + file.read(4096).decode(errors="replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for pattern in (r"^(fatal|error|unable)", r"\b(error|unable|fail\w*|cannot|can't)\b"):
            for line in lines:
                if re.search(pattern, line, re.I):
                    return line[:160]
        return lines[-1][:160] if lines else "no message"

    def check_alive(self) -> None:
        if self.child.poll() is not None:
            raise BenchError(f"{self.name} ended with code {self.child.returncode}: "
                             f"{self.complaint()}")

    def wait_for_message(self, text: str, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.messages():
            self.check_alive()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} did not print '{text}' within {seconds} s")
            time.sleep(0.01)

    def cpu_ns(self) -> int:
        """CPU time of all its threads, ended ones included (clock_getcpuclockid(3))."""
        return time.clock_gettime_ns((~self.pid << 3) | 2)

    def wait_quiet(self, stable: float = 0.15, seconds: float = 20) -> list[tuple[int, int]]:
        """Waits until the tool has written what it had; its (time, size of the output) meanwhile.

        Times are of CLOCK_REALTIME in ns. Other processes of the machine may keep it busy: less
        than 32 kB in `stable` seconds counts as quiet.
        """
        history = []
        deadline = time.monotonic() + seconds
        size, since = -(1 << 20), time.monotonic()
        while time.monotonic() - since < stable:
            history.append((time.time_ns(), self.out.stat().st_size))
            if history[-1][1] - size > 32 << 10:
                size, since = history[-1][1], time.monotonic()
            self.check_alive()
            if time.monotonic() > deadline:
                raise BenchError(f"output of {self.name} still grows {seconds} s after the load; "
                                 "it is far behind, or traces its own writing")
            time.sleep(0.005)
        return history

    def lines(self):
        """Complete lines since the last call, as bytes; `position` is the end of each."""
        with open(self.out, "rb") as file:
            file.seek(self.position)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self.position += len(line)
                yield line

    def count(self, needle: str) -> tuple[int, int]:
        """How many of those lines contain `needle`, and where the last of them ends."""
        wanted = needle.encode()
        number = last = 0
        for line in self.lines():
            if wanted in line:
                number, last = number + 1, self.position
        return number, last

    def stop(self) -> int:
        try:
            return end(self.child, signal.SIGINT)
        except BenchError as error:
            raise BenchError(f"{self.name}: {error}") from None

    def account(self) -> dict:
        """The account that Outrider printed when it ended."""
        for line in reversed(self.messages().splitlines()):
            if line.startswith('{"account"'):
                return json.loads(line)["account"]
        raise BenchError("outrider printed no account on stderr; it must, with -o json, "
                         f"when it ends. It said: {self.complaint()}")


def until_written(run: dict, history: list[tuple[int, int]], position: int) -> int:
    """ns from the start of a run until its last event, at `position`, was in the output.

    Not less than the run itself: what a large buffer swallowed must come out again to count.
    The last 64 kB may still be in the tool's own output buffer and are not waited for.
    """
    for when, size in history:
        if size >= position - (64 << 10):
            break
    return run["wall_ns"] if when == history[0][0] else when - run["start_real_ns"]


def memory(pid: int) -> dict:
    """Private memory without ring mappings, ring mappings, and maps as the kernel counts them.

    Bytes. Maps are those that the process has a descriptor of, each counted once.
    """
    result = {"private": 0, "ring_mappings": 0, "ring_maps": 0, "other_maps": 0}
    ring = False
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if not words[0].endswith(":"):  # the head of a mapping, with its name if it has one
            ring = len(words) > 5 and re.search(r"bpf[-_]map|perf_event", words[5]) is not None
        elif words[0] in ("Private_Clean:", "Private_Dirty:") and not ring:
            result["private"] += int(words[1]) * 1024
        elif words[0] == "Size:" and ring:
            result["ring_mappings"] += int(words[1]) * 1024

    ring_buffer_type = "27"  # BPF_MAP_TYPE_RINGBUF in linux/bpf.h
    seen = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if "bpf-map" not in os.readlink(fd):
            continue
        text = pathlib.Path(f"/proc/{pid}/fdinfo/{fd.name}").read_text()
        info = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        info = {key: value.strip() for key, value in info.items()}
        if info["map_id"] not in seen:
            seen.add(info["map_id"])
            kind = "ring_maps" if info["map_type"] == ring_buffer_type else "other_maps"
            result[kind] += int(info["memlock"])
    return result
