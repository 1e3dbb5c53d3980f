"""What can go wrong with pictures."""

from __future__ import annotations

from liveshelf.kernel.errors import Conflict, Denied, Invalid, Missing


class PushKeyRefused(Denied):
    """A push key is false, was replaced by a new one, or is another room's."""

    code = "video.key_refused"
    title = "This push key is not valid. Copy the push address again."


class PushKeyExpired(Denied):
    """A push key's time is over."""

    code = "video.key_expired"
    title = "This push key has expired."


class BroadcastOver(Conflict):
    """The room is over, so nothing is sent to it any more. `state` says how."""

    code = "video.broadcast_over"
    title = "This broadcast is over; it takes no picture any more."


class AlreadySending(Conflict):
    """Somebody sends to this room at the moment; they are not disturbed."""

    code = "video.already_sending"
    title = "Another sender is sending to this room already."


class DelayInvalid(Invalid):
    """A delay out of range. `field` is `delay_s`."""

    code = "video.delay_invalid"
    title = "The delay is 0 to 30 seconds."


class CodecRefused(Invalid):
    """A sender sends another kind of picture than H.264, which is what every browser plays."""

    code = "video.codec_refused"
    title = "Pictures are sent as H.264. Choose x264 or a hardware H.264 encoder."


class PictureMissing(Missing):
    """There is no such picture, or it may not be seen."""

    code = "video.missing"
    title = "There is no picture here."


class WatchLinkRefused(Denied):
    """A link to a picture is false, expired, or of another room."""

    code = "video.link_refused"
    title = "This link does not show this room. Get a new one."
