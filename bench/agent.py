# SPDX-License-Identifier: Apache-2.0
"""The bars about the agent: a build with all kinds on, its memory, its restart, many readers."""

import contextlib
import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import processes
from processes import BenchError, Tool
from report import Row

SOURCES = 16  # of the build
READERS = 50
RATE = 20_000  # events a second


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: pathlib.Path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self.path))


class Agent:
    """`outrider agent` in a directory of its own."""

    def __init__(self, bench, configuration: str = ""):
        self.bench = bench
        self.run = bench.folder / "run"
        self.file = bench.folder / "agent.yaml"
        self.file.write_text(f"run_directory: {self.run}\nobserve_group: \"\"\n"
                             f"metrics: {{listen: \"\"}}\n{configuration}")
        self.tool = self.start()

    def start(self) -> Tool:
        tool = Tool("agent", [str(self.bench.outrider), "agent", "--config", str(self.file)],
                    self.bench.folder)
        tool.wait_for_message("is ready")
        return tool

    def get(self, target: str) -> bytes:
        connection = Connection(self.run / "observe.sock")
        connection.request("GET", target)
        reply = connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise BenchError(f"GET {target}: {reply.status}: {body[:200]!r}")
        return body

    def trace(self, out: pathlib.Path, *words: str) -> subprocess.Popen:
        """A client whose output goes to `out`, and its account to `out`.account."""
        with open(out, "wb") as lines, open(f"{out}.account", "wb") as account:
            client = processes.start([str(self.bench.outrider), "trace", *words, "-o", "json"],
                                     processes.TOOL_CPU, stdin=subprocess.DEVNULL, stdout=lines,
                                     stderr=account, env={"OUTRIDER_RUN_DIRECTORY": str(self.run)})
        deadline = time.monotonic() + 30
        while b"tracing" not in pathlib.Path(f"{out}.account").read_bytes():
            if time.monotonic() > deadline or client.poll() is not None:
                raise BenchError(f"a stream does not begin: {pathlib.Path(f'{out}.account')}")
            time.sleep(0.01)
        return client


def account_of(out: pathlib.Path) -> dict:
    for line in pathlib.Path(f"{out}.account").read_text().splitlines():
        if line.startswith('{"account"'):
            return json.loads(line)["account"]
    raise BenchError(f"no account in {out}.account")


def unaccounted(account: dict) -> int:
    return sum(abs(kind["seen"] - kind["delivered"] - sum(kind["filtered"].values())
                   - sum(kind["lost"].values())) for kind in account.values())


def lost(account: dict) -> int:
    return sum(sum(kind["lost"].values()) for kind in account.values())


def make_build(folder: pathlib.Path) -> list[str]:
    project = folder / "project"
    project.mkdir(exist_ok=True)
    for number in range(SOURCES):
        (project / f"f{number}.cpp").write_text(
            "#include <iostream>\n#include <map>\n#include <string>\n#include <vector>\n"
            f"void f{number}() {{ std::map<std::string, std::vector<int>> m; m[\"a\"] = {{1}};\n"
            "  std::cout << m.size(); }\n")
    objects = " ".join(f"f{number}.o" for number in range(SOURCES))
    (project / "Makefile").write_text(f"all: {objects}\n")
    return ["make", "-s", "-B", "-j2", "-C", str(project)]


def build_s(words: list[str]) -> float:
    begun = time.monotonic_ns()
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return (time.monotonic_ns() - begun) / 1e9


def all_kinds(bench) -> list[str]:
    listed = subprocess.run([str(bench.outrider), "complete", "--", "trace", ""], check=True,
                            capture_output=True, text=True).stdout.split()
    return [kind for kind in listed if ":" not in kind]


def bar_13(bench) -> list[Row]:
    if not (shutil.which("make") and shutil.which("c++")):
        bench.say("bar 13: no build: make or c++ is not installed")
        return []
    words = make_build(bench.folder)
    build_s(words)
    bare, ratio, private, accounts = [], [], [], []
    for number in range(bench.rounds(9)):
        bench.say(f"bar 13, round {number + 1}")
        before = build_s(words)
        agent = Agent(bench)
        out = bench.folder / "all"
        client = agent.trace(out, *all_kinds(bench))
        took = build_s(words)
        private.append(processes.memory(agent.tool.pid)["private"] / 2**20)
        processes.end(client, signal.SIGINT)
        accounts.append(account_of(out))
        agent.tool.stop()
        bare.append((before + build_s(words)) / 2)
        ratio.append(took / bare[-1])
    bench.facts["bar 13"] = {"account": accounts[-1]}
    return [Row("13", "build with all kinds on / bare", "x", ratio, at_most=1.10),
            Row("13", "events that are in no account", "",
                [unaccounted(account) for account in accounts], at_most=0),
            Row("13", "events lost, and told", "", [lost(account) for account in accounts]),
            Row("13", "private memory of the agent", "MB", private, at_most=40),
            Row("13", "build, bare", "ms", [1000 * one for one in bare])]


