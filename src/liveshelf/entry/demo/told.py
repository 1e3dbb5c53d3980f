"""`demo.json`: what a person or a script needs to use the demo, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from liveshelf.entry.demo.catalogue import STAFF

FILE = "demo.json"
_RENAMED = {"support": "service"}  # what a file of an earlier version says
_PASSWORD_BYTES = 12  # 16 characters


class Told:
    """The file and its content. What stands there stays: names, passwords and secret are written once."""

    def __init__(self, data_dir: Path, profile: str) -> None:
        self._path = data_dir / FILE
        try:
            self.content: dict[str, Any] = json.loads(self._path.read_text())
        except FileNotFoundError:
            self.content = {}
        self.content.setdefault("base_url", "")
        self.content.setdefault("profile", profile)
        self.content.setdefault("wechat", {})
        accounts: list[dict[str, str]] = self.content.setdefault("console", {}).setdefault("accounts", [])
        for account in accounts:
            account["role"] = _RENAMED.get(account["role"], account["role"])
        known = {account["role"] for account in accounts}
        for role, username, name in STAFF:
            if role not in known:
                password = secrets.token_urlsafe(_PASSWORD_BYTES)
                accounts.append({"role": role, "username": username, "password": password, "display_name": name})
        self.content.setdefault("buyer", {})
        self.content.setdefault("complete", False)

    @property
    def accounts(self) -> list[dict[str, str]]:
        """The staff accounts: role, username, password, display_name."""
        accounts: list[dict[str, str]] = self.content["console"]["accounts"]
        return accounts

    @property
    def complete(self) -> bool:
        """Whether the demo was seeded to its end."""
        return bool(self.content["complete"])

    def point_at(self, base_url: str, shop_id: int, room_id: int | None) -> None:
        """Where the pages are now: the port may differ from the last start."""
        self.content["base_url"] = base_url
        self.content["shop_id"] = shop_id
        self.content["console"]["url"] = f"{base_url}/console/"
        self.content["buyer"]["url"] = f"{base_url}/shop/{shop_id}"
        if room_id is not None:
            self.content["buyer"]["room_url"] = f"{base_url}/shop/{shop_id}/rooms/{room_id}"

    def save(self) -> None:
        """Write the file whole or not at all."""
        draft = self._path.with_suffix(".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(self.content, file, ensure_ascii=False, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())  # a password that was given out must not be lost with the power
        draft.replace(self._path)
