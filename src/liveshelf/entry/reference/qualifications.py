"""What is asked for: goods kinds, categories, papers."""

from __future__ import annotations

from collections.abc import Iterable

from liveshelf.entry.reference.tables import page, table
from liveshelf.qualifications.categories import tree
from liveshelf.qualifications.papers import CATALOGUE, KINDS, STANDS_IN
from liveshelf.qualifications.rights import RIGHTS, SUBJECT_PAPERS, SUBJECT_WINDOWS, Action, Mode, Right
from liveshelf.qualifications.types import PaperKind, Subject

_SAID = {Right.NO: "—", Right.ALL: "all", Right.AUTHORISED: "authorised"}


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


def rights_page() -> str:
    """What each subject may do in each mode, what it hands in, and how long its audit takes."""
    heads = ("action", *(f"`{subject}` {mode}" for subject in Subject for mode in Mode))
    rows = [
        (f"`{action}`", *(_SAID[RIGHTS[subject, mode, action]] for subject in Subject for mode in Mode))
        for action in Action
    ]
    subjects = [
        (f"`{one}`", _names(SUBJECT_PAPERS[one]), f"{SUBJECT_WINDOWS[one].least}–{SUBJECT_WINDOWS[one].most}")
        for one in Subject
    ]
    return page(
        "Rights of subjects and modes",
        "The one table that decides who may do what: *all* is any category of the shop, *authorised* only those that "
        "the shop authorised the provider for.",
        table(heads, rows),
        "## Subjects",
        "What each hands in to open a shop, and how many working days its audit takes: the first number is what the "
        "merchant may expect and is never a wait, past the second an alarm sounds.",
        table(("subject", "papers", "working days"), subjects),
    )
