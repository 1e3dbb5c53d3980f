"""The two faces over one core: `native` (/v1) and `wechat` (the wire). They are strangers to each other."""
