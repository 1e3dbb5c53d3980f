"""Software that speaks the wire, in the test's own process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from liveshelf.flows import casework
from liveshelf.goods.types import AuditState
from liveshelf.kernel.ids import AuditId, GoodsId, ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.reviews.types import Verdict
from tests.make import goods as make_goods
from tests.make.pictures import jpeg
from tests.make.shops import MadeShop

ADD = "/wxaapi/broadcast/goods/add"
WITHDRAW = "/wxaapi/broadcast/goods/resetaudit"
SUBMIT = "/wxaapi/broadcast/goods/audit"
DELETE = "/wxaapi/broadcast/goods/delete"
UPDATE = "/wxaapi/broadcast/goods/update"
STORED = "/wxa/business/getgoodswarehouse"
LIST = "/wxaapi/broadcast/goods/getapproved"
SET_KEY = "/wxaapi/broadcast/goods/setkey"
GET_KEY = "/wxaapi/broadcast/goods/getkey"
STATUS = {AuditState.UNAUDITED: 0, AuditState.IN_AUDIT: 1, AuditState.APPROVED: 2, AuditState.REJECTED: 3}


@dataclass
class Wire:
    """One shop's software. Every answer must come with HTTP 200."""

    client: httpx.AsyncClient
    runtime: Runtime
    made: MadeShop
    token: str = ""
    last: httpx.Response | None = field(default=None, repr=False)

    async def sign_in(self) -> Wire:
        query = {"grant_type": "client_credential", "appid": self.made.appid, "secret": self.made.secret}
        self.token = (await self.get("/cgi-bin/token", query, token=None))["access_token"]
        return self

    async def get(self, path: str, query: dict[str, Any] | None = None, *, token: str | None = "") -> dict[str, Any]:
        return self._read(await self.client.get(path, params=self._query(query, token)))

    async def post(
        self, path: str, body: Any = None, *, token: str | None = "", query: dict[str, Any] | None = None, **how: Any
    ) -> dict[str, Any]:
        how = how or {"json": body}
        return self._read(await self.client.post(path, params=self._query(query, token), **how))

    async def code(self, path: str, body: Any = None, **how: Any) -> int:
        """The errcode of a POST."""
        return int((await self.post(path, body, **how))["errcode"])

    async def upload(self, data: bytes | None = None) -> str:
        answer = await self.post(
            "/cgi-bin/media/upload", query={"type": "image"}, files={"media": ("a.jpg", data or jpeg(), "image/jpeg")}
        )
        return str(answer["media_id"])

    async def info(self, **changes: Any) -> dict[str, Any]:
        """A goodsInfo that is right in every field, but for the changes; `None` leaves a field out."""
        cover = changes.pop("coverImgUrl", "") or await self.upload()
        fields = {
            "coverImgUrl": cover,
            "name": "青瓷茶盏",
            "priceType": 1,
            "price": 128,
            "url": "pages/goods/detail?id=1",
        }
        return {key: value for key, value in {**fields, **changes}.items() if value is not None}

    async def add(self, **changes: Any) -> dict[str, Any]:
        return await self.post(ADD, {"goodsInfo": await self.info(**changes)})

    async def in_state(self, state: AuditState, **changes: Any) -> tuple[GoodsId, AuditId]:
        """A goods of the shop in a state."""
        listed = await make_goods.goods_in(self.runtime.db, self.made.shop, state, **changes)
        return listed.goods_id, listed.audit_id

    async def stored(self, *goods_ids: int) -> list[dict[str, Any]]:
        answer = await self.post(STORED, {"goods_ids": list(goods_ids)})
        assert answer["errcode"] == 0
        goods: list[dict[str, Any]] = answer["goods"]
        return goods

    async def status(self, goods_id: int) -> int:
        (goods,) = await self.stored(goods_id)
        return int(goods["audit_status"])

    async def decide(self, audit_id: int, verdict: Verdict) -> None:
        await decided(self.runtime, self.made.shop, audit_id, verdict)

    def _query(self, query: dict[str, Any] | None, token: str | None) -> dict[str, Any]:
        return {**({} if token is None else {"access_token": token or self.token}), **(query or {})}

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        self.last = response
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


async def decided(runtime: Runtime, shop: ShopId, audit_id: int, verdict: Verdict) -> None:
    """Give a verdict on a submission."""
    await runtime.db.write(make_goods.REVIEWER, shop, lambda tx: casework.decide(tx, AuditId(audit_id), verdict))
