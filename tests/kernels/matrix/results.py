# SPDX-License-Identifier: Apache-2.0
"""What came of the tests: read from what a guest sent, and written for people and machines."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, dataclass, field

from .guest import Guest, guest_name

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Test:
    program: str
    name: str
    result: str
    reason: str = ""
    seconds: float = 0.0


@dataclass
class Report:
    """Everything about one guest. `skipped` says why it was not run at all."""
    kernel: str
    cgroups: str = "v2"
    release: str | None = None
    skipped: str | None = None
    problem: str | None = None
    boot_seconds: float | None = None
    seconds: float | None = None
    missing_modules: list[str] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    kernel_warnings: list[str] = field(default_factory=list)
    status: object = None  # of `outrider status -o json`
    status_error: str | None = None

    @property
    def name(self) -> str:
        return guest_name(self.kernel, self.cgroups)

    def count(self, result: str) -> int:
        return sum(test.result == result for test in self.tests)

    def passed(self) -> bool:
        return not self.skipped and not self.problem and not self.count(FAILED)


STATUS = ["outrider", "status", "-o", "json"]


def collect(guest: Guest, seconds: float) -> Report:
    files = guest.files()
    report = Report(guest.kernel.name, guest.layout,
                    files.get("release", b"").decode().strip() or None)
    report.problem = guest.problem(files)
    report.boot_seconds = guest.boot_seconds and round(guest.boot_seconds, 1)
    report.seconds = round(seconds, 1)
    report.missing_modules = guest.missing_modules
    for number, words in enumerate(guest.programs):
        code = files.get(f"{number}.exit", b"").decode().split()
        output = guest.output(number)
        program = words[0].removeprefix("./")
        if words == STATUS:
            report.status, report.status_error = read_status(code, output)
        elif report.problem is None or code or output:
            report.tests += read_program(program, code, output, files.get(f"{number}.xml"),
                                         report.problem)
        else:
            report.tests.append(Test(program, program, FAILED, f"not run: {report.problem}"))
    if "kernel.log" in files:
        add_kernel_log(report, files["kernel.log"].decode(errors="replace"))
    return report


def read_program(program: str, code: list[str], output: str, xml: bytes | None,
                 problem: str | None) -> list[Test]:
    if not code:
        end = problem or "the guest did not tell its exit code"
    elif code[0] == "timeout":
        end = f"hung: ended after {code[1]} s"
    elif code[0] != "0":
        end = f"exit code {code[0]}"
    else:
        end = None

    tests = read_xml(program, xml) if xml else []
    if not tests and "[==========] Running" in output:
        tests = read_output(program, output, end or "exited without its report")
    if not tests:  # not a gtest program, or it died before its first test
        seconds = float(code[1]) if code else 0.0
        return [Test(program, program, FAILED if end else PASSED, join(end, tail(output)) if end
                     else "", seconds)]
    if end and not any(test.result == FAILED for test in tests):
        tests.append(Test(program, program, FAILED, join(end, tail(output))))
    return tests


def read_xml(program: str, xml: bytes) -> list[Test]:
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return []
    tests = []
    for case in root.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        seconds = float(case.get("time", "0"))
        failures = [node.text or node.get("message", "") for node in case.findall("failure")]
        skip = case.find("skipped")
        if failures:
            tests.append(Test(program, name, FAILED, "\n".join(failures).strip(), seconds))
        elif skip is not None or case.get("result") == "skipped":
            reason = skip.get("message", "") if skip is not None else ""
            tests.append(Test(program, name, SKIPPED, reason_of_skip(reason), seconds))
        elif case.get("result") == "suppressed" or case.get("status") == "notrun":
            if "DISABLED_" in name:  # else a filter left it out
                tests.append(Test(program, name, SKIPPED, "disabled", seconds))
        else:
            tests.append(Test(program, name, PASSED, "", seconds))
    return tests


def reason_of_skip(message: str) -> str:
    """gtest's message without the place in the source that opens it."""
    lines = [line for line in message.strip().splitlines()
             if not re.fullmatch(r"\S+:\d+", line.strip())]
    return " ".join(lines).removeprefix("Skipped").strip() or "the test gave no reason"


def read_output(program: str, output: str, end: str) -> list[Test]:
    """The tests of a gtest program that died: what it printed until then."""
    results = {"OK": PASSED, "FAILED": FAILED, "SKIPPED": SKIPPED}
    tests, running = [], None
    for line in output.splitlines():
        match = re.match(r"\[ *(RUN|OK|FAILED|SKIPPED) *\] (\w[\w./]*)", line)
        if not match:
            continue
        word, name = match.groups()
        if word == "RUN":
            running = name
        elif name == running:
            reason = {"FAILED": "see the program's output", "SKIPPED": "reason lost: " + end}
            tests.append(Test(program, name, results[word], reason.get(word, "")))
            running = None
    where = f"{end}, while running {running}" if running else f"{end}, between tests"
    tests.append(Test(program, running or program, FAILED, join(where, tail(output))))
    return tests


