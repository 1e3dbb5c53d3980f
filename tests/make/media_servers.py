"""The simulator: the callbacks that each media server sends, as its documentation shows them."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

DIALECTS = ("srs", "nginx-rtmp", "mediamtx")


def callback(dialect: str, what: str, key: str) -> tuple[bytes, str]:
    """Body and content type of a callback. `what` is `begins`, `goes_on` or `ends`; `key` a stream key as encoders have
    it.
    """
    name, _, query = key.partition("?")
    match dialect:
        case "srs":
            action = {"begins": "on_publish", "ends": "on_unpublish"}.get(what, "on_hls")
            body = {"server_id": "vid-0xk989d", "action": action, "client_id": "341w361a", "ip": "127.0.0.1"}
            more = {"vhost": "__defaultVhost__", "app": "live", "stream": name, "param": f"?{query}"}
            return msgspec.json.encode({**body, **more}), "application/json"
        case "mediamtx":
            action = {"begins": "publish", "ends": "unpublish"}.get(what, "read")
            body = {"user": "", "password": "", "ip": "127.0.0.1", "action": action, "path": f"live/{name}"}
            return msgspec.json.encode({**body, "protocol": "rtmp", "id": "1", "query": query}), "application/json"
        case _:
            call = {"begins": "publish", "goes_on": "update_publish", "ends": "publish_done"}[what]
            form = {"app": "live", "flashver": "FMLE/3.0", "addr": "127.0.0.1", "clientid": "1", "call": call}
            return (urlencode({**form, "name": name, "type": "live"}) + f"&{query}").encode(), (
                "application/x-www-form-urlencoded"
            )
