"""What can be wrong with an uploaded file."""

from __future__ import annotations

from liveshelf.kernel.errors import Invalid, Missing


class MediaTooLarge(Invalid):
    """The file has too many bytes."""

    code = "media.too_large"
    status = 413
    title = "A picture has at most 10 MB."


class MediaTypeRefused(Invalid):
    """The content is no picture of a kind that we take, whatever its name says. SVG is refused: it can carry
    programs.
    """

    code = "media.type_refused"
    status = 415
    title = "Pictures are JPEG, PNG, GIF or WebP."


class MediaTooManyPixels(Invalid):
    """The picture is too big to decode safely."""

    code = "media.too_many_pixels"
    title = "A picture has at most 25 million pixels."


class MediaBroken(Invalid):
    """The file begins like a picture and can't be decoded to its end."""

    code = "media.broken"
    title = "This picture is damaged or cut off."


class MediaMissing(Missing):
    """No such media in this shop, or its three days are over."""

    code = "media.missing"
    title = "This media id is unknown or has expired."
