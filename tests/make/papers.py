"""Papers: numbers that are right, files that can be read, and shops that went the whole way to their opening."""

from __future__ import annotations

import io
import uuid
from datetime import date
from typing import Any

import httpx
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from liveshelf.accounts.types import PlatformRole
from liveshelf.kernel.actors import SYSTEM
from liveshelf.kernel.ids import PLATFORM, ShopId
from liveshelf.platform.runtime import Runtime
from liveshelf.qualifications.numbers import is_card, is_credit_code, is_identity
from liveshelf.qualifications.rights import SUBJECT_PAPERS
from liveshelf.qualifications.types import PaperKind, Subject
from liveshelf.shops import service
from tests.make import pictures
from tests.make.accounts import bearer, platform_session, staff_session

TODAY = date(2026, 11, 27)
FAR = "2099-12-31"


def identity(at: int = 0) -> str:
    """An identity number with a right check digit; another one for each `at`."""
    stem = f"33010619900101{at % 1000:03d}"
    return next(stem + end for end in "0123456789X" if is_identity(stem + end, TODAY))


def credit_code(at: int = 0) -> str:
    """A unified social credit code with a right check character."""
    stem = f"91330106MA{at:07d}"
    return next(stem + end for end in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_credit_code(stem + end, TODAY))


def card(at: int = 0) -> str:
    """A bank card's number with a right check digit."""
    stem = f"62220212345678{at:04d}"
    return next(stem + end for end in "0123456789" if is_card(stem + end, TODAY))


def number(kind: PaperKind, at: int = 0) -> str:
    """A number that a paper of this kind could have."""
    makers = {
        PaperKind.IDENTITY_CARD: identity,
        PaperKind.BUSINESS_LICENCE: credit_code,
        PaperKind.BANK_CARD: card,
    }
    return makers[kind](at) if kind in makers else f"NO-{kind.value.upper()}-{at:06d}"


def pdf(pages: int = 1, *, password: str = "", script: str = "", attachment: bytes = b"") -> bytes:
    """A PDF of blank pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    if script:
        action = {"/Type": "/Action", "/S": "/JavaScript", "/JS": script}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject(name): TextStringObject(value) for name, value in action.items()}
        )
    if attachment:
        writer.add_attachment("a.exe", attachment)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def new() -> dict[str, str]:
    """A request id of its own."""
    return {"request_id": str(uuid.uuid4())}


class Merchant:
    """Somebody who opens a shop through the API, and the person of the platform who decides."""

    def __init__(self, client: httpx.AsyncClient, shop: ShopId, *, owner: str, steward: str) -> None:
        self.client, self.shop = client, shop
        self.owner, self.steward = bearer(owner), bearer(steward)
        self.second: dict[str, str] = {}  # another steward, where two persons must pass what is submitted

    async def call(self, method: str, path: str, json: Any = None, **options: Any) -> httpx.Response:
        """A call of the owner's in the shop."""
        return await self.client.request(
            method, f"/v1/shops/{self.shop}{path}", json=json, headers=self.owner, **options
        )

    async def ok(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        """A call of the owner's that works."""
        answer = await self.call(method, path, json, **options)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    async def refused(
        self, method: str, path: str, json: Any = None, **options: Any
    ) -> tuple[int, str, dict[str, Any]]:
        """A call of the owner's that is refused: status, code, facts."""
        answer = await self.call(method, path, json, **options)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["code"], answer.json().get("context", {})

    async def desk(self, method: str, path: str, json: Any = None) -> httpx.Response:
        """A call of the steward's about the shop."""
        return await self.client.request(method, f"/v1/merchants/{self.shop}{path}", json=json, headers=self.steward)

    async def decide(self, what: str, *reasons: str, note: str = "") -> Any:
        """A verdict of the steward's: a pass without reasons; where two persons must pass it, of a second one's too."""
        verdict = {**new(), "passed": not reasons, "reasons": list(reasons), "note": note}
        answer = await self.desk("POST", f"/{what}/verdict", verdict)
        assert answer.status_code == 200, answer.text
        if self.second and not reasons:
            again = await self.client.post(
                f"/v1/merchants/{self.shop}/{what}/verdict", json={**verdict, **new()}, headers=self.second
            )
            assert again.status_code == 200, again.text
            return again.json()
        return answer.json()

    async def send(
        self, kind: PaperKind, data: bytes | None = None, *, valid_until: str = FAR, at: int = 0, number_: str = ""
    ) -> httpx.Response:
        """Hand a paper in."""
        form = {"kind": kind.value, "number": number_ or number(kind, at or self.shop), "valid_until": valid_until}
        file = ("paper", pictures.jpeg(400, 300) if data is None else data)
        return await self.call("POST", "/papers", data=form, files={"file": file})

    async def paper(self, kind: PaperKind, **more: Any) -> str:
        """Hand a paper in that is right. Returns its id."""
        answer = await self.send(kind, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["paper_id"])

    async def counts(self, kind: PaperKind, **more: Any) -> str:
        """A paper that was handed in and approved."""
        paper_id = await self.paper(kind, **more)
        await self.decide(f"papers/{paper_id}")
        return paper_id

    async def apply(self, subject: Subject, **more: Any) -> Any:
        """Say who the shop belongs to, hand in the papers, submit."""
        await self.ok("PUT", "/opening", {**new(), "subject": subject.value, "holder": "山间茶铺"})
        for kind in SUBJECT_PAPERS[subject]:
            await self.paper(kind, **more)
        return await self.ok("POST", "/applications/opening/submit", new())

    async def opened(self, subject: Subject) -> Any:
        """The whole way to an approved application."""
        await self.apply(subject)
        return await self.decide("applications/opening")

    async def product(self, **changes: Any) -> httpx.Response:
        """Make a product."""
        uploaded = await self.ok("POST", "/media", files={"file": ("a.jpg", pictures.jpeg(800, 600))})
        body = {
            **new(),
            "title": "手作青瓷茶盏",
            "pictures": [uploaded["media_id"]],
            "skus": [{"specs": [], "price_fen": 9_900, "stock": 3}],
        }
        return await self.call("POST", "/products", {**body, **changes})

    async def listed(self, **changes: Any) -> httpx.Response:
        """Make a product and put it into the library."""
        made = await self.product(**changes)
        assert made.status_code == 201, made.text
        return await self.call("POST", "/goods", {**new(), "product_id": made.json()["product_id"]})


async def merchant(
    client: httpx.AsyncClient, runtime: Runtime, name: str = "山间茶铺", *, steward: str = ""
) -> Merchant:
    """An owner of a shop that has not opened, with a steward to decide about it."""
    shop = (await runtime.db.write(SYSTEM, PLATFORM, lambda tx: service.begin_shop(tx, name))).shop_id
    return Merchant(
        client,
        shop,
        owner=await staff_session(runtime, shop),
        steward=steward or await platform_session(runtime, PlatformRole.STEWARD),
    )
