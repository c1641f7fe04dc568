# SPDX-License-Identifier: Apache-2.0
"""Debian's kernels: finds, downloads and unpacks them.

Apt does the finding, the downloading and the checking of signatures and hashes, with a
configuration, lists and state of its own inside the cache: the machine's apt is only asked
for the address of its mirror. Kernels are looked up again at most once a day; when the
mirror cannot be reached, the kernel of the last time is used.
"""

import fcntl
import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass

# Name on the command line -> suite of Debian. The cloud flavour has what our tests need (BTF,
# BPF LSM, fentry, kprobes, io_uring, 32-bit calls, virtio) in a third of the download.
SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie", "newest": "sid"}
META_PACKAGE = "linux-image-cloud-amd64"

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
DAY = 24 * 3600


class Unavailable(Exception):
    """This kernel cannot be had here and now; the message says why."""


@dataclass(frozen=True)
class Kernel:
    name: str  # "6.1"
    release: str  # what `uname -r` says
    version: str  # of the package
    root: pathlib.Path  # where the packages are unpacked

    @property
    def image(self) -> pathlib.Path:
        return self.either(f"boot/vmlinuz-{self.release}",
                           f"usr/lib/modules/{self.release}/vmlinuz")

    @property
    def configuration(self) -> pathlib.Path:
        return self.either(f"boot/config-{self.release}",
                           f"usr/lib/modules/{self.release}/config")

    def either(self, *places: str) -> pathlib.Path:
        """Newer packages have another layout."""
        for place in places:
            if (self.root / place).exists():
                return self.root / place
        raise Unavailable(f"{self.root} has neither {' nor '.join(places)}: the layout of "
                          "Debian's kernel packages changed, and matrix/packages.py must follow")

    def modules(self, wanted: list[str]) -> tuple[list[tuple[str, bytes]], list[str]]:
        """The modules to load as (name, content) in load order, and the names nobody has."""
        files, builtin = {}, set()
        for tree in (self.root / "lib/modules", self.root / "usr/lib/modules"):
            for path in tree.rglob("*.ko*"):
                files[module_name(path.name)] = path
            for path in tree.rglob("modules.builtin"):
                builtin |= {module_name(line) for line in path.read_text().split()}
        order: dict[str, bytes] = {}
        missing: list[str] = []

        def add(name: str) -> None:
            name = name.replace("-", "_")
            if name in order or name in builtin:
                return
            if name not in files:
                missing.append(name)
                return
            content = files[name].read_bytes()
            if files[name].suffix == ".xz":
                content = lzma.decompress(content)
            # depmod runs when a kernel is installed, so there is no modules.dep to read; the
            # same names are in each module's .modinfo section.
            depends = re.search(rb"\0depends=([^\0]*)\0", content)
            for other in depends.group(1).decode().split(",") if depends else []:
                if other:
                    add(other)
            order[name] = content

        for name in wanted:
            add(name)
        return list(order.items()), missing


def module_name(path: str) -> str:
    return path.rsplit("/", 1)[-1].split(".ko")[0].replace("-", "_")


def cache_directory() -> pathlib.Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(base) / "outrider" / "kernels"


def cached(name: str) -> Kernel | None:
    """The kernel that an earlier run unpacked, if any. Asks nobody."""
    return load_record(cache_directory() / name, name)[0]


def get(name: str, say=print) -> Kernel:
    """The newest kernel of this name, from the cache or from Debian's mirror."""
    place = cache_directory() / name
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kernel, due = load_record(place, name)
        if kernel and time.time() < due:
            return kernel
        try:
            newest = refresh(place, name, kernel, say)
            due = time.time() + DAY
        except Unavailable as error:
            if not kernel:
                raise
            say(f"{name}: using {kernel.release} of an earlier run: {error}")
            newest, due = kernel, time.time() + 3600  # ask again in an hour
        save_record(place, newest, due)
        for old in place.glob("root-*"):
            if old != newest.root:
                shutil.rmtree(old, ignore_errors=True)
        return newest


def load_record(place: pathlib.Path, name: str) -> tuple[Kernel | None, float]:
    """The unpacked kernel, and the time at which to look for a newer one."""
    try:
        record = json.loads((place / "kernel.json").read_text())
        kernel = Kernel(name, record["release"], record["version"], place / record["root"])
        return (kernel, record["due"]) if kernel.root.is_dir() else (None, 0)
    except (OSError, ValueError, KeyError):
        return None, 0


def save_record(place: pathlib.Path, kernel: Kernel, due: float) -> None:
    record = {"release": kernel.release, "version": kernel.version, "root": kernel.root.name,
              "due": due}
    temporary = place / "kernel.json.tmp"
    temporary.write_text(json.dumps(record, indent=2) + "\n")
    temporary.rename(place / "kernel.json")


