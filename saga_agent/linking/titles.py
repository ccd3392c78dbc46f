"""Titles that stand before a name, and what they tell about the person."""

from __future__ import annotations

from typing import Literal

Gender = Literal["f", "m"]

_MALE = """mr mister sir lord master king prince duke earl count viscount marquis baron emperor czar tsar sultan
father uncle brother grandfather grandpa papa squire monsieur signor signore senor señor don herr friar abbot"""
_FEMALE = """mrs miss ms mistress missus lady madam madame mademoiselle queen princess duchess countess viscountess
marchioness baroness empress czarina tsarina aunt auntie mother sister grandmother grandma mama dame widow abbess
signora signorina senora señora senorita señorita donna frau fräulein"""
_EITHER = """doctor professor captain colonel general major lieutenant sergeant corporal private reverend judge
justice president senator governor mayor cardinal bishop archbishop monsignor pope saint cousin inspector constable
detective sheriff officer chief admiral commander commodore marshal chancellor minister deacon deaconess elder ensign
cadet nurse ambassador consul councillor magistrate superintendent sheikh rabbi imam comrade vicar parson"""
_SHORT = {
    "dr": "doctor",
    "prof": "professor",
    "capt": "captain",
    "cap'n": "captain",
    "col": "colonel",
    "gen": "general",
    "maj": "major",
    "lt": "lieutenant",
    "lieut": "lieutenant",
    "sgt": "sergeant",
    "sergt": "sergeant",
    "corp": "corporal",
    "cpl": "corporal",
    "pvt": "private",
    "rev": "reverend",
    "revd": "reverend",
    "gov": "governor",
    "sen": "senator",
    "pres": "president",
    "st": "saint",
    "fr": "father",
    "adm": "admiral",
    "insp": "inspector",
    "m": "monsieur",
    "mme": "madame",
    "mlle": "mademoiselle",
    "mister": "mr",
    "missus": "mrs",
    "mistress": "mrs",
    "madam": "madame",
    "auntie": "aunt",
    "supt": "superintendent",
    "hon": "lord",
    "messrs": "mr",
}

_GENDER: dict[str, Gender | None] = {
    **dict.fromkeys(_EITHER.split()),
    **dict.fromkeys(_MALE.split(), "m"),
    **dict.fromkeys(_FEMALE.split(), "f"),
}
_UNLIKE = ({"mrs", "miss"}, {"mr", "master"})
"""Titles of one gender that still tell two persons of one surname apart."""


def canonical_title(word: str) -> str | None:
    """The title a word stands for ("Capt." gives "captain"), None when it is no title."""
    bare = word.removesuffix(".").lower()
    if bare == "m" and not word.endswith("."):
        return None
    title = _SHORT.get(bare, bare)
    return title if title in _GENDER else None


def is_short_title(word: str) -> bool:
    """Whether a word is a title that begins a new name wherever it stands ("Mr", "Dr", "Capt")."""
    return word.lower() in _SHORT or word.lower() in {"mr", "mrs", "ms", "miss"}


def title_gender(title: str) -> Gender | None:
    """The gender a title tells, if it tells one."""
    return _GENDER[title]


def titles_clash(one: str, other: str) -> bool:
    """Whether two titles cannot belong to one person."""
    genders = {_GENDER[one], _GENDER[other]} - {None}
    return len(genders) > 1 or (one != other and {one, other} in _UNLIKE)
