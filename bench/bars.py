# SPDX-License-Identifier: Apache-2.0
"""The bars. Each is a function from a Bench to rows; README.md says what they mean."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

import processes
from agent import bar_13, bar_14, bar_15, bar_16
from calls import bar_12
from containers import bar_10, bar_11
from peers import PEERS
from processes import BenchError, Load, Tool
from report import Row

FIELDS = ("evt.time,evt.kind,evt.type,evt.res,proc.pid,thread.tid,proc.ppid,proc.name,"
          "proc.exepath,proc.cmdline,proc.cwd,proc.key,user.uid,group.gid,user.loginuid,"
          "cgroup.id,cgroup.path,fd.num,fd.nameraw,fd.name,fd.realpath,evt.arg.flags,"
          "evt.arg.mode").split(",")
FIELDS_AT_LEAST = 20  # of them must have a value

SETTLE = 0.3  # s after a tool says that it is attached, and after it has ended


@dataclasses.dataclass
class Bench:
    outrider: pathlib.Path
    programs: pathlib.Path  # folder of bench_load, bench_empty_hooks, bench_tiny
    folder: pathlib.Path    # on tmpfs
    quick: bool
    peers: bool = True
    facts: dict = dataclasses.field(default_factory=dict)  # what else the JSON shall hold

    def rounds(self, full: int) -> int:
        return max(3, full // 3) if self.quick else full

    def say(self, text: str) -> None:
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def load(self, what: str, **options) -> Load:
        return Load(self.programs / "bench_load", what, **options)

    def file(self, name: str) -> str:
        path = self.folder / name
        if not path.exists():
            os.mknod(path, 0o644)  # unlike open(2), not an event of a tool that is running
        return str(path)

    def tiny(self) -> str:
        """The three-instruction program, where programs are: a few directories deep."""
        path = self.folder / "tiny"
        if not path.exists():
            shutil.copy(self.programs / "bench_tiny", path)
        return str(path)

    def trace(self, *arguments: str) -> Tool:
        tool = Tool("outrider", [str(self.outrider), "trace", *arguments], self.folder)
        tool.wait_for_message("outrider: tracing")
        time.sleep(SETTLE)
        return tool

    def empty_hooks(self, *arguments: str) -> Tool:
        tool = Tool("bench_empty_hooks", [str(self.programs / "bench_empty_hooks"), *arguments],
                    self.folder)
        tool.wait_for_message("empty_hooks: attached")
        time.sleep(SETTLE)
        return tool


def stop(tool: Tool) -> None:
    code = tool.stop()
    if code != 0:
        raise BenchError(f"{tool.name} ended with code {code}, not 0: {tool.complaint()}")
    time.sleep(SETTLE)


def undisturbed(costs: list[float]) -> float:
    """What short slices cost while nobody else was at work: their fastest tenth.

    A virtual machine's neighbours only ever add. They do so in bursts of 10 ms to seconds and by a
    third (the other hyperthread of the core), so a median says how busy they were, and slices
    must be shorter than the bursts are apart.
    """
    return sorted(costs)[len(costs) // 10]


def cpu_per_call(load: Load, slices: int = 40, seconds: float = 0.01) -> float:
    """CPU ns of the generator's thread for one iteration; a slice is longer than two drains."""
    load.run(seconds=seconds)  # warm up
    runs = [load.run(seconds=seconds) for _ in range(slices)]
    return undisturbed([run["cpu_ns"] / run["iterations"] for run in runs])


def touch_memory(bench: Bench, megabytes: int) -> None:
    """Has the machine's memory that outputs will lie in touched: where the machine is a virtual
    one, its host first has to find each page, at the cost of whoever writes to it first."""
    path = bench.folder / "touched"
    block = bytes(2**20)
    with open(path, "wb") as file:
        for _ in range(megabytes):
            file.write(block)
    path.unlink()


def share(part: list[float], whole: list[float]) -> list[float]:
    return [a / b for a, b in zip(part, whole, strict=True)]


# ---- 1: a system call that nobody watches

