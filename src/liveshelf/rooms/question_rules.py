"""Which comments ask something. Pure.

A comment is a question when it says so itself: by a question mark, a word that asks, or a particle at its end. Nothing
is understood and nothing guessed: who asks in another way is read among all comments.
"""

from __future__ import annotations

import re
import unicodedata

_ASKING = re.compile(
    r"多少|多[久大长重高宽厚深]|怎[么样]|咋|如何|什么|啥|哪|谁|请问|几"
    r"|([\u4e00-\u9fff])[不没]\1|是否|有无|有木有"
    r"|(?:[吗么嘛呢]|没有)(?=$|[\s,.!。~…、])"
)
_ENGLISH = re.compile(
    r"^(?:hi |hello |hey )?"
    r"(?:how|what|whats|when|where|which|who|why|is|are|do|does|did|can|could|will|would|any)\b[^.!]*$"
)
# What holds a word that asks and asks nothing.
_TALK = re.compile(
    r"没什么|没啥|不怎么|几乎|无论如何|不管怎|怎么都|什么都|谁都|哪都|多少都|好几|十几|几十|几百|几千|那么|这么"
)
_WORDS = re.compile(r"\w")


def is_question(text: str) -> bool:
    """Whether a comment asks something."""
    said = unicodedata.normalize("NFKC", text).strip().lower()
    if not _WORDS.search(said):
        return False
    if "?" in said:
        return True
    return bool(_ASKING.search(_TALK.sub(" ", said)) or _ENGLISH.search(said))
