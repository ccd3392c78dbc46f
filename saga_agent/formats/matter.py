"""Front and back matter: what books of many languages call their prefaces, prologues, contents and notes."""

from __future__ import annotations

from functools import cache

from saga_agent.formats.numerals import fold

MATTER = {
    "prologue": "prologue prolog prólogo prologo proloog пролог prológus prologi πρόλογος προλόγος 楔子 引子 "
    "序章 プロローグ 프롤로그 פרולוג प्रस्तावना prologul",
    "epilogue": "epilogue epilog épilogue epílogo epilogo epiloog эпилог епілог епилог epilógus epilogi "
    "επίλογος 尾声 尾聲 终章 終章 エピローグ 에필로그 אפילוג الخاتمة خاتمة",
    "interlude": "interlude interlud intermède zwischenspiel interludio interlúdio tussenspel интерлюдия "
    "mellanspel mellemspil interludium 番外 幕間 幕间 막간",
    "intermezzo": "intermezzo",
    "preface": "preface foreword introduction introductory préface avant-propos introduction vorwort "
    "einleitung einführung geleitwort prefacio prefácio introducción introdução prefazione "
    "introduzione premessa voorwoord inleiding предисловие введение передмова вступ предговор увод "
    "предговор wstęp przedmowa úvod předmluva predhovor előszó bevezetés förord inledning forord "
    "indledning esipuhe johdanto εισαγωγή önsöz giriş prefață introducere 序 序言 前言 自序 "
    "まえがき はじめに 序文 서문 머리말 المقدمة مقدمة הקדמה מבוא kata|pengantar lời|nói|đầu भूमिका",
    "dedication": "dedication dédicace widmung dedicatoria dedicatória dedica opdracht посвящение присвята 献辞 "
    "dedykacja tillägnan věnování",
    "epigraph": "epigraph épigraphe epígrafe эпиграф motto",
    "contents": "contents table|of|contents toc table|des|matières sommaire inhalt inhaltsverzeichnis índice "
    "indice sumário sommario inhoud inhoudsopgave оглавление содержание зміст съдържание "
    "spis|treści obsah tartalom tartalomjegyzék innehåll innehållsförteckning indhold innhold "
    "sisällys περιεχόμενα içindekiler cuprins 目录 目錄 目次 차례 목차 الفهرس المحتويات "
    "תוכן|העניינים daftar|isi mục|lục",
    "afterword": "afterword postscript coda conclusion postface nachwort schlusswort posfacio posfácio "
    "postfazione nawoord послесловие післямова послеслов posłowie doslov utószó efterord jälkisanat "
    "επίμετρο sonsöz 后记 後記 跋 あとがき おわりに 후기 맺음말",
    "acknowledgements": "acknowledgements acknowledgments acknowledgement acknowledgment remerciements danksagung dank "
    "agradecimientos agradecimentos ringraziamenti dankwoord благодарности подяки podziękowania "
    "poděkování köszönetnyilvánítás tack kiitokset ευχαριστίες teşekkür mulțumiri 致谢 致謝 謝辞 "
    "감사의|말",
    "notes": "notes endnotes footnotes anmerkungen fußnoten endnoten notas note aantekeningen noten "
    "примечания примітки przypisy poznámky jegyzetek noter σημειώσεις notlar 注释 註釋 注釈 미주",
    "appendix": "appendix appendices annexe anhang apéndice apêndice appendice bijlage приложение додаток "
    "dodatek příloha függelék bilaga tillæg liite παράρτημα ek 附录 附錄 付録 부록",
    "glossary": "glossary glossaire glossar glosario glossário glossario verklarende|woordenlijst глоссарий słowniczek",
    "etymology": "etymology",
    "extracts": "extracts",
    "about the author": "about|the|author about|the|authors author’s|note author's|note a|note|on|the|text "
    "translator’s|note translator's|note editor’s|note editor's|note note|to|the|reader "
    "to|the|reader über|den|autor über|die|autorin à|propos|de|l’auteur sobre|el|autor "
    "sobre|o|autor об|авторе от|автора 作者的话 著者について 작가의|말 about|this|book",
    "imprint": "imprint colophon copyright copyright|page uncopyright half|title half-title halftitle "
    "title|page titlepage impressum impresum achevé|d'imprimer выходные|данные 版权 版權 奥付 판권",
    "dramatis personae": "dramatis|personae cast|of|characters list|of|characters list|of|illustrations frontispiece "
    "bibliography index also|by praise|for personen personnages personajes",
}
BETWEEN_CHAPTERS = ("prologue", "epilogue", "interlude", "intermezzo")
"""Matter that is part of the telling, wherever it stands."""
_WORDS = 5


@cache
def _names() -> dict[str, str]:
    return {fold(name.replace("|", " ")): kind for kind, names in MATTER.items() for name in names.split()}


def matter_of(text: str) -> str | None:
    """The kind of matter that a heading names, as in `MATTER`; None for other words."""
    if len(text) > 60 or len(text.split()) > _WORDS:
        return None
    return _names().get(fold(" ".join(text.split())))
