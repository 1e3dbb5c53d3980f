"""`liveshelf reviews`: the review desk without a browser."""

from liveshelf.entry.cli_reviews import reviews

__all__ = ["reviews"]
