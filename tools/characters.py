# /// script
# requires-python = ">=3.11"
# dependencies = ["opencc==1.4.2", "pypinyin==0.55.0"]
# ///
"""Makes the tables of characters that the text screen reads: which traditional form is which simplified one (from
OpenCC, Apache-2.0), and how a character is spelled without its tone (from pypinyin, MIT).

    uv run --script tools/characters.py

They are made once and kept in the package: the product needs neither library, and the screen no dictionary of phrases.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

import opencc
from pypinyin.constants import PINYIN_DICT

DATA = Path(__file__).parent.parent / "src" / "liveshelf" / "compliance" / "data"
HAN = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]


def toneless(reading: str) -> str:
    """`lǜ` as it is typed: `lv`."""
    plain = reading.replace("ü", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v").replace("ǖ", "v")
    return "".join(char for char in unicodedata.normalize("NFD", plain) if char.isascii() and char.isalpha())


def in_gbk(char: str) -> bool:
    """Whether an ordinary keyboard of the mainland offers it."""
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def main() -> None:
    """Write both tables."""
    simpler = opencc.OpenCC("t2s")
    pairs = [(char, simpler.convert(char)) for char in HAN]
    traditional = {char: simple for char, simple in pairs if len(simple) == 1 and simple != char}
    (DATA / "traditional.txt").write_text("".join(f"{char}{simple}\n" for char, simple in traditional.items()))
    spelled: dict[str, list[str]] = defaultdict(list)
    for char in HAN:
        if char not in traditional and in_gbk(char) and ord(char) in PINYIN_DICT:
            spelled[toneless(PINYIN_DICT[ord(char)].split(",")[0])].append(char)
    # What is only hummed (hm, n) would make syllables of single letters.
    said = (syllable for syllable in sorted(spelled) if any(vowel in syllable for vowel in "aeiouv"))
    lines = (f"{syllable} {''.join(spelled[syllable])}\n" for syllable in said)
    (DATA / "pinyin.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
