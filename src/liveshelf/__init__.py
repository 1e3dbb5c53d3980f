"""liveshelf: a self-hosted live-commerce platform that also serves WeChat's live-goods and shop wire protocols."""

__version__ = "0.1.0"
