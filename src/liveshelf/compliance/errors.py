"""Certain findings, told at once to whoever submits."""

from __future__ import annotations

from liveshelf.kernel.errors import Invalid


class NameIllegal(Invalid):
    """The name has words that may not be used (300004). `text`, `zh` and `en` say which and why."""

    code = "compliance.name_illegal"
    title = "The name has words that may not be used."


class PictureIllegal(Invalid):
    """The picture is a known illegal one (300005)."""

    code = "compliance.picture_illegal"
    title = "This picture may not be used."
