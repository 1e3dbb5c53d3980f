"""What is asked for: goods kinds, categories, papers."""

from __future__ import annotations

from collections.abc import Iterable

from liveshelf.entry.reference.tables import page, table
from liveshelf.qualifications.categories import tree
from liveshelf.qualifications.papers import CATALOGUE, KINDS, STANDS_IN
from liveshelf.qualifications.types import PaperKind


def categories_page() -> str:
    """Every category with the papers it asks for."""
    found = tree()
    kinds = [
        (f"`{kind}`", _names(rule.papers), f"{rule.window.least}–{rule.window.most}") for kind, rule in KINDS.items()
    ]
    stand_in = [(f"`{subject}`", _names([asked]), _names([instead])) for (subject, asked), instead in STANDS_IN.items()]
    count = sum(len(root.children) for root in found.roots)
    return page(
        "Categories and papers",
        f"Version {found.version}: {len(found.roots)} top categories, {count} sub-categories. A goods without a "
        "category counts as ordinary; one that is delivered without a parcel counts as virtual, whatever its category.",
        "## Kinds of goods",
        "What every goods of a kind needs, and how many working days its audit takes: the first number is what the "
        "merchant may expect and is never a wait, past the second an alarm sounds.",
        table(("kind", "papers", "working days"), kinds),
        table(("in a shop of", "asked for", "instead"), stand_in),
        "## Categories",
        "Papers beside those of the kind.",
        *(
            f"### {root.code} {root.zh} {root.en} (`{root.kind}`)\n\n"
            + table(
                ("code", "类目", "category", "papers"),
                [(one.code, one.zh, one.en, _names(one.papers)) for one in root.children],
            )
            for root in found.roots
        ),
    )


def _names(papers: Iterable[PaperKind]) -> str:
    return ", ".join(f"{CATALOGUE[one].zh} {CATALOGUE[one].en}" for one in papers)
