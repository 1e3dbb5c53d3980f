"""Text in pictures: the process that reads it, and what is made of it."""

from __future__ import annotations

import sys
import time

import pytest

from benchmarks import review_pictures
from liveshelf.adapters.reading import child, process
from liveshelf.adapters.reading.port import Reader
from liveshelf.compliance import screen
from tests.make import pictures

READY = (
    "import sys, time, json; o = sys.stdout.buffer; i = sys.stdin.buffer\n"
    "def say(x):\n b = json.dumps(x).encode(); o.write(len(b).to_bytes(4, 'big') + b); o.flush()\n"
    "say([])\n"
)
ECHO = READY + "while (h:=i.read(4)):\n d=i.read(int.from_bytes(h,'big')); say([str(len(d))])\n"
HANG_ONCE = READY + "h=i.read(4); d=i.read(int.from_bytes(h,'big'))\nif d==b'hang': time.sleep(60)\nsay([d.decode()])\n"


def reader(program: str, **options) -> process.ProcessReader:
    return process.ProcessReader((sys.executable, "-c", program), **options)


async def test_a_picture_goes_in_and_lines_come_out():
    reading = reader(ECHO)
    assert await reading.read(b"x" * 100_000) == ("100000",)
    assert await reading.read(b"") == ("0",)
    await reading.close()


async def test_a_child_that_hangs_is_ended_and_the_next_picture_gets_another():
    reading = reader(HANG_ONCE, read_max_s=1.0)
    assert await reading.read(b"hang") is None
    assert await reading.read(b"next") == ("next",)
    await reading.close()


@pytest.mark.parametrize(
    "program", ["import sys; sys.exit(3)", "import time; print('no answer at all, and long')", READY]
)
async def test_a_child_that_dies_reads_nothing_and_raises_nothing(program):
    reading = reader(program)
    assert await reading.read(b"picture") is None
    await reading.close()


async def test_without_the_engine_nothing_is_read_and_the_person_is_told(monkeypatch):
    monkeypatch.setattr(process, "is_installed", lambda: False)
    assert await process.ProcessReader().read(pictures.jpeg()) is None
    assert await Reader().read(b"") is None
    (one,) = screen.reading(None)
    assert (one.rule, one.severity.value, one.field) == ("picture.text_unread", "note", "cover")


def test_the_child_answers_every_picture_also_one_that_is_none():
    import io  # noqa: PLC0415 - only here

    def framed(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    answers = io.BytesIO()
    child.serve(
        io.BytesIO(framed(pictures.jpeg()) + framed(b"no picture")), answers, lambda image: [f"{image.width}" * 900]
    )
    said = answers.getvalue()
    assert said[:6] == b"\x00\x00\x00\x02[]"
    assert said.endswith(b"null")
    assert len(said) < 1_000


@pytest.mark.feature("S-931")
@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("电话 138 0013 8000", "picture.contact.phone"),
        ("加 微 信：tea_2026a", "picture.contact"),
        ("www.teahouse.cn", "picture.contact.url"),
        ("QQ:28473625", "picture.contact.qq"),
    ],
)
def test_contact_details_written_in_a_picture_refuse(line, rule):
    found = screen.reading(["夏日新品", line])
    assert (rule, "refuse", "picture_code") in [(one.rule, one.severity.value, one.reason) for one in found]


def test_other_words_in_a_picture_are_shown_to_the_person():
    (one,) = screen.reading(["最佳口感"])
    assert (one.rule, one.severity.value) == ("picture.absolute", "note")
    assert screen.reading(["抖音同款 微信支付", "净重500g"]) == []
    assert screen.reading([]) == []


@pytest.mark.feature("S-931")
@pytest.mark.skipif(bool(review_pictures.why_unread()), reason=review_pictures.why_unread() or "installed")
def test_the_engine_reads_what_we_draw():
    began = time.monotonic()
    seen = review_pictures.judge(each=6)
    assert seen["recall"] >= 0.97
    assert seen["precision"] >= 0.97
    assert time.monotonic() - began < 170