def bar_14(bench) -> list[Row]:
    """From the death of one agent to the first event of the next."""
    taken = []
    for number in range(bench.rounds(9)):
        bench.say(f"bar 14, round {number + 1}")
        agent = Agent(bench)
        processes.end(agent.tool.child, signal.SIGKILL)
        begun = time.monotonic_ns()
        restarted = Tool("agent", [str(bench.outrider), "agent", "--config", str(agent.file)],
                         bench.folder)
        while True:
            with contextlib.suppress(OSError):
                connection = Connection(agent.run / "observe.sock")
                connection.request("GET", "/v1/trace?kind=exec&output=json&max-events=1")
                reply = connection.getresponse()
                break
            time.sleep(0.002)
            if time.monotonic_ns() - begun > 30e9:
                raise BenchError("the agent does not come back")
        subprocess.run(["true"], check=True)
        reply.readline()
        taken.append((time.monotonic_ns() - begun) / 1e6)
        restarted.stop()
    return [Row("14", "agent killed, until the next one's first event", "ms", taken, at_most=1000)]


def bar_15(bench) -> list[Row]:
    """Readers that each want a fiftieth of what happens; one of them stands still."""
    seconds = 3 if bench.quick else 10
    share, base, lost_by_others, lost_by_slow, delivered = [], [], [], [], []
    for number in range(bench.rounds(3)):
        bench.say(f"bar 15, round {number + 1}")
        agent = Agent(bench, "streams: {buffer: 256}\n")
        load = bench.load("open", path=bench.file("file"), rate=RATE)
        cpu = {}
        for readers in (1, READERS):
            clients = []
            for reader in range(readers):
                # Nearly met by each event: the path is decided at its end only.
                where = f"fd.name = {bench.file('file')} and thread.tid != {reader + 1}"
                if reader > 0:
                    where = f"fd.name startswith {bench.folder}/fil and evt.arg.flags = {reader}"
                clients.append(agent.trace(bench.folder / f"reader-{reader}", "open", "--where",
                                           where))
            slow = clients[0]
            if readers > 1:
                slow.send_signal(signal.SIGSTOP)
            before = agent.tool.cpu_ns()
            made = load.run(seconds=seconds)["iterations"]
            cpu[readers] = (agent.tool.cpu_ns() - before) / (seconds * 1e9)
            slow.send_signal(signal.SIGCONT)
            time.sleep(0.2)
            for client in clients:
                processes.end(client, signal.SIGINT)
            accounts = [account_of(bench.folder / f"reader-{reader}") for reader in range(readers)]
            if readers > 1:
                lost_by_slow.append(lost(accounts[0]))
                lost_by_others.append(sum(lost(account) for account in accounts[1:]))
            else:
                delivered.append(accounts[0]["open"]["delivered"] / made)
        load.close()
        agent.tool.stop()
        base.append(100 * cpu[1])
        share.append(100 * (cpu[READERS] - cpu[1]) / (READERS - 1))
    return [Row("15", "agent's CPU for each of 50 readers, per cent", "", share),
            Row("15", "agent's CPU with one reader of all, per cent", "", base),
            Row("15", "delivered to one reader, of those made", "x", delivered),
            Row("15", "lost by readers that read", "", lost_by_others, at_most=0),
            Row("15", "lost by the one that stood still", "", lost_by_slow, at_least=1)]


MAX_CPU = 5  # per cent of one CPU


def used_ns(tool: Tool) -> int:
    """CPU time of a process and of its kernel programs, as the limit itself counts them: the kernel
    measures programs while somebody wants it to (BPF_ENABLE_STATS), which a limit does."""
    programs = {}
    folder = pathlib.Path(f"/proc/{tool.pid}/fdinfo")
    for file in folder.iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            info = dict(line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
            if "prog_id" in info and "run_time_ns" in info:
                programs[int(info["prog_id"])] = int(info["run_time_ns"])
    return tool.cpu_ns() + sum(programs.values())


def bar_16(bench) -> list[Row]:
    """A flood that begins at once and goes on, while a limit is to be held."""
    seconds = 10 if bench.quick else 60
    means, most, kept, problems = [], [], [], []
    load = bench.load("open", path=bench.file("file"))
    for number in range(bench.rounds(3)):
        bench.say(f"bar 16, round {number + 1}")
        tool = bench.trace("open", "--max-cpu", str(MAX_CPU), "-o", "json")
        times, used = [time.monotonic_ns()], [used_ns(tool)]
        load.begin(seconds=seconds)
        for second in range(seconds):
            time.sleep(max(0, (times[0] + (second + 1) * 1e9 - time.monotonic_ns()) / 1e9))
            times.append(time.monotonic_ns())
            used.append(used_ns(tool))
        made = load.finish()["iterations"]
        each = [100 * (used[i + 1] - used[i]) / (times[i + 1] - times[i]) for i in range(seconds)]
        means.append(100 * (used[-1] - used[0]) / (times[-1] - times[0]))
        most.append(max(each))
        bench.facts.setdefault("bar 16", []).append([round(one, 2) for one in each])
        if tool.stop() != 0:
            raise BenchError(f"trace --max-cpu failed: {tool.complaint()}")
        account = tool.account()["open"]
        kept.append(100 * account["delivered"] / made)
        if unaccounted({"open": account}):
            problems.append(f"events that are in no account: {account}")
        if not account["lost"].get("sampled"):
            problems.append("nothing was sampled: no flood, or no limit")
        tool.out.unlink()
    load.close()
    return [Row("16", f"flood, --max-cpu {MAX_CPU}: used, per cent", "", means,
                at_most=1.2 * MAX_CPU, problems=problems[:3]),
            Row("16", "the same, in the worst second", "", most),
            Row("16", "opens delivered meanwhile, per cent", "", kept)]
