"""The import-linter contract that keeps ``_private`` modules in their folder.

``liveshelf.goods._sql`` belongs to ``liveshelf.goods``: only modules of that folder may import it. Tests are no part of
the package and may look inside.
"""

from collections.abc import Iterable
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class OwnPrivatesContract(Contract):
    """No module imports a name that begins with an underscore from outside the folder that holds it.

    Options: ``exceptions``, modules that may (each with its written reason beside the contract).
    """

    type_name = "own_privates"

    exceptions = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - import-linter's signature
        """Look at every direct import of the package."""
        # import-linter replaces the fields by their values, which their types do not show.
        exceptions = set(cast("Iterable[str] | None", self.exceptions) or ())
        intrusions = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if importer not in exceptions
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not _may(importer, imported) and not graph.is_module_squashed(imported)
        ]
        return ContractCheck(kept=not intrusions, metadata={"intrusions": intrusions})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import."""
        intrusions: list[tuple[str, str]] = _metadata(check)["intrusions"]
        for importer, imported in intrusions:
            output.print_error(f"{importer} imports {imported}, which is private to {_owner(imported)}", bold=False)


def _metadata(check: ContractCheck) -> dict[str, Any]:
    return dict(check.metadata)


def _owner(module: str) -> str:
    """The folder that holds the outermost private part of the module's name; the module itself if it has none."""
    parts = module.split(".")
    for position, part in enumerate(parts):
        if part.startswith("_") and not part.startswith("__"):
            return ".".join(parts[:position])
    return module


def _may(importer: str, imported: str) -> bool:
    owner = _owner(imported)
    return owner in {imported, importer} or importer.startswith(f"{owner}.")
