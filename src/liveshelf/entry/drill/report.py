"""The drill's report: what was played and what held, signed, as JSON and as a page that carries the same JSON."""

from __future__ import annotations

import base64
import os
import platform
import re
from dataclasses import asdict
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import liveshelf
from liveshelf.entry.drill.play import Plan, Played
from liveshelf.platform.signing import Keys

PURPOSE = "drill-report"
_MARK = '<script type="application/json" id="signed">'


class ReportChangedError(Exception):
    """The file is no report, or not as it was signed."""


def written(folder: Path, plan: Plan, played: Played, keys: Keys, *, at: datetime) -> list[Path]:
    """Write the report twice; the files."""
    report = {
        "drill": "oversell",
        "version": liveshelf.__version__,
        "at": at.isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "system": platform.system(), "python": platform.python_version()},
        "plan": asdict(plan),
        "took_s": round(played.took_s, 1),
        "passed": all(one.held for one in played.claims),
        "claims": [asdict(one) for one in played.claims],
        "figures": played.figures,
        "faults": played.faults,
    }
    key = keys.seal_key(PURPOSE)
    signature = key.sign(_canonical(report))
    signed = {
        "report": report,
        "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "signature": base64.b64encode(signature).decode(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    name = f"drill-oversell-{plan.seed}"
    files = [folder / f"{name}.json", folder / f"{name}.html"]
    files[0].write_bytes(msgspec.json.format(msgspec.json.encode(signed), indent=1))
    files[1].write_text(_page(report, msgspec.json.encode(signed).decode()), encoding="utf-8")
    return files


def verified(path: Path) -> tuple[dict[str, Any], bytes]:
    """The report in a file of either kind, and the public key that it was signed with. Raises `ReportChangedError`."""
    text = path.read_text(encoding="utf-8")
    if _MARK in text:
        text = text.partition(_MARK)[2].partition("</script>")[0].replace("<\\/", "</")
    try:
        signed = msgspec.json.decode(text)
        report: dict[str, Any] = signed["report"]
        public = base64.b64decode(signed["public_key"], validate=True)
        signature = base64.b64decode(signed["signature"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _canonical(report))
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise ReportChangedError(path.name) from error
    if path.suffix == ".html" and _shown(path.read_text(encoding="utf-8")) != _shown(_page(report, "")):
        raise ReportChangedError(path.name)
    return report, public


def _canonical(report: dict[str, Any]) -> bytes:
    return msgspec.json.encode(report, order="deterministic")


def _shown(page: str) -> str:
    return re.sub(re.escape(_MARK) + r".*?</script>", "", page, flags=re.DOTALL)


def _page(report: dict[str, Any], signed: str) -> str:
    claims = "\n".join(
        f'<tr class="{"held" if one["held"] else "broken"}"><td>{"✓" if one["held"] else "✗"}</td>'
        f"<td>{escape(one['zh'])}<br><small>{escape(one['name'])}</small></td><td>{escape(one['detail'])}</td></tr>"
        for one in report["claims"]
    )
    faults = "\n".join(f"<li>{one['at_s']} s — {escape(str(one['what']))}</li>" for one in report["faults"])
    figures = escape(msgspec.json.format(msgspec.json.encode(report["figures"]), indent=1).decode())
    verdict = "通过 Passed" if report["passed"] else "未通过 Failed"
    plan = report["plan"]
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>演练报告 Drill report: {verdict}</title>
<style>
body {{ font: 15px/1.6 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2129; }}
table {{ border-collapse: collapse; width: 100%; }}
td {{ border-top: 1px solid #ddd; padding: .5rem; vertical-align: top; }}
.held td:first-child {{ color: #0a6e3a; }}
.broken {{ background: #fdecee; }} .broken td:first-child {{ color: #b3261e; }}
small {{ color: #555; }} pre {{ background: #f5f5f5; padding: 1rem; overflow: auto; }}
</style></head><body>
<h1>超卖演练 Oversell drill: {verdict}</h1>
<p>{plan["buyers"]} 位买家 buyers · {plan["pieces"]} 件 pieces · seed {plan["seed"]} · {report["took_s"]} s ·
{escape(report["at"])} · liveshelf {escape(report["version"])}</p>
<table>
{claims}
</table>
<h2>故障 Faults</h2>
<ul>
{faults}
</ul>
<h2>数字 Figures</h2>
<pre>{figures}</pre>
<p><small>核验 Verify: liveshelf drill verify FILE</small></p>
{_MARK}{signed.replace("</", "<" + chr(92) + "/")}</script>
</body></html>
"""
