"""The labelled texts: read from benchmarks/data/review/texts.tsv, and made into it from our own phrases and frames."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data" / "review"
SEED = 20261127
A_CLASS = 90  # texts a class of the part that was looked at
A_CLASS_HELD = 40  # texts a class of the part that was not
INNOCENT = 500
INNOCENT_HELD = 300


@dataclass(frozen=True)
class Labelled:
    """One text. `labels` are its classes, none for an innocent one; `phrase` is the part that makes it so."""

    held: bool
    labels: frozenset[str]
    field: str
    phrase: str
    text: str
    free: bool = False  # a sentence that was written by itself, not made from a frame


def read() -> list[Labelled]:
    """The committed set, and the innocent texts that stand by themselves."""
    lines = (FOLDER / "texts.tsv").read_text("utf-8").splitlines()
    made = [
        Labelled(part == "held", frozenset(labels.split()), field, phrase, text)
        for part, labels, field, phrase, text in (line.split("\t") for line in lines)
    ]
    free = [line.split("\t") for line in (FOLDER / "free.tsv").read_text("utf-8").splitlines()]
    made += [Labelled(False, frozenset(labels.split()), field, text, text, free=True) for labels, field, text in free]
    alone = (FOLDER / "innocent.txt").read_text("utf-8").splitlines()
    return made + [Labelled(at % 3 == 0, frozenset(), "name", text, text) for at, text in enumerate(alone)]


def ordinary(many: int) -> list[str]:
    """Titles as a catalogue is mostly made of."""
    luck = random.Random(SEED)
    stored = tomllib.loads((FOLDER / "phrases.toml").read_text("utf-8"))
    words, goods = stored["ordinary"].split(), (stored["goods"] + stored["held_goods"]).split()
    return [
        luck.choice(["", " "]).join((*luck.sample(words, luck.randint(1, 4)), luck.choice(goods), luck.choice(words)))
        for _ in range(many)
    ]


def make() -> int:
    """Write the committed set anew; returns its size. The same phrases and seed give the same file."""
    luck = random.Random(SEED)
    stored = tomllib.loads((FOLDER / "phrases.toml").read_text("utf-8"))
    out: dict[str, Labelled] = {}
    for label, one in (*stored["classes"].items(), ("", stored["innocent"])):
        seen, held = (A_CLASS, A_CLASS_HELD) if label else (INNOCENT, INNOCENT_HELD)
        mostly_new = [*one["held_phrases"], *one["held_phrases"], *one["phrases"]]
        for made in (
            *_texts(luck, stored, one["phrases"], (label, one["fields"], seen), held=False),
            *_texts(luck, stored, mostly_new, (label, one["fields"], held), held=True),
        ):
            out.setdefault(made.text, made)
    lines = (
        "\t".join(("held" if one.held else "seen", " ".join(sorted(one.labels)), one.field, one.phrase, one.text))
        for one in out.values()
    )
    (FOLDER / "texts.tsv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(out)


def _texts(
    luck: random.Random, stored: dict[str, Any], phrases: list[str], asked: tuple[str, list[str], int], *, held: bool
) -> list[Labelled]:
    label, fields, many = asked
    frames = stored["held_frames" if held else "frames"]
    goods = stored["held_goods" if held else "goods"].split()
    made = []
    for at in range(many):
        other, _, phrase = phrases[at % len(phrases)].rpartition("|")
        field = luck.choice(fields)
        text = luck.choice(frames[field]).format(goods=luck.choice(goods), phrase=phrase)
        made.append(Labelled(held, frozenset(filter(None, (label, other))), field, phrase, text))
    return made
