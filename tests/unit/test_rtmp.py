"""RTMP's notations: chunks and AMF0, read from anybody and therefore bounded."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveshelf.facades.video import amf, chunks, flv
from liveshelf.facades.video.amf import AmfBrokenError
from liveshelf.facades.video.chunks import ChunkReader, ChunksBrokenError, Message, written


def read(reader: ChunkReader, data: bytes) -> list[Message]:
    reader.push(data)
    found = []
    while (message := reader.next()) is not None:
        found.append(message)
    return found


@given(st.lists(st.tuples(st.sampled_from([8, 9, 20]), st.binary(max_size=700)), max_size=8), st.integers(1, 900))
def test_what_is_written_is_read_however_it_is_cut(messages, step):
    data = b"".join(written(kind, body) for kind, body in messages)
    reader, found = ChunkReader(), []
    for at in range(0, len(data), step):
        found += read(reader, data[at : at + step])
    assert [(one.kind, one.body) for one in found] == messages


def test_two_messages_of_two_chunk_streams_are_kept_apart():
    first, second = written(9, b"v" * 300, chunk_stream=4), written(8, b"a" * 200, chunk_stream=6)
    mixed = first[:140] + second[:140] + first[140:269] + second[140:] + first[269:]
    assert [(one.kind, one.body) for one in read(ChunkReader(), mixed)] == [(8, b"a" * 200), (9, b"v" * 300)]


def test_times_go_on_by_steps_and_beyond_three_bytes():
    def head(form, step, more=b""):
        return bytes([form << 6 | 4]) + min(step, 0xFFFFFF).to_bytes(3, "big") + more

    full = (1).to_bytes(3, "big") + b"\x09"
    data = head(0, 0xFFFFFF, full + b"\1\0\0\0" + (0x01000000).to_bytes(4, "big")) + b"a"
    data += head(1, 40, full) + b"b" + head(2, 41) + b"c" + bytes([3 << 6 | 4]) + b"d"
    found = read(ChunkReader(), data)
    assert [one.at_ms - 0x01000000 for one in found] == [0, 40, 81, 122]
    assert [one.body for one in found] == [b"a", b"b", b"c", b"d"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (bytes([4]) + b"\0\0\0" + b"\xff\xff\xff" + b"\x09\1\0\0\0", "message"),
        (bytes([0x80 | 4]) + b"\0\0\1x", "middle"),
    ],
)
def test_more_than_can_be_held_is_refused(data, why):
    with pytest.raises(ChunksBrokenError, match=why):
        read(ChunkReader(), data)


def test_chunk_streams_have_a_number_too():
    many = b"".join(bytes([0, number]) + b"\0\0\0\0\1\0\x09\1\0\0\0" + b"x" * 128 for number in range(200))
    with pytest.raises(ChunksBrokenError, match="streams"):
        read(ChunkReader(), many)


@pytest.mark.parametrize("size", [0, 2**31 - 1, chunks.CHUNK_SIZE_MAX + 1])
def test_a_chunk_size_has_bounds(size):
    with pytest.raises(ChunksBrokenError):
        ChunkReader().size(size)


@given(st.binary(max_size=3000))
def test_noise_is_refused_and_never_more(data):
    with contextlib.suppress(ChunksBrokenError):
        read(ChunkReader(), data)
    with contextlib.suppress(AmfBrokenError):
        amf.read(data)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4) | st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=5))
def test_values_come_back(values):
    assert amf.read(amf.write(*values)) == values


def test_depth_and_number_of_values_have_bounds():
    deep: object = "x"
    for _ in range(amf.DEPTH_MAX + 2):
        deep = {"a": deep}
    for many in (deep, ["x"] * (amf.VALUES_MAX + 1)):
        with pytest.raises(AmfBrokenError):
            amf.read(amf.write(many))


def test_a_tag_is_as_the_file_form_has_it():
    body = bytes([0x17, 1, 0, 0, 0]) + random.Random(1).randbytes(20)
    message = Message(9, 1, 0, body)
    tag = flv.tag(message, 0x01020304)
    assert tag[:11] == b"\x09\x00\x00\x19" + b"\x02\x03\x04\x01" + b"\0\0\0"
    assert tag[11:-4] == body
    assert int.from_bytes(tag[-4:], "big") == len(tag) - 4
    assert flv.codec(message) == flv.AVC
    assert flv.is_keyframe(message)
    assert not flv.is_keyframe(Message(9, 1, 0, bytes([0x17, 0])))
    assert flv.codec(Message(9, 1, 0, bytes([0x90]))) == -1
