"""`liveshelf sdk-proxy`: points an unchanged SDK at this server."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from liveshelf.entry.sdkproxy import HOST, SdkProxy, make_certificates
from liveshelf.platform.settings import Settings

CA_FILE = "sdk-proxy-ca.pem"


@click.command("sdk-proxy", context_settings={"ignore_unknown_options": True})
@click.option(
    "--to", help="Address of the server; the one of the data folder's demo.json, or the settings', when absent."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port of the proxy on 127.0.0.1; 0 takes a free one."
)
@click.option("--ca-file", type=click.Path(path_type=Path), help="Where to write the authority's certificate.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def sdk_proxy(settings: Settings, *, to: str | None, port: int, ca_file: Path | None, command: tuple[str, ...]) -> None:
    """Stand in for api.weixin.qq.com, for SDKs without a setting for the address. 让现成的微信 SDK 连到本服务。

    Prints the variables that Python's requests, Node and Go read, and serves until stopped. With a COMMAND, runs it
    with these variables set and ends with it: liveshelf sdk-proxy -- python my_script.py
    """
    target = urlsplit(to or _address(settings))
    if target.scheme != "http" or not target.hostname:
        raise click.ClickException("--to takes an address such as http://127.0.0.1:8000")
    certificates = make_certificates()
    place = (ca_file or settings.data_dir / CA_FILE).absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(certificates.authority)
    proxy = SdkProxy(target.hostname, target.port or 80, certificates)
    sys.exit(asyncio.run(_serve(proxy, port, place, command)))


def variables(proxy_url: str, ca_file: Path) -> dict[str, str]:
    """What makes an SDK go through the proxy and trust it: Python's requests, Node and Go, in this order."""
    return {
        "HTTPS_PROXY": proxy_url,
        "REQUESTS_CA_BUNDLE": str(ca_file),
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "SSL_CERT_FILE": str(ca_file),
    }


async def _serve(proxy: SdkProxy, port: int, ca_file: Path, command: tuple[str, ...]) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with proxy.running(port=port) as url:
        if command:
            return await asyncio.to_thread(_run, command, variables(url, ca_file))
        for name, value in variables(url, ca_file).items():
            click.echo(f"{name}={value}")
        click.echo(f"# {HOST} is this server to programs that run with these variables. Ctrl-C ends it.", err=True)
        await stop.wait()
    return 0


def _run(command: tuple[str, ...], more: dict[str, str]) -> int:
    return subprocess.run(command, env={**os.environ, **more}, check=False).returncode  # noqa: S603 - the user's own


def _address(settings: Settings) -> str:
    try:
        return str(json.loads((settings.data_dir / "demo.json").read_text())["base_url"])
    except (OSError, ValueError, KeyError):
        return settings.public_url
