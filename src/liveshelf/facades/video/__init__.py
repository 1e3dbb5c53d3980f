"""Moving pictures in and out: the RTMP door that senders come to, and the HLS paths that viewers read.

Promises: nobody gets past the door without a valid key; what a stranger can make us hold is bounded in bytes, in time
and in number; media passes through as the bytes that came. Words: sender 推流端, door 推流入口, chunk 块, publish 推流.
"""