def bar_1(bench: Bench) -> list[Row]:
    states = {
        "pair": lambda: bench.empty_hooks("--enter", "--exit"),
        "outrider": lambda: bench.trace("open", "-o", "json"),
        "exit": lambda: bench.empty_hooks("--exit"),
    }
    cost = {name: [] for name in ("bare", *states)}   # ns
    ratio = {name: [] for name in states}             # against the bare runs around it
    load = bench.load("getppid")
    for number in range(bench.rounds(9)):
        bench.say(f"bar 1, round {number + 1}")
        before = cpu_per_call(load)
        for name, begin in states.items():
            tool = begin()
            traced = cpu_per_call(load)
            stop(tool)
            after = cpu_per_call(load)
            cost["bare"].append(before)
            cost[name].append(traced)
            ratio[name].append(traced / ((before + after) / 2))
            before = after
    load.close()
    return [
        Row("1", "getppid, trace open / empty pair", "x", share(ratio["outrider"], ratio["pair"]),
            at_most=1.10),
        Row("1", "getppid, trace open / empty exit", "x", share(ratio["outrider"], ratio["exit"])),
        Row("1", "getppid, trace open / bare", "x", ratio["outrider"]),
        *[Row("1", f"getppid, {words}", "ns", cost[name]) for name, words in
          (("bare", "bare"), ("pair", "empty pair (tp_btf)"), ("exit", "empty exit (tp_btf)"),
           ("outrider", "trace open"))],
    ]


# ---- 2: opens that the filter refuses

def bar_2(bench: Bench) -> list[Row]:
    bare, traced, ratios, problems = [], [], [], []
    load = bench.load("open", path=bench.file("file"))
    for number in range(bench.rounds(9)):
        bench.say(f"bar 2, round {number + 1}")
        before = cpu_per_call(load)
        tool = bench.trace("open", "-o", "json", "--comm", "nosuchcomm")
        cost = cpu_per_call(load)
        made = load.run(count=1000)["iterations"]
        stop(tool)
        after = cpu_per_call(load)
        bare.append(before)
        traced.append(cost)
        ratios.append(cost / ((before + after) / 2))
        account = tool.account()["open"]
        if account["seen"] < made or account["delivered"]:
            problems.append(f"seen {account['seen']}, delivered {account['delivered']}: not the "
                            "case that this bar is about")
    load.close()
    return [Row("2", "open+close, comm never matches / bare", "x", ratios, at_most=1.2,
                problems=problems[:1]),
            Row("2", "open+close, bare", "ns", bare),
            Row("2", "open+close, comm never matches", "ns", traced)]


# ---- 3: every open, as JSON

def check_open_line(line: bytes, path: str) -> str:
    """What is wrong with an event of the generator, or ""."""
    event = json.loads(line)
    present = [field for field in FIELDS if event.get(field) is not None]
    if len(present) < FIELDS_AT_LEAST:
        absent = sorted(set(FIELDS) - set(present))
        return f"only {len(present)} fields have a value; without: {', '.join(absent)}"
    for field in ("fd.name", "fd.realpath"):
        if event.get(field) != path:
            return f"{field} is {event.get(field)!r}, not the path that was opened"
    return ""


def bar_3(bench: Bench) -> list[Row]:
    path = bench.file("file")
    bare, ratios, agent, rates, lost, problems = [], [], [], [], [], []
    touch_memory(bench, 1024)
    load = bench.load("open", path=path)
    for number in range(bench.rounds(9)):
        bench.say(f"bar 3, round {number + 1}")
        before = cpu_per_call(load)
        tool = bench.trace("open", "-o", "json", "--fields", ",".join(FIELDS))
        agent_0 = tool.cpu_ns()
        run = load.run(seconds=0.5 if bench.quick else 1.5)
        history = tool.wait_quiet()
        agent_cpu = tool.cpu_ns() - agent_0
        stop(tool)
        after = cpu_per_call(load)

        wanted = path.encode()
        delivered = last = size = 0
        for line in tool.lines():
            if wanted in line:
                delivered, last, size = delivered + 1, tool.position, size + len(line)
                if delivered % 5000 == 1:
                    wrong = check_open_line(line, path)
                    if wrong and wrong not in problems:
                        problems.append(wrong)
        made = run["iterations"]
        bare.append(before)
        ratios.append(run["cpu_ns"] / made / ((before + after) / 2))
        agent.append(agent_cpu / 1000 / max(delivered, 1))
        rates.append(delivered / processes.until_written(run, history, last) * 1e6)
        lost.append(made - delivered)
        bench.say(f"bar 3: {made} opens, {delivered} delivered, "
                  f"{size / max(delivered, 1):.0f} bytes a line")
        tool.out.unlink()
    load.close()
    return [Row("3", "opens flat out: lost", "", lost, at_most=0, problems=problems[:3]),
            Row("3", "open+close, all as JSON / bare", "x", ratios, at_most=1.6),
            Row("3", "agent CPU per event", "us", agent, at_most=1),
            Row("3", "events per second", "k/s", rates),
            Row("3", "open+close, bare", "ns", bare)]


