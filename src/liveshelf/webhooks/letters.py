"""Messages as they are written: fields in XML or JSON, sealed as WeChat seals them, signed in the address.

Sealing is AES-256-CBC with the key's first 16 bytes as the vector, over 16 random bytes, the length in network order,
the message and the appid, padded to 32 bytes (PKCS#7).
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from liveshelf.kernel.time import unix
from liveshelf.webhooks import rules
from liveshelf.webhooks.types import Endpoint, Message, MessageForm, MessageMode, Secrets, Sender

_BLOCK = 32  # bytes; WeChat pads to twice the cipher's own block
_TYPES = {MessageForm.XML: "text/xml", MessageForm.JSON: "application/json"}


@dataclass(frozen=True, slots=True)
class Letter:
    """One POST: the query to add to the address, and the body."""

    query: str
    body: bytes
    content_type: str


def fields_of(message: Message, sender: Sender) -> dict[str, Any]:
    """A message's fields, as they are kept until it is told."""
    return {
        "ToUserName": sender.original_id,
        "FromUserName": message.openid,
        "CreateTime": unix(message.at),
        "MsgType": "event",
        "Event": message.event,
        message.wrapper: dict(message.fields),
    }


def letter(
    fields: Mapping[str, Any], endpoint: Endpoint, known: Secrets, *, appid: str, timestamp: int, nonce: str
) -> Letter:
    """A message as it is sent at one moment."""
    query = {
        "signature": signature(known.token, str(timestamp), nonce),
        "timestamp": str(timestamp),
        "nonce": nonce,
        "openid": str(fields["FromUserName"]),
    }
    shown: Mapping[str, Any] = fields
    if endpoint.mode is not MessageMode.PLAIN:
        sealed = seal(_written(fields, endpoint.form), rules.aes_key(known.aes_key), appid)
        query |= {
            "encrypt_type": "aes",
            "msg_signature": signature(known.token, str(timestamp), nonce, sealed),
        }
        open_fields = {"ToUserName": fields["ToUserName"]} if endpoint.mode is MessageMode.SAFE else dict(fields)
        shown = {**open_fields, "Encrypt": sealed}
    return Letter(urlencode(query), _written(shown, endpoint.form), _TYPES[endpoint.form])


def greeting(known: Secrets, *, timestamp: int, nonce: str, echo: str) -> str:
    """The query of the GET that asks an address to prove that it knows the token."""
    signed = signature(known.token, str(timestamp), nonce)
    return urlencode({"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo})


def signature(*parts: str) -> str:
    """WeChat's signature: SHA-1, in hex, of the sorted parts put together."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the protocol's


def new_nonce() -> str:
    """Ten random digits."""
    return f"{secrets.randbelow(10**10):010d}"


def seal(message: bytes, key: bytes, appid: str) -> str:
    """A message sealed for one receiver, in base64."""
    plain = os.urandom(16) + struct.pack(">I", len(message)) + message + appid.encode()
    padding = _BLOCK - len(plain) % _BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def _written(fields: Mapping[str, Any], form: MessageForm) -> bytes:
    return msgspec.json.encode(fields) if form is MessageForm.JSON else f"<xml>{_elements(fields)}</xml>".encode()


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{_element(value)}</{name}>" for name, value in fields.items())


def _element(value: object) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + str(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
