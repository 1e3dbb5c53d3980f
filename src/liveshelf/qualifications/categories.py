"""The categories of goods: 22 top categories and their sub-categories, versioned data of our own, read when first asked
for.

A goods that was given no category counts as ordinary.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import msgspec
from ahocorasick_rs import AhoCorasick, MatchKind

from liveshelf.qualifications.errors import CategoryUnknown
from liveshelf.qualifications.types import Advice, Category, GoodsKind, PaperKind, Root

ROOTS = 22
CHILDREN_MIN = 200
BETTER_MAX = 3
_PER_ROOT = 100  # a sub-category's code is its root's times this, and a number below it
_ASCII = re.compile(r"[ -~]+")


class _Child(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: int
    zh: str
    en: str
    papers: list[PaperKind]
    words: list[str]


class _Top(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: int
    zh: str
    en: str
    kind: GoodsKind
    children: list[_Child]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    categories: list[_Top]


class CategoriesInvalidError(ValueError):
    """The data file is not a tree of categories; the message says where."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The whole tree, by root and by code."""

    version: str
    roots: tuple[Root, ...]
    by_code: Mapping[int, Category]


@lru_cache(maxsize=1)
def tree() -> Tree:
    """The packaged tree."""
    return read_tree((files("liveshelf.qualifications") / "data" / "categories.json").read_bytes())


def read_tree(data: bytes) -> Tree:
    """A tree from its file. Raises `CategoriesInvalidError` when it is not whole."""
    try:
        stored = msgspec.json.decode(data, type=_File)
    except msgspec.MsgspecError as error:
        raise CategoriesInvalidError(str(error)) from error
    roots = tuple(_root(top) for top in stored.categories)
    every = [child for root in roots for child in root.children]
    by_code = {child.code: child for child in every}
    words = [word for child in every for word in child.words]
    names = [(child.root, name) for child in every for name in (child.zh, child.en)]
    for held, said in (
        (bool(stored.version), "it has no version"),
        (len(roots) == ROOTS == len({root.code for root in roots}), f"there are not {ROOTS} roots"),
        (len(every) >= CHILDREN_MIN, f"there are fewer than {CHILDREN_MIN} sub-categories"),
        (len(by_code) == len(every), "a code stands there twice"),
        (len(set(names)) == len(names), "a name stands twice under one root"),
        (len(set(words)) == len(words), "a word leads to two categories"),
        (all(child.code // _PER_ROOT == child.root for child in every), "a code is not its root's"),
    ):
        if not held:
            raise CategoriesInvalidError(said)
    return Tree(stored.version, roots, by_code)


def category(code: int | None) -> Category | None:
    """The category of a code, `None` for a goods without one. Raises `CategoryUnknown`."""
    if code is None:
        return None
    found = tree().by_code.get(code)
    if found is None:
        raise CategoryUnknown(field="category")
    return found


def kind_of(code: int | None, *, virtual: bool) -> GoodsKind:
    """What kind of goods this is. What is delivered without a parcel is virtual, whatever its category says; a
    code that a newer tree has no more counts as none.
    """
    found = None if code is None else tree().by_code.get(code)
    if virtual:
        return GoodsKind.VIRTUAL
    return GoodsKind.ORDINARY if found is None else found.kind


def advice(title: str, code: int | None) -> Advice:
    """Whether a title fits its category. It does unless its words lead elsewhere and none of them there; at most
    `BETTER_MAX` that fit better are named.
    """
    scores = _scores(title)
    if not scores or (code is not None and scores.get(code) == max(scores.values())):
        return Advice(fits=True, better=())
    ranked = sorted(scores, key=lambda one: (-scores[one], one))
    better = tuple(one for one in ranked if one != code)[:BETTER_MAX]
    return Advice(fits=code in scores, better=better)


def _scores(title: str) -> dict[int, int]:
    """For each category that a word of the title leads to, how many characters do; a Chinese one counts twice."""
    finder, codes, words = _finder()
    folded = title.lower()
    found: dict[int, int] = defaultdict(int)
    for index, start, end in finder.find_matches_as_indexes(folded):
        latin = _ASCII.fullmatch(words[index]) is not None
        if not latin:
            found[codes[index]] += 2 * (end - start)
        elif not (folded[:start][-1:].isalnum() or folded[end:][:1].isalnum()):
            found[codes[index]] += end - start
    return dict(found)


@lru_cache(maxsize=1)
def _finder() -> tuple[AhoCorasick, tuple[int, ...], tuple[str, ...]]:
    pairs = [(word.lower(), one.code) for one in tree().by_code.values() for word in one.words]
    words = tuple(word for word, _ in pairs)
    return AhoCorasick(words, matchkind=MatchKind.LeftmostLongest), tuple(code for _, code in pairs), words


def _root(top: _Top) -> Root:
    children = tuple(
        Category(one.code, top.code, one.zh, one.en, top.kind, tuple(one.papers), tuple(one.words))
        for one in top.children
    )
    return Root(top.code, top.zh, top.en, top.kind, children)