def refresh(place: pathlib.Path, name: str, have: Kernel | None, say) -> Kernel:
    configuration = write_apt_configuration(place, SUITES[name])
    # A list that apt could not renew stays as it was, so look into the lists in any case.
    updated = apt(configuration, "apt-get", "update", check=False)
    meta = show(configuration, META_PACKAGE)
    match = re.search(r"\blinux-image-(\S+) \(= ([^)]+)\)", meta.get("Depends", ""))
    if not match:
        raise Unavailable(f"found no {META_PACKAGE} of {SUITES[name]} on the mirror: "
                          + complaint(updated))
    release, version = match.groups()
    root = place / f"root-{release}_{version.replace(':', '%')}"
    kernel = Kernel(name, release, version, root)
    if have == kernel:
        return kernel

    image = f"linux-image-{release}"
    parts = re.findall(rf"\b(linux-(?:base|binary|modules)-{re.escape(release)})(?![\w.+-])",
                       show(configuration, image).get("Depends", ""))
    packages = [f"{package}={version}" for package in [image, *dict.fromkeys(parts)]]
    say(f"{name}: downloading {release} ({len(packages)} packages)")
    with tempfile.TemporaryDirectory(prefix="tmp-", dir=place) as temporary:
        downloads = pathlib.Path(temporary, "packages")
        unpacked = pathlib.Path(temporary, "root")
        downloads.mkdir()
        apt(configuration, "apt-get", "download", *packages, directory=downloads)
        for package in sorted(downloads.glob("*.deb")):
            command(["dpkg-deb", "--extract", str(package), str(unpacked)])
        unpacked.chmod(0o755)
        if root.exists():
            shutil.rmtree(root)
        unpacked.rename(root)
    for part in (kernel.image, kernel.configuration):
        part.stat()
    return kernel


def write_apt_configuration(place: pathlib.Path, suite: str) -> pathlib.Path:
    directory = place / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (directory / part).mkdir(parents=True, exist_ok=True)
    (directory / "status").touch()
    archive, security = mirrors()
    options = f"[arch=amd64 signed-by={KEYRING}]"
    lines = [f"deb {options} {archive} {suite} main"]
    if security and suite != "sid":
        lines.append(f"deb {options} {security} {suite}-security main")
    (directory / "sources.list").write_text("\n".join(lines) + "\n")
    # Check-Valid-Until: a suite at the end of its life has a Release file that is not renewed.
    # The hooks that images for containers configure are not ours to run.
    (directory / "apt.conf").write_text(f"""\
Dir::Etc::sourcelist "{directory}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{directory}";
Dir::State::lists "{directory}/lists";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Retries "1";
Acquire::http::Timeout "20";
""")
    return directory / "apt.conf"


def mirrors() -> tuple[str, str | None]:
    """Addresses of the archive and of its security part, from this machine's own sources."""
    given = os.environ.get("OUTRIDER_DEBIAN_MIRROR", "").split()
    if given:
        return given[0], given[1] if len(given) > 1 else None
    if not re.search(r"^ID=debian$", read("/etc/os-release"), re.MULTILINE):
        raise Unavailable("this machine is not Debian, so its apt knows no mirror of Debian: set "
                          "OUTRIDER_DEBIAN_MIRROR='URI [URI of the security archive]'")
    uris = command(["apt-get", "update", "--print-uris"])
    archive = security = None
    for uri, suite in re.findall(r"'(\S+/)dists/(\S+?)/InRelease'", uris):
        if re.fullmatch(r"\w+-security|\w+/updates", suite):
            security = security or uri
        elif re.fullmatch(r"bullseye|bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable",
                          suite):
            archive = archive or uri
    if not archive:
        raise Unavailable("this machine's apt has no source with Debian's archive: add one, or "
                          "set OUTRIDER_DEBIAN_MIRROR='URI [URI of the security archive]'")
    return archive, security


def show(configuration: pathlib.Path, package: str) -> dict[str, str]:
    """The fields of the candidate's record; empty if there is none."""
    text = apt(configuration, "apt-cache", "show", "--no-all-versions", package, check=False)
    return dict(re.findall(r"^(\w[\w-]*): (.*)$", text.split("\n\n")[0], re.MULTILINE))


def apt(configuration: pathlib.Path, program: str, *arguments: str,
        directory: pathlib.Path | None = None, check: bool = True) -> str:
    return command([program, "-c", str(configuration), "-q", *arguments], directory, check)


def command(arguments: list[str], directory: pathlib.Path | None = None,
            check: bool = True) -> str:
    """Output of a program, with its complaints when it fails and `check` is off."""
    done = subprocess.run(arguments, cwd=directory, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=os.environ | {"LC_ALL": "C"})
    if done.returncode and check:
        raise Unavailable(f"`{' '.join(arguments)}` failed: {complaint(done.stderr)}")
    return done.stdout + (done.stderr if done.returncode else "")


def complaint(text: str) -> str:
    """The first: what follows it tells of its consequences."""
    lines = [line for line in text.splitlines() if re.match(r"[EW]: |dpkg-deb: ", line)]
    return lines[0] if lines else "apt did not say why"


def read(path: str) -> str:
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""
