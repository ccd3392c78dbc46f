"""Word, EPUB and zip files made for the tests."""

import io
import zipfile
from collections.abc import Mapping

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml import parse_xml

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
NAV = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li><a href="one.xhtml#top">The Ferry</a></li>'
    '<li><a href="two%20b.xhtml">The <em>Far</em> Bank</a></li></ol></nav></body></html>'
)
DOCTYPE = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def saved(document: WordDocument) -> bytes:
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def word(*paragraphs: str) -> bytes:
    """A Word file of paragraphs; those that begin with `<` are the inner XML of one."""
    document = Document()
    for paragraph in paragraphs:
        if paragraph.startswith("<"):
            document.element.body.insert(-1, parse_xml(f"<w:p {W}>{paragraph}</w:p>"))
        else:
            document.add_paragraph(paragraph)
    return saved(document)


def xhtml(body: str, *, doctype: str = "") -> str:
    head = "<head><title>x</title><style>p {}</style></head>"
    return f'{doctype}<html xmlns="http://www.w3.org/1999/xhtml">{head}<body>{body}</body></html>'


def epub(chapters: Mapping[str, str], **more: str | bytes) -> bytes:
    items = "".join(f'<item id="{n}" href="{n}" media-type="application/xhtml+xml"/>' for n in chapters)
    spine = "".join(f'<itemref idref="{n}"/>' for n in reversed(chapters))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>The Crossing</dc:title></metadata><manifest>{items}"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>'
        f'<spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": opf,
        "OEBPS/nav.xhtml": NAV,
    }
    return zipped({**members, **{f"OEBPS/{n.replace('%20', ' ')}": text for n, text in chapters.items()}, **more})
