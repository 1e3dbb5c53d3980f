"""What can go wrong with categories, papers and the rights that follow from them."""

from __future__ import annotations

from liveshelf.kernel.errors import Invalid


class CategoryUnknown(Invalid):
    """There is no such sub-category."""

    code = "qualifications.category_unknown"
    title = "There is no such category. Choose a sub-category of the list."
