"""The faces over one core: `native` (/v1), `wechat` (the wire) and `live` (open streams). They are strangers to each
other.
"""
