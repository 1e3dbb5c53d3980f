"""Where the bytes of media are kept: the port, and the adapter that keeps them in a folder."""

from liveshelf.adapters.storage.folder import FolderStorage
from liveshelf.adapters.storage.port import Storage

__all__ = ["FolderStorage", "Storage"]
