"""What the simulator says, in the words of WeChat Pay v3, and how it signs it.

Written against the published protocol and not with the library that our side uses: each side checks the other.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Row

from liveshelf.adapters.payments.simulator_keys import PlatformKey, SimulatorKeys
from liveshelf.kernel.time import CHINA
from liveshelf.platform.clock import wall_now

SCHEME = "WECHATPAY2-SHA256-RSA2048"
_STATES = {"waiting": "NOTPAY", "paid": "SUCCESS", "closed": "CLOSED", "refunded": "REFUND"}
_TYPES = {"h5": "MWEB", "native": "NATIVE", "jsapi": "JSAPI"}
_NONCE_BYTES = 12  # as text, so of letters


def payment_ref(row: Row[Any]) -> str:
    """The provider's own number of a payment."""
    return f"SIM{row.payment_id}"


def refund_ref(row: Row[Any]) -> str:
    """The provider's own number of a refund."""
    return f"SIM-{row.refund_no}"


def transaction(row: Row[Any], *, mchid: str, appid: str) -> dict[str, object]:
    """A payment."""
    told: dict[str, object] = {
        "appid": appid,
        "mchid": mchid,
        "out_trade_no": str(row.payment_id),
        "trade_state": _STATES[row.state],
        "trade_state_desc": _STATES[row.state],
        "trade_type": _TYPES[row.scene],
        "amount": {"total": row.amount_fen, "currency": "CNY"},
    }
    if row.paid_at is not None:
        amount = {"total": row.amount_fen, "payer_total": row.amount_fen, "currency": "CNY", "payer_currency": "CNY"}
        told |= {
            "transaction_id": payment_ref(row),
            "success_time": china(row.paid_at),
            "bank_type": "OTHERS",
            "payer": {"openid": row.payer},
            "amount": amount,
        }
    return told


def refunded(row: Row[Any], paid: Row[Any]) -> dict[str, object]:
    """A refund, as it is answered."""
    told: dict[str, object] = {
        "refund_id": refund_ref(row),
        "out_refund_no": row.refund_no,
        "transaction_id": payment_ref(paid),
        "out_trade_no": str(row.payment_id),
        "channel": "ORIGINAL",
        "user_received_account": "零钱",
        "create_time": china(row.made_at),
        "status": row.state.upper(),
        "amount": {
            "total": paid.amount_fen,
            "refund": row.amount_fen,
            "payer_total": paid.amount_fen,
            "payer_refund": row.amount_fen,
            "currency": "CNY",
        },
    }
    if row.done_at is not None and row.state == "success":
        told["success_time"] = china(row.done_at)
    return told


def refund_notice(row: Row[Any], paid: Row[Any], *, mchid: str) -> dict[str, object]:
    """A refund, as it is notified: the state has another name there."""
    told = refunded(row, paid)
    told["refund_status"] = told.pop("status")
    return {"mchid": mchid, **told}


def envelope(keys: SimulatorKeys, notice_id: int, event: str, resource: Mapping[str, object]) -> bytes:
    """A notification, its resource encrypted for the merchant."""
    original = "refund" if event.startswith("REFUND") else "transaction"
    body = {
        "id": f"EV-{notice_id}",
        "create_time": china(wall_now()),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": event,
        "resource": {"original_type": original, **sealed(keys, msgspec.json.encode(resource), original)},
    }
    return msgspec.json.encode(body)


def sealed(keys: SimulatorKeys, plain: bytes, associated: str) -> dict[str, str]:
    """A text that only who has the APIv3 key can open."""
    nonce = secrets.token_hex(_NONCE_BYTES // 2)
    hidden = AESGCM(keys.apiv3_key.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": base64.b64encode(hidden).decode(),
        "associated_data": associated,
        "nonce": nonce,
    }


def signed(
    keys: SimulatorKeys, body: bytes, at: datetime | None = None, *, by: PlatformKey | None = None
) -> dict[str, str]:
    """The headers that make a body believable: the newest platform key signs."""
    platform = by or keys.platform[-1]
    sent, nonce = str(int((at or wall_now()).timestamp())), os.urandom(16).hex().upper()
    text = f"{sent}\n{nonce}\n".encode() + body + b"\n"
    signature = private_key(platform.key).sign(text, PKCS1v15(), SHA256())
    return {
        "content-type": "application/json; charset=utf-8",
        "wechatpay-serial": platform.serial,
        "wechatpay-timestamp": sent,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": base64.b64encode(signature).decode(),
        "wechatpay-signature-type": SCHEME,
    }


def signed_by_merchant(keys: SimulatorKeys, text: str, signature: str) -> bool:
    """Whether a merchant signed this."""
    try:
        private_key(keys.merchant_key).public_key().verify(
            base64.b64decode(signature, validate=True), text.encode(), PKCS1v15(), SHA256()
        )
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def private_key(text: str) -> RSAPrivateKey:
    """A key from its text; reading one checks its primes, which takes long."""
    key = load_pem_private_key(text.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)  # noqa: S101 - we made it
    return key


def china(moment: datetime) -> str:
    """An instant as the protocol writes it: China's time, whole seconds."""
    return moment.astimezone(CHINA).isoformat(timespec="seconds")