def read_status(code: list[str], output: str) -> tuple[object, str | None]:
    if code and code[0] == "0":
        try:
            return json.loads(output), None
        except ValueError:
            return None, "its output is not JSON: " + tail(output, 3)
    return None, join(f"exit code {code[0]}" if code else "did not run", tail(output, 3))


def add_kernel_log(report: Report, log: str) -> None:
    """A kernel that was hurt is a failure, even when every test passed."""
    marks = [line for line in log.splitlines()
             if re.search(r"\b(BUG:|Oops:|WARNING:|general protection fault|INFO: task .* blocked|"
                          r"rcu: INFO: .* stall|UBSAN:|KASAN:)", line)]
    report.kernel_warnings = marks
    broken = [line for line in marks if re.search(r"BUG:|Oops:|general protection|KASAN:", line)]
    if broken:
        report.tests.append(Test("kernel", "kernel.log", FAILED, "\n".join(broken)))


def tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def join(first: str, rest: str) -> str:
    return f"{first}\n{rest}" if rest else first


def print_report(report: Report, console: list[str]) -> None:
    name = report.name
    if report.skipped:
        print(f"skipped: {name}: {report.skipped}", flush=True)
        return
    boot = (f"booted in {report.boot_seconds} s" if report.boot_seconds is not None
            else "did not boot")
    print(f"{name}: {report.release or 'no release'}: {boot}, took {report.seconds} s: "
          f"{report.count(PASSED)} passed, {report.count(FAILED)} failed, "
          f"{report.count(SKIPPED)} skipped", flush=True)
    for test in report.tests:
        if test.result != PASSED:
            label = test.name if test.name == test.program else f"{test.program}: {test.name}"
            print(f"  {test.result}: {label}: " + indented(test.reason, "      "))
    for line in report.kernel_warnings:
        print(f"  kernel log: {line}")
    if report.missing_modules:
        print(f"  note: this kernel has no module {', '.join(report.missing_modules)}")
    if report.problem:
        print(f"  failed: guest: {report.problem}")
        print("  end of its console:")
        for line in console:
            print(f"      {line}")


def indented(text: str, prefix: str, lines: int = 30) -> str:
    parts = text.splitlines() or [""]
    if len(parts) > lines:
        parts = parts[:lines] + [f"... {len(parts) - lines} more lines"]
    return f"\n{prefix}".join(parts)


def print_total(reports: list[Report]) -> None:
    total = {result: sum(report.count(result) for report in reports)
             for result in (PASSED, FAILED, SKIPPED)}
    # A kernel or guest that failed as a whole counts as one more.
    total[FAILED] += sum(bool(r.problem) and not r.count(FAILED) for r in reports)
    total[SKIPPED] += sum(bool(report.skipped) for report in reports)
    print(f"{total[PASSED]} passed, {total[FAILED]} failed, {total[SKIPPED]} skipped", flush=True)


def write_json(path: str, reports: list[Report]) -> None:
    with open(path, "w") as out:
        json.dump({"kernels": [asdict(report) for report in reports]}, out, indent=2)
        out.write("\n")


def write_junit(path: str, reports: list[Report]) -> None:
    root = ElementTree.Element("testsuites")
    for report in reports:
        tests = list(report.tests)
        if report.skipped:
            tests.append(Test("guest", "guest", SKIPPED, report.skipped))
        elif report.problem:
            tests.append(Test("guest", "guest", FAILED, report.problem))
        count = {result: sum(test.result == result for test in tests)
                 for result in (FAILED, SKIPPED)}
        suite = ElementTree.SubElement(
            root, "testsuite", name=f"kernel {report.name}", tests=str(len(tests)),
            failures=str(count[FAILED]), skipped=str(count[SKIPPED]),
            time=str(report.seconds or 0))
        for test in tests:
            case = ElementTree.SubElement(suite, "testcase", name=test.name,
                                          classname=f"{report.name}.{test.program}",
                                          time=str(test.seconds))
            if test.result == FAILED:
                first = test.reason.splitlines()[0] if test.reason else "failed"
                node = ElementTree.SubElement(case, "failure", message=printable(first))
                node.text = printable(test.reason)
            elif test.result == SKIPPED:
                ElementTree.SubElement(case, "skipped", message=printable(test.reason))
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def printable(text: str) -> str:
    """Without the characters that XML forbids."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
