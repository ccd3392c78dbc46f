"""Ids that nobody may give: each would be stored and never be found again, or be taken for another."""

from __future__ import annotations

from typing import Final

HOSTILE_IDS: Final = {
    "empty": "",
    "a slash": "a/b",
    "a dot": ".",
    "two dots": "..",
    "a climb": "../../etc/passwd",
    "NUL": "a\0b",
    "a line break": "a\nb",
    "a trailing line break": "abc\n",
    "half a surrogate pair": "a\ud83d",
    "10 kB": "x" * 10_240,
    "one too many": "x" * 129,
    "a space": "a b",
    "spaces alone": "   ",
    "a no-break space": "a\u00a0b",
    "a zero width space": "a\u200bb",
    "a Cyrillic look-alike": "\u0430bc",
    "a full-width look-alike": "\uff41bc",
    "a letter and its accent": "e\u0301",
    "digits of another script": "\u0661\u0662",
    "a question mark": "a?b",
    "a hash": "a#b",
    "a percent sign": "a%2Fb",
    "a backslash": "a\\b",
    "a right-to-left mark": "a\u202eb",
}
FAIR_IDS: Final = (
    "7",
    "x" * 128,
    "V1StGXR8_Z5jdHi6B-myT",
    "-",
    "_a",
    ".env",
    "...",
    "0f8fad5b-d9cb-469f-a165-70867728950e",
)
