"""FLV, the file form of what RTMP carries: each media message becomes a tag as it came."""

from __future__ import annotations

from liveshelf.facades.video.chunks import Message

AUDIO, VIDEO, DATA = 8, 9, 18
HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
AVC, AAC = 7, 10
_KEYFRAME = 1
_SEQUENCE_HEADER = 0


def tag(message: Message, at_ms: int) -> bytes:
    """A message as a tag, at a time of its run."""
    head = bytes([message.kind]) + len(message.body).to_bytes(3, "big")
    time = (at_ms & 0xFFFFFF).to_bytes(3, "big") + bytes([at_ms >> 24 & 0xFF])
    return head + time + b"\x00\x00\x00" + message.body + (11 + len(message.body)).to_bytes(4, "big")


def codec(message: Message) -> int | None:
    """The codec's number of a video or audio message. -1 for the newer notation, whose codecs have names."""
    if not message.body:
        return None
    first = message.body[0]
    if message.kind == VIDEO:
        return -1 if first & 0x80 else first & 0x0F
    return first >> 4


def is_keyframe(message: Message) -> bool:
    """Whether a video message is a picture that needs no other; the codec's own header is none."""
    body = message.body
    return len(body) > 1 and body[0] >> 4 == _KEYFRAME and body[1] != _SEQUENCE_HEADER


def is_picture(message: Message) -> bool:
    """Whether a video message is a picture at all."""
    return len(message.body) > 1 and message.body[1] != _SEQUENCE_HEADER
