"""`liveshelf sdk-proxy`: points an unchanged WeChat SDK at this server."""

from liveshelf.entry.sdkproxy import sdk_proxy

__all__ = ["sdk_proxy"]
