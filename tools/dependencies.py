"""What we depend on, checked: every locked file by its hash, no address in a lock, only licences we may ship beside.

Run by script/check. Prints each finding, and exits with 1 if there is any.

Licences: permissive ones, and weak copyleft (LGPL, MPL) for libraries that are used unchanged and installed as packages
of their own. GPL and AGPL are refused, for tools too, so that no one has to remember which is which.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHON_LOCKS: Final = tuple(sorted(path.name for path in ROOT.glob("requirements*.lock")))
BUILD_LOCK: Final = "requirements-build.lock"  # of what makes a package, beside what runs
NPM_LOCK: Final = "web/package-lock.json"

# Written as the packages write them, in lower case.
ALLOWED: Final = frozenset({
    *("0bsd", "mit", "mit-0", "mit-cmu", "mit license", "isc", "unlicense", "blueoak-1.0.0", "cc0-1.0"),
    *("bsd", "bsd license", "bsd-2-clause", "bsd-3-clause"),
    *("apache-2.0", "apache 2.0", "apache software license"),
    *("psf-2.0", "python-2.0", "python software foundation license", "postgresql"),
    *("mpl-2.0", "mozilla public license 2.0 (mpl 2.0)", "lgpl-3.0-only"),
    # Debian's word for "free", which some packages put beside their licence.
    "dfsg approved",
})  # fmt: skip

# Packages whose metadata names no licence, read by hand: the reason, and the version that was read.
READ_BY_HAND: Final = {
    # Its LICENSE file is MIT's; the axe-core inside is MPL-2.0 and used unchanged, in tests only.
    "axe-playwright-python": "0.1.8",
}


def main() -> int:
    """Check all, print what is wrong, and say how much was looked at."""
    findings = [*_python_locks(), *_locks_agree(), *_npm_lock(), *_python_licences()]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def _python_locks() -> Iterator[str]:
    for name in PYTHON_LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            if "://" in line or re.match(r"\s*(--(?!hash)|-[a-z] )", line):
                yield f"{name}:{number}: an address or an option in a lock: {line.strip()}"
        for block in re.split(r"\n(?=[a-z0-9])", text):
            if "==" in block and "--hash=sha256:" not in block:
                yield f"{name}: not locked by hash: {block.splitlines()[0]}"


def _locks_agree() -> Iterator[str]:
    """What servers run is in every lock that is installed over it, in the same version: a lock that was not made again
    after a change would leave something out, or take it back.
    """
    base = _locked("requirements.lock")
    for name in PYTHON_LOCKS:
        if name != BUILD_LOCK and (lost := base - _locked(name)):
            yield f"{name}: without {', '.join(sorted(lost))} of requirements.lock: run script/lock"


def _locked(name: str) -> set[str]:
    return set(re.findall(r"^[a-z0-9][^ ]*==[^ ]+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def _npm_lock() -> Iterator[str]:
    lock = json.loads((ROOT / NPM_LOCK).read_text(encoding="utf-8"))
    for path, package in lock["packages"].items():
        if not path.startswith("node_modules/") or package.get("link"):
            continue
        if "resolved" in package:
            yield f"{NPM_LOCK}: {path} names an address: npm install with omit-lockfile-registry-resolved=true"
        if "integrity" not in package and not package.get("inBundle"):
            yield f"{NPM_LOCK}: {path} is not locked by hash"
        if not _may_use(str(package.get("license", "none named"))):
            yield f"{NPM_LOCK}: {path} has a licence we have not allowed: {package.get('license')}"


def _python_licences() -> Iterator[str]:
    told = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"],
        check=True,
        capture_output=True,
        text=True,
    )
    for package in json.loads(told.stdout):
        name, version = package["Name"], package["Version"]
        # Some put the whole text where the name belongs: its first line is the name.
        licence = package["License"].strip().splitlines()[0]
        if not _may_use(licence) and READ_BY_HAND.get(name) != metadata.version(name):
            yield f"{name} {version} has a licence we have not allowed: {licence}"


def _may_use(licence: str) -> bool:
    """Whether an SPDX expression or a list of classifiers holds: all of AND and ``;``, any of OR."""
    wanted = licence.lower().strip()
    if wanted.startswith("(") and wanted.endswith(")"):
        wanted = wanted[1:-1]
    if wanted in ALLOWED:
        return True
    for separator, every in ((r"\s+or\s+", any), (r"\s+and\s+|\s*;\s*", all)):
        parts = re.split(separator, wanted)
        if len(parts) > 1:
            return every(_may_use(part) for part in parts)
    return False


if __name__ == "__main__":
    sys.exit(main())
