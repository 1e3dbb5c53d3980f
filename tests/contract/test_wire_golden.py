"""Golden files: whole conversations, byte for byte but for what must differ from run to run.

`LIVESHELF_GOLDEN=write` writes them anew; the diff is then for people to read.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from liveshelf.goods.types import AuditState
from tests.make.wire import ADD, DELETE, GET_KEY, LIST, SET_KEY, STORED, SUBMIT, UPDATE, WITHDRAW, Wire

GOLDEN = Path(__file__).parent / "golden"
VARIES = (
    (re.compile(r" rid: [0-9a-f-]{26}"), " rid: RID"),
    (re.compile(r'"auditId":\d+'), '"auditId":AUDIT'),
    (re.compile(r'"access_token":"[^"]+"'), '"access_token":"TOKEN"'),
    (re.compile(r"/media/[^\"]+"), "/media/MEDIA"),
    (re.compile(r'"media_id":"[^"]+"'), '"media_id":"MEDIA"'),
    (re.compile(r'"created_at":\d+'), '"created_at":SECONDS'),
)


async def test_a_goods_life_reads_as_in_the_golden_file(wire: Wire):
    told: list[str] = []

    async def tell(method: str, path: str, what: dict[str, Any]) -> dict[str, Any]:
        answer = await (wire.get(path, what) if method == "GET" else wire.post(path, what))
        assert wire.last is not None
        text = wire.last.text
        for pattern, name in VARIES:
            text = pattern.sub(name, text)
        shown = json.dumps({**what, **({"auditId": "AUDIT"} if "auditId" in what else {})}, ensure_ascii=False)
        shown = re.sub(r"1-[A-Za-z0-9_-]{32}", "MEDIA", shown)
        told.append(f"{method} {path} {shown}\n{wire.last.headers['content-type']}\n{text}\n")
        return answer

    query = {"grant_type": "client_credential", "appid": "wx0000000000000000", "secret": "x"}
    await tell("GET", "/cgi-bin/token", query)
    info = await wire.info(priceType=3, price=128, price2=99.5, url="pages/goods/detail?id=1001")
    added = await tell("POST", ADD, {"goodsInfo": info})
    ids = {"goodsId": added["goodsId"], "auditId": added["auditId"]}
    await tell("POST", STORED, {"goods_ids": [added["goodsId"]]})
    await tell("GET", LIST, {"status": 1, "offset": 0, "limit": 4})
    await tell("GET", LIST, {"status": 2})
    await tell("GET", LIST, {"status": 9})
    await tell("POST", DELETE, {"goodsId": added["goodsId"]})
    await tell("POST", WITHDRAW, ids)
    await tell("POST", WITHDRAW, ids)
    await tell("POST", UPDATE, {"goodsInfo": {"goodsId": added["goodsId"], "name": "白瓷茶盏", "price": "130.00"}})
    await tell("POST", SUBMIT, {"goodsId": added["goodsId"]})
    await tell("POST", SUBMIT, {"goodsId": added["goodsId"]})
    await tell("GET", GET_KEY, {})
    await tell("POST", SET_KEY, {"goodsKey": ["productId", "sid"]})
    await tell("GET", GET_KEY, {})
    goods_id, _ = await wire.in_state(AuditState.APPROVED)
    await tell("POST", DELETE, {"goodsId": goods_id})
    await tell("POST", DELETE, {"goodsId": goods_id})
    await tell("GET", ADD, {})
    await tell("POST", ADD, {})
    compare("goods_life.txt", "\n".join(told))


def compare(name: str, text: str) -> None:
    place = GOLDEN / name
    if os.environ.get("LIVESHELF_GOLDEN") == "write":
        place.write_text(text)
    assert text == place.read_text()
