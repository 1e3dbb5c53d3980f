"""Commands of `script/check`: do schema, OpenAPI and reference pages say what the code says?"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from liveshelf.entry import migrate as schema
from liveshelf.entry.docs import check_reference, openapi_text, write_reference
from liveshelf.platform.embedded import EmbeddedPostgres
from liveshelf.platform.signing import KEY_BYTES, Keys

REFERENCE = Path("docs/reference")


@click.command("check-schema")
def check_schema() -> None:
    """Migrate an empty database and compare it with the tables in the code."""
    with tempfile.TemporaryDirectory(prefix="liveshelf-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # the user that PostgreSQL runs as passes through
        with EmbeddedPostgres(folder / "postgres", fsync=False) as server:
            differences = asyncio.run(_differences(server))
    if differences:
        sys.exit("\n".join(["the migrations and the tables differ:", *differences]))
    click.echo("migrations and tables agree")


async def _differences(server: EmbeddedPostgres) -> list[str]:
    dsn = server.superuser_dsn("compared")
    await schema.migrate(dsn, Keys(bytes(KEY_BYTES)))
    return await schema.schema_differences(dsn)


@click.command("docs")
@click.option("--check", is_flag=True, help="Write nothing; fail when a page would change.")
def docs(*, check: bool) -> None:
    """Write the reference pages that are made from the code."""
    if not check:
        write_reference(REFERENCE)
        click.echo(f"wrote {REFERENCE}")
    elif stale := check_reference(REFERENCE):
        sys.exit("out of date, run `liveshelf docs`: " + ", ".join(stale))


@click.command("openapi")
@click.option("--check", type=click.Path(path_type=Path), help="Compare with this file; fail when it differs.")
def openapi(check: Path | None) -> None:
    """Print the OpenAPI document, or compare it with the committed one."""
    text = openapi_text()
    if check is None:
        click.echo(text, nl=False)
    elif check.read_text() != text:
        sys.exit(f"{check} is out of date: run `liveshelf docs`")
