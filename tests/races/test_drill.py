"""A small drill, as a merchant starts it: it holds, and nobody can change its report unnoticed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from liveshelf.entry.drill.report import ReportChangedError, verified


def liveshelf(*words: str | int | Path, data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "liveshelf.entry.cli", "--data", str(data), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.feature("L-501")
@pytest.mark.timeout(900)
def test_a_small_drill_holds_and_its_report_can_not_be_changed(tmp_path: Path):
    data, out = tmp_path / "data", tmp_path / "out"
    done = liveshelf("drill", "oversell", "--buyers", 120, "--stock", 8, "--seed", 3, "--out", out, data=data)
    assert done.returncode == 0, done.stdout + done.stderr
    files = sorted(out.iterdir())
    assert [file.suffix for file in files] == [".html", ".json"]
    report = json.loads(files[1].read_text())["report"]
    assert report["passed"]
    assert sum("killed" in fault["what"] for fault in report["faults"]) >= 5
    assert not (data / "postgres").exists(), "a drill touches nothing but its own folder"
    for file in files:
        told = liveshelf("drill", "verify", file, data=data)
        assert (told.returncode, "passed" in told.stdout) == (0, True), told.stderr
        text = file.read_text()
        for was, becomes in (('"buyers": 120', '"buyers": 121'), ('"buyers":120', '"buyers":121'), ("8 pieces", "9 p")):
            changed = file.with_name(f"changed{file.suffix}")
            changed.write_text(text.replace(was, becomes))
            with pytest.raises(ReportChangedError) if was in text else contextlib.nullcontext():
                verified(changed)
    assert liveshelf("drill", "verify", files[0].with_name("changed.html"), data=data).returncode != 0
