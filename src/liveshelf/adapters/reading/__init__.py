"""What is written in pictures: the port, and the reader that runs an OCR engine in a process of its own."""

from liveshelf.adapters.reading.port import Reader
from liveshelf.adapters.reading.process import ProcessReader

__all__ = ["ProcessReader", "Reader"]
