"""Playlists are three cuts of one list."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from liveshelf.adapters.footage.folder import Footage
from liveshelf.adapters.footage.types import Reel, Segment
from liveshelf.kernel.ids import RoomId, ShopId
from liveshelf.video import playlists

SHOP, ROOM = ShopId(1), RoomId(33)


def reel(*segments: Segment) -> Reel:
    made = Reel()
    for one in segments:
        made.add(one)
    return made


def run(number: int, seconds: int, *, begins_s: float, first: int = 0) -> list[Segment]:
    return [Segment(number, first + at, int((begins_s + at) * 1000), 1000, 100) for at in range(seconds)]


def names(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.endswith(".m4s")]


def test_the_live_playlist_is_the_newest_seconds_in_their_numbers():
    made = reel(*run(1, 30, begins_s=100))
    text = playlists.live(made, until=30)
    assert names(text) == [f"1/{n}.m4s" for n in range(22, 30)]
    assert "#EXT-X-MEDIA-SEQUENCE:22\n" in text
    assert '#EXT-X-MAP:URI="1/init.mp4"' in text
    assert "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:02:02.000Z" in text
    assert "#EXT-X-ENDLIST" not in text
    assert "DISCONTINUITY" not in text


def test_a_delay_holds_back_what_is_younger():
    made = reel(*run(1, 30, begins_s=0))
    assert playlists.public_until(made, 30_000, 0) == 30
    assert playlists.public_until(made, 30_000, 10) == 20
    assert playlists.public_until(made, 29_999, 0) == 29
    assert playlists.public_until(made, 5_000, 30) == 0


def test_a_run_that_follows_another_begins_with_a_break_and_its_own_head():
    made = reel(*run(1, 3, begins_s=0), *run(4, 3, begins_s=10))
    text = playlists.live(made, until=6)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 0, "the second run alone is in the window"
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:1\n" in text
    text = playlists.whole(made.segments, from_ms=0, to_ms=1 << 62)
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1
    assert text.count("#EXT-X-MAP") == 2
    assert text.endswith("#EXT-X-ENDLIST\n")


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 6)), min_size=1, max_size=8), st.data())
def test_a_segment_has_one_number_and_one_break_count_for_as_long_as_it_is_listed(runs, data):
    made, begins, number = Reel(), 0.0, 0
    for step, length in runs:
        number += step
        for one in run(number, length, begins_s=begins):
            made.add(one)
        begins += length + step * 0.1
    seen: dict[str, tuple[int, int]] = {}
    for until in range(1, len(made.segments) + 1):
        text = playlists.live(made, until=until)
        (media,) = (int(one) for one in re.findall(r"MEDIA-SEQUENCE:(\d+)", text))
        found = re.search(r"DISCONTINUITY-SEQUENCE:(\d+)", text)
        breaks = int(found[1]) if found else 0
        for line in text.splitlines():
            breaks += line == "#EXT-X-DISCONTINUITY"
            if line.endswith(".m4s"):
                assert seen.setdefault(line, (media, breaks)) == (media, breaks)
                media += 1


def test_a_clip_is_what_lies_between_two_instants_and_is_kept():
    segments = run(1, 10, begins_s=0)
    segments[4] = Segment(1, 4, 4000, 1000, 100, is_kept=False)
    text = playlists.whole(segments, from_ms=2500, to_ms=6000)
    assert names(text) == ["1/2.m4s", "1/3.m4s", "1/5.m4s"]
    assert text.count("#EXT-X-DISCONTINUITY\n") == 1


def test_an_instant_has_a_place_in_the_replay_also_when_the_picture_was_away():
    segments = [*run(1, 3, begins_s=10), *run(2, 3, begins_s=100)]
    assert playlists.video_ms(segments, 11_500) == 1_500
    assert playlists.video_ms(segments, 50_000) == 3_000
    assert playlists.video_ms(segments, 101_000) == 4_000
    assert playlists.video_ms(segments, 999_000) == 6_000


def test_the_list_grows_under_its_readers_and_half_a_line_is_none(tmp_path):
    writer, reader = Footage(tmp_path), Footage(tmp_path)
    writer.run(SHOP, ROOM, 1).mkdir(parents=True)
    assert reader.reel(SHOP, ROOM).segments == []
    first, second, third = run(1, 3, begins_s=5)
    hidden = Segment(1, 9, 9000, 1000, 5, is_shown=False, is_kept=False)
    writer.add(SHOP, ROOM, [first])
    assert reader.reel(SHOP, ROOM).segments == [first]
    path = tmp_path / "1" / "33" / "list"
    with path.open("ab") as file:
        file.write(b"1 1 60")  # killed in the middle
    assert reader.reel(SHOP, ROOM).segments == [first]
    writer.add(SHOP, ROOM, [second, third, hidden])
    assert reader.reel(SHOP, ROOM).segments == [first, second, third, hidden]
    assert reader.shown(SHOP, ROOM).segments == [first, second, third]
    assert reader.segment(SHOP, ROOM, run=1, number=9) == hidden
    assert reader.segment(SHOP, ROOM, run=2, number=9) is None
    assert (reader.reel(SHOP, ROOM).kept_ms, reader.reel(SHOP, ROOM).kept_bytes) == (3000, 300)
    writer.remove(SHOP, ROOM)
    assert reader.reel(SHOP, ROOM).segments == []