# ---- 4: processes

SPAWN_BATCH = 20


def spawn_cost(load: Load, program: str, count: int) -> tuple[float, float]:
    """CPU and wall ns per spawn, from batches."""
    runs = [load.run(program=program, count=SPAWN_BATCH) for _ in range(count // SPAWN_BATCH)]
    return (undisturbed([(r["cpu_ns"] + r["children_cpu_ns"]) / SPAWN_BATCH for r in runs]),
            undisturbed([r["wall_ns"] / SPAWN_BATCH for r in runs]))


def count_process_events(tool: Tool, mark: str, generator: int) -> dict[str, int]:
    counts = {"exec": 0, "exit": 0, "fork": 0}
    ours = set()
    for line in tool.lines():
        event = json.loads(line)
        kind, pid = event.get("evt.kind"), event.get("proc.pid")
        if kind == "exec" and mark in str(event.get("proc.cmdline", "")):
            ours.add(pid)
            counts["exec"] += 1
        elif kind == "exit" and pid in ours:
            counts["exit"] += 1
        elif kind == "fork" and generator in (pid, event.get("proc.ppid")):
            counts["fork"] += 1
    return counts


def bar_4(bench: Bench) -> list[Row]:
    mark = f"outrider-bench-{os.getpid()}"
    programs = {"/bin/true": "/bin/true", "tiny": bench.tiny()}
    limits = {"/bin/true": 1.02, "tiny": 1.05}
    count = 500  # spawns of each program, each time
    bare = {name: [] for name in programs}
    cpu = {name: [] for name in programs}
    wall = {name: [] for name in programs}
    agent, total, delivered = [], 0, {"exec": 0, "exit": 0, "fork": 0}
    touch_memory(bench, 256)
    load = bench.load("spawn", mark=mark)

    def measure() -> dict[str, tuple[float, float]]:
        return {name: spawn_cost(load, path, count) for name, path in programs.items()}

    spawn_cost(load, "/bin/true", count)  # warm up
    for number in range(6 if bench.quick else 20):
        bench.say(f"bar 4, round {number + 1}")
        before = measure()
        tool = bench.trace("exec", "exit", "fork", "-o", "json", "--fields",
                           "evt.time,evt.kind,evt.res,proc.pid,proc.ppid,proc.name,proc.exepath,"
                           "proc.cmdline,proc.cwd,user.uid,cgroup.path")
        agent_0 = tool.cpu_ns()
        traced = measure()
        tool.wait_quiet()
        agent.append((tool.cpu_ns() - agent_0) / 1000 / (count * len(programs)))
        stop(tool)
        after = measure()
        for name in programs:
            bare[name].append(before[name][0] / 1000)
            cpu[name].append(traced[name][0] / ((before[name][0] + after[name][0]) / 2))
            wall[name].append(traced[name][1] / ((before[name][1] + after[name][1]) / 2))
        total += count * len(programs)
        for kind, events in count_process_events(tool, mark, load.pid).items():
            delivered[kind] += events
    load.close()

    # Not a bar: what the exit of system calls adds where a library makes so many of them.
    posix = []
    load = bench.load("posix_spawn", mark=mark)
    for _ in range(bench.rounds(9)):
        before = spawn_cost(load, programs["tiny"], count)[0]
        tool = bench.trace("exec", "exit", "fork", "-o", "json")
        traced = spawn_cost(load, programs["tiny"], count)[0]
        stop(tool)
        posix.append(traced / ((before + spawn_cost(load, programs["tiny"], count)[0]) / 2))
    load.close()

    rows = []
    for name in programs:
        rows += [Row("4", f"spawn {name}, CPU / bare", "x", cpu[name], at_most=limits[name]),
                 Row("4", f"spawn {name}, wall / bare", "x", wall[name], at_most=limits[name]),
                 Row("4", f"spawn {name}, bare CPU", "us", bare[name])]
    rows.append(Row("4", "posix_spawn tiny, 130 calls / bare", "x", posix))
    rows.append(Row("4", "agent CPU per process", "us", agent, at_most=10))
    rows += [Row("4", f"{kind} lost of {total}", "", [total - events], at_most=0, at_least=0)
             for kind, events in delivered.items()]
    return rows


# ---- 5: start and memory

def start_to_first_event(bench: Bench, argv: list[str], environment: dict[str, str],
                         generator: list[str], needle: str) -> float:
    """ms from starting the tool to its first line about a call of the running generator."""
    load = processes.start([str(bench.programs / "bench_load"), *generator, "--seconds", "30"],
                           processes.LOAD_CPU, stdout=subprocess.DEVNULL)
    time.sleep(0.05)
    begun = time.monotonic_ns()
    tool = processes.start(argv, processes.TOOL_CPU, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           env=os.environ | environment)
    first = None
    for line in tool.stdout:
        if needle.encode() in line:
            first = (time.monotonic_ns() - begun) / 1e6
            break
    processes.end(tool)
    tool.stdout.close()
    processes.end(load)
    if first is None:
        raise BenchError(f"{argv[0]} showed no event of the generator; run it by hand to see why")
    return first


def bar_5(bench: Bench) -> list[Row]:
    path = bench.file("file")
    starts, memories = [], []
    argv = [str(bench.outrider), "trace", "open", "-o", "json"]
    for number in range(bench.rounds(7)):
        bench.say(f"bar 5, round {number + 1}")
        starts.append(start_to_first_event(bench, argv, {}, ["open", "--path", path], path))

    load = bench.load("open", path=path)
    for _ in range(3):
        tool = bench.trace("open", "-o", "json", "--fields", ",".join(FIELDS))
        load.run(count=200_000)
        tool.wait_quiet()
        memories.append(processes.memory(tool.pid))
        stop(tool)
    load.close()

    def megabytes(key: str) -> list[float]:
        return [m[key] / 2**20 for m in memories]

    return [Row("5", "start to first event", "ms", starts, at_most=300),
            Row("5", "private memory without rings", "MB", megabytes("private"), at_most=25),
            Row("5", "ring mappings (rings twice)", "MB", megabytes("ring_mappings")),
            Row("5", "rings, as the kernel counts", "MB", megabytes("ring_maps")),
            Row("5", "other maps, as the kernel counts", "MB", megabytes("other_maps"))]


# ---- 6: loss by force

def forced_loss(bench: Bench, generators: int, count: int, **filters: str) -> list[Row]:
    """Stops the reader while generators overflow the ring, and checks the account."""
    path = bench.file("file")
    kind, = filters
    loads = [bench.load("open", path=path, comm="orbench-loss",
                        cpu=processes.CPUS[i % len(processes.CPUS)]) for i in range(generators)]
    counted = loads if kind == "comm" else loads[:1]
    value = str(loads[0].pid) if kind == "pid" else filters[kind]

    tool = bench.trace("open", "-o", "json", "--fields", "proc.pid,fd.name", f"--{kind}", value)
    tool.child.send_signal(signal.SIGSTOP)
    for load in loads:
        load.begin(count=count)
    for load in loads:
        load.finish()
    tool.child.send_signal(signal.SIGCONT)
    tool.wait_quiet()
    stop(tool)

    lines = {load.pid: 0 for load in counted}
    strangers = 0
    for line in tool.lines():
        pid = json.loads(line)["proc.pid"]
        if pid in lines:
            lines[pid] += 1
        else:
            strangers += 1
    for load in loads:
        load.close()

    made = count * len(counted)
    account = tool.account()["open"]
    lost = sum(account["lost"].values())
    filtered = sum(account["filtered"].values())
    written = sum(lines.values())
    bench.facts.setdefault("loss_by_force", []).append(
        {"filter": kind, "generators": generators, "opens_of_each": count, "lines": lines,
         "account": account})
    problems = []
    if not lost:
        problems.append("nothing was lost: the ring did not overflow, the case was not tested")
    if strangers:
        problems.append(f"{strangers} events of other processes came through --{kind}")
    if account["delivered"] != written:
        problems.append(f"the account says {account['delivered']} delivered, {written} lines came")
    if any(number > count for number in lines.values()):
        problems.append("more lines of a process than it made calls")
    words = f"--{kind}, {generators} procs"
    return [
        Row("6", f"seen-filtered-made, {words}", "", [account["seen"] - filtered - made],
            at_most=0, at_least=0, problems=problems),
        Row("6", f"lines+lost-made, {words}", "", [written + lost - made],
            at_most=0, at_least=0),
        Row("6", f"lost of {made}, {words}", "", [lost]),
    ]


def bar_6(bench: Bench) -> list[Row]:
    count = 50_000
    rows = []
    for filters in ({"pid": ""}, {"comm": "orbench-loss"}):
        bench.say(f"bar 6, --{next(iter(filters))}")
        rows += forced_loss(bench, 3, count, **filters)
    return rows


# ---- 7: opens that a path refuses

def bar_7(bench: Bench) -> list[Row]:
    states = {
        "as given": "fd.name startswith /nobody/touches/this/",
        "of the object": "fd.realpath startswith /nobody/touches/this/",
    }
    limits = {"as given": 1.2, "of the object": 1.3}
    bare, problems = [], []
    cost = {name: [] for name in states}
    ratios = {name: [] for name in states}
    load = bench.load("open", path=bench.file("file"))
    for number in range(bench.rounds(9)):
        bench.say(f"bar 7, round {number + 1}")
        before = cpu_per_call(load)
        for name, condition in states.items():
            tool = bench.trace("open", "-o", "json", "--where", condition)
            traced = cpu_per_call(load)
            made = load.run(count=1000)["iterations"]
            stop(tool)
            after = cpu_per_call(load)
            bare.append(before)
            cost[name].append(traced)
            ratios[name].append(traced / ((before + after) / 2))
            before = after
            account = tool.account()["open"]
            if account["filtered"]["kernel"] < made or account["delivered"]:
                problems.append(f"path {name}: {account}")
    load.close()
    return [*[Row("7", f"open+close, prefix of path {name} / bare", "x", ratios[name],
                  at_most=limits[name], problems=problems[:1]) for name in states],
            Row("7", "open+close, bare", "ns", bare),
            *[Row("7", f"open+close, prefix of path {name}", "ns", cost[name]) for name in states]]


# ---- 8: many conditions at once

def bar_8(bench: Bench) -> list[Row]:
    counts = (1, 10, 100, 1000)
    path = bench.file("file")
    cost = {count: [] for count in counts}
    ratio = {count: [] for count in counts}
    bare, problems, size = [], [], {}
    load = bench.load("open", path=path)
    for number in range(bench.rounds(9)):
        bench.say(f"bar 8, round {number + 1}")
        before = cpu_per_call(load)
        for count in counts:
            tool = Tool("bench_conditions", [str(bench.programs / "bench_conditions"), "--count",
                                             str(count), "--near", path], bench.folder)
            tool.wait_for_message("conditions: attached")
            time.sleep(SETTLE)
            cost[count].append(cpu_per_call(load))
            made = load.run(count=1000)["iterations"]
            stop(tool)
            messages = [json.loads(line[line.index("{"):]) for line in
                        tool.messages().splitlines() if line.startswith("conditions: ")]
            size[count] = messages[0]
            if messages[1]["delivered"] or messages[1]["filtered_kernel"] < made:
                problems.append(f"{count} conditions: {messages[1]}")
        after = cpu_per_call(load)
        bare.append((before + after) / 2)
        for count in counts:
            ratio[count].append(cost[count][-1] / cost[1][-1])
    load.close()
    bench.facts["conditions"] = size
    rows = [Row("8", "open+close, 1000 conditions / 1", "x", ratio[1000], at_most=1.05,
                problems=problems[:1])]
    rows += [Row("8", f"open+close, {count} conditions / 1", "x", ratio[count])
             for count in counts[1:-1]]
    rows.append(Row("8", "open+close, bare", "ns", bare))
    rows += [Row("8", f"open+close, {count} conditions", "ns", cost[count]) for count in counts]
    rows += [Row("8", f"tables of {count} conditions", "MB", [size[count]["bytes"] / 2**20])
             for count in counts]
    return rows


# ---- 9: opens that are only counted

COUNTED = "orbench-count"  # the generator's name, which the groups are found by


def counted_by_outrider(tool: Tool) -> int:
    lines = [json.loads(line) for line in tool.lines()]
    return sum(line["count"] for line in lines if line.get("proc.name") == COUNTED)


def counted_by_bpftrace(tool: Tool) -> int:
    found = re.search(rf"^@\[{COUNTED}\]: (\d+)$", tool.out.read_text(errors="replace"), re.M)
    return int(found[1]) if found else 0


def bar_9(bench: Bench) -> list[Row]:
    def outrider() -> Tool:
        return bench.trace("open", "--count", "--by", "proc.name", "-o", "json")

    def peer() -> Tool:
        tool = Tool(counting.name, list(counting.argv), bench.folder)
        deadline = time.monotonic() + 15
        while tool.count("Attaching")[0] == 0 and time.monotonic() < deadline:
            tool.check_alive()
            time.sleep(0.05)
        time.sleep(2)  # nothing says when it has attached; if not by then, the number tells
        return tool

    counting, = (each for each in PEERS if each.watches == "count")
    states = {"outrider": (outrider, counted_by_outrider)}
    if bench.peers and shutil.which(counting.argv[0]):
        states["peer"] = (peer, counted_by_bpftrace)
    elif bench.peers:
        bench.say(f"bar 9: no {counting.name}: not installed; apt-get install {counting.package}")
    bare, wrong = [], {name: [] for name in states}
    ratio = {name: [] for name in states}
    load = bench.load("open", path=bench.file("file"), comm=COUNTED)
    with processes.tracefs() if "peer" in states else contextlib.nullcontext():
        for number in range(bench.rounds(9)):
            bench.say(f"bar 9, round {number + 1}")
            before = cpu_per_call(load)
            for name, (begin, count) in states.items():
                tool = begin()
                runs = [load.run(seconds=0.01) for _ in range(41)]  # the first warms up
                stop(tool)
                cost = undisturbed([run["cpu_ns"] / run["iterations"] for run in runs[1:]])
                after = cpu_per_call(load)
                wrong[name].append(sum(run["iterations"] for run in runs) - count(tool))
                bare.append(before)
                ratio[name].append(cost / ((before + after) / 2))
                before = after
    load.close()
    rows = [Row("9", "open+close, counted by comm / bare", "x", ratio["outrider"], at_most=1.45),
            Row("9", "opens that were not counted", "", wrong["outrider"], at_most=0,
                at_least=0)]
    if "peer" in states:
        rows += [Row("9", f"the same, {counting.name} / bare", "x", ratio["peer"]),
                 Row("9", "opens that it did not count", "", wrong["peer"]),
                 Row("9", "counted, against the peer", "x",
                     share(ratio["outrider"], ratio["peer"]), at_most=1)]
    return [*rows, Row("9", "open+close, bare", "ns", bare)]


BARS = {"1": bar_1, "2": bar_2, "3": bar_3, "4": bar_4, "5": bar_5, "6": bar_6, "7": bar_7,
        "8": bar_8, "9": bar_9, "10": bar_10, "11": bar_11, "12": bar_12, "13": bar_13, "14": bar_14,
        "15": bar_15, "16": bar_16}
