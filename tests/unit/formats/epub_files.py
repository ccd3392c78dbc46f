"""EPUB files made of pages, as publishers, converters and hobbyists make them."""

from collections.abc import Mapping

from tests.unit.formats.books import zipped

_SPACE = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def page(body: str, *, attributes: str = "", head: str = "") -> str:
    """A page of XHTML."""
    return f"<html {_SPACE}><head><title>x</title>{head}</head><body {attributes}>{body}</body></html>"


def toc(*entries: tuple[str, str] | tuple[str, str, list[tuple[str, str]]]) -> str:
    """A navigation page of (title, link) or (title, link, entries below it)."""

    def items(some: list[tuple[str, str]] | list[tuple[str, str, list[tuple[str, str]]]]) -> str:
        return "".join(
            f'<li><a href="{each[1]}">{each[0]}</a>{f"<ol>{items(each[2])}</ol>" if len(each) > 2 else ""}</li>'
            for each in some
        )

    return page(f'<nav epub:type="toc"><ol>{items(list(entries))}</ol></nav>')


def ncx(*entries: tuple[str, str]) -> str:
    """A table of contents of EPUB 2."""
    points = "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{link}"/></navPoint>'
        for title, link in entries
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


def epub_file(
    *pages: str | bytes,
    nav: str = "",
    table: str = "",
    names: tuple[str, ...] = (),
    spine: str = "",
    guide: str = "",
    more: Mapping[str, str | bytes] | None = None,
    drop: tuple[str, ...] = (),
) -> bytes:
    """An EPUB of the pages `p0.xhtml`, `p1.xhtml`, ... in this order.

    Args:
        pages: Bodies, or whole pages where they begin with `<html`, `<!` or `<?`, or are bytes.
        nav: A navigation page of EPUB 3.
        table: A table of contents of EPUB 2.
        names: Other names of the pages, as the archive has them.
        spine: Other references of the order of reading.
        guide: References of the guide.
        more: More members.
        drop: Members that the file does without.
    """
    named = [names[n] if n < len(names) else f"p{n}.xhtml" for n in range(len(pages))]
    items = "".join(
        f'<item id="i{n}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(named)
    )
    items += '<item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>' if nav else ""
    items += '<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/>' if table else ""
    refs = spine or "".join(f'<itemref idref="i{n}"/>' for n in range(len(pages)))
    members: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/p.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>The Weir</dc:title></metadata><manifest>{items}</manifest><spine>{refs}</spine>"
        f"<guide>{guide}</guide></package>",
        **({"OEBPS/nav.xhtml": nav} if nav else {}),
        **({"OEBPS/toc.ncx": table} if table else {}),
        **{
            f"OEBPS/{name}": each if isinstance(each, bytes) or each.startswith(("<html", "<!", "<?")) else page(each)
            for name, each in zip(named, pages, strict=True)
        },
        **(more or {}),
    }
    return zipped({name: content for name, content in members.items() if name not in drop})
