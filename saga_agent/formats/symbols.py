"""Characters of symbol fonts, as Word stores them in `w:sym`, as characters of Unicode."""

from __future__ import annotations

UNKNOWN = "\ufffd"

_PRIVATE = 0xF000
"""Word moves the codes of symbol fonts into the private area that begins here."""
_SYMBOL_FONTS = ("symbol", "wingdings", "wingdings 2", "wingdings 3", "webdings", "marlett", "zapfdingbats")

# Adobe's Symbol encoding, from 0x20 and from 0xA1; `\ufffd` where Unicode has pieces of brackets alone.
_SYMBOL_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\ufffd〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"


def _table(pairs: str) -> dict[int, str]:
    """Characters by their places: each pair is a place of two hexadecimal digits and its character."""
    return {int(pair[:2], 16): pair[2:] for pair in pairs.split()}


# What letters, arrows, boxes and ticks of the picture fonts are; their other pictures have no one reading.
_WINGDINGS = _table(
    "21✏ 22✂ 28☎ 29✆ 2A✉ 36⌛ 3F✍ 41✌ 43👍 44👎 45☜ 46☞ 47☝ 48☟ 49✋ 4A☺ 4B😐 4C☹ 4D💣 4E☠ 4F⚐ 51✈ 52☼ 53💧 "
    "54❄ 56✞ 58✠ 59✡ 5A☪ 5B☯ 5Cॐ 5D☸ 5E♈ 5F♉ 60♊ 61♋ 62♌ 63♍ 64♎ 65♏ 66♐ 67♑ 68♒ 69♓ 6A& 6B& 6C● 6D❍ "
    "6E■ 6F□ 71❑ 72❒ 73⬧ 74⧫ 75◆ 76❖ 77⬥ 78⌧ 7B❀ 7C✿ 7D❝ 7E❞ 80⓪ 81① 82② 83③ 84④ 85⑤ 86⑥ 87⑦ 88⑧ 89⑨ "
    "8A⑩ 8B⓿ 8C❶ 8D❷ 8E❸ 8F❹ 90❺ 91❻ 92❼ 93❽ 94❾ 95❿ 9E· 9F• A0▪ A1○ A4◉ A5◎ A7▪ A8◻ AA✦ AB★ AC✶ AD✴ "
    "AE✹ B2⟡ B5✪ B6✰ C3↭ D5⌫ D6⌦ D8➢ DC➲ DF← E0→ E1↑ E2↓ E3↖ E4↗ E5↙ E6↘ E7⇐ E8⇒ E9⇑ EA⇓ EF⇦ F0⇨ F1⇧ "
    "F2⇩ F3⬄ FB✗ FC✓ FD☒ FE☑"
)
_WINGDINGS_2 = _table("4F✗ 50✓ 51☒ 52☑ 53☒ 54☒ 96● 97● A2■ A3□ DF✶ E4★ EA⁂")
_WEBDINGS = _table("59♥ 61✓ 63■ 67■ 6E● 72✗ 80🏛 D9☀ EA☎")
_TABLES = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "webdings": _WEBDINGS}


def symbol(font: str, code: str) -> str:
    """The character of a hexadecimal code in a font; U+FFFD when nothing says which it is."""
    try:
        value = int(code, 16)
    except ValueError:
        return UNKNOWN
    own = font.strip().lower()
    place = value - _PRIVATE if _PRIVATE <= value <= _PRIVATE + 0xFF else value
    if own == "symbol" and place <= 0xFF:
        return _of_symbol(place)
    if own in _SYMBOL_FONTS and place <= 0xFF:
        return _TABLES.get(own, {}).get(place, " " if place == 0x20 else UNKNOWN)
    if place != value:
        # An ordinary font: Word moved a character of its code page, the letters of which are those of Windows.
        return bytes([place]).decode("cp1252", errors="replace") if place >= 0x20 else UNKNOWN
    usable = 0x20 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xF8FF and value not in (0xFFFE, 0xFFFF)
    return chr(value) if usable else UNKNOWN


def _of_symbol(place: int) -> str:
    if 0x20 <= place < 0x20 + len(_SYMBOL_LOW):
        return _SYMBOL_LOW[place - 0x20]
    if place == 0xA0:
        return "€"
    return _SYMBOL_HIGH[place - 0xA1] if 0xA1 <= place < 0xA1 + len(_SYMBOL_HIGH) else UNKNOWN
