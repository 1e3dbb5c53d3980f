"""HLS playlists, composed from the list of segments. Pure: the same list and the same instant give the same text.

The live window, the whole replay and a clip are three cuts of one list, so nothing is encoded twice. Between two runs
stands a discontinuity with the new run's head, which is how a picture that broke off goes on in the same recording.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime

from liveshelf.adapters.footage.types import Reel, Segment

WINDOW_MS = 8_000  # of the live playlist: a viewer who stumbles for some seconds still finds their place
_VERSION = 7  # fMP4 with a map


def public_until(reel: Reel, now_ms: int, delay_s: int) -> int:
    """How many segments, from the first on, may be seen at an instant."""
    return bisect_right(reel.segments, now_ms - delay_s * 1000, key=lambda one: one.end_ms)


def live(reel: Reel, *, until: int) -> str:
    """The newest seconds before the segment `until`."""
    segments = reel.segments
    first = max(0, until - 1)
    while first > 0 and segments[until - 1].end_ms - segments[first - 1].at_ms <= WINDOW_MS:
        first -= 1
    return _text(segments[first:until], media=first, breaks=reel.breaks[first] if until else 0, is_whole=False)


def whole(segments: Sequence[Segment], *, from_ms: int, to_ms: int) -> str:
    """Everything that is kept between two instants, as a picture with an end."""
    return _text(between(segments, from_ms=from_ms, to_ms=to_ms), media=0, breaks=0, is_whole=True)


def between(segments: Sequence[Segment], *, from_ms: int, to_ms: int) -> list[Segment]:
    """What is kept of the time between two instants: segments that lie in it at least partly."""
    return [one for one in segments if one.is_kept and one.end_ms > from_ms and one.at_ms < to_ms]


def video_ms(segments: Sequence[Segment], at_ms: int) -> int:
    """Where in a replay of these segments an instant is. One in a hole is where the picture goes on."""
    passed = 0
    for one in segments:
        if at_ms < one.end_ms:
            return passed + max(0, at_ms - one.at_ms)
        passed += one.length_ms
    return passed


def _text(segments: Sequence[Segment], *, media: int, breaks: int, is_whole: bool) -> str:
    longest = max((one.length_ms for one in segments), default=1000)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSION}",
        f"#EXT-X-TARGETDURATION:{-(-longest // 1000)}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f"#EXT-X-MEDIA-SEQUENCE:{media}",
    ]
    if is_whole:
        lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
    elif breaks:
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{breaks}")
    last: Segment | None = None
    for one in segments:
        goes_on = last is not None and (last.run, last.number + 1) == (one.run, one.number)
        if last is not None and not goes_on:
            lines.append("#EXT-X-DISCONTINUITY")
        if last is None or last.run != one.run:
            lines.append(f'#EXT-X-MAP:URI="{one.run}/init.mp4"')
        if not goes_on:
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_instant(one.at_ms)}")
        lines += [f"#EXTINF:{one.length_ms / 1000:.3f},", one.name]
        last = one
    if is_whole:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join([*lines, ""])


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
