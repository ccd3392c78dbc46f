"""Word files made part by part, as the many programs make them that write such files."""

from collections.abc import Mapping

from tests.unit.formats.books import zipped

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_PREFIXES = (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
)
_STYLES = {"Title": "Title", "Subtitle": "Subtitle", **{f"Heading{n}": f"heading {n}" for n in range(1, 4)}}


def p(text: str = "", style: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of text in a style; what begins with `<` is its inner XML."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = text if text.startswith("<") else f'<w:r>{run}<w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{inner}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def h(text: str, level: int = 1) -> str:
    """A heading by style."""
    return p(text, f"Heading{level}")


def word_file(
    *body: str,
    styles: str | None = None,
    relations: Mapping[str, tuple[str, str]] | None = None,
    parts: Mapping[str, str | bytes] | None = None,
    main: str = "word/document.xml",
    strict: bool = False,
) -> bytes:
    """A Word file.

    Args:
        body: The XML of the body.
        styles: The XML of more styles; None for a file without the part.
        relations: Of the document, more than the one to its styles: id to (kind, target).
        parts: More parts, the elements of WordprocessingML with their prefix `w`.
        main: The name of the part with the document.
        strict: Whether in the namespaces of ISO 29500 Strict.
    """
    office = _STRICT_OFFICE if strict else _OFFICE
    space = f'xmlns:w="{STRICT if strict else TRANSITIONAL}" xmlns:r="{office}"{_PREFIXES}'
    folder, _, file = main.rpartition("/")
    known = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in _STYLES.items()
    )
    targets = {**({"s": ("styles", "styles.xml")} if styles is not None else {}), **(relations or {})}
    listed = "".join(
        f'<Relationship Id="{key}" Type="{office}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    members: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="d" Type="{office}/officeDocument"'
        f' Target="{main}"/></Relationships>',
        main: f"<w:document {space}><w:body>{''.join(body)}</w:body></w:document>",
        f"{folder}/_rels/{file}.rels".lstrip("/"): f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>',
    }
    if styles is not None:
        members[f"{folder}/styles.xml".lstrip("/")] = f"<w:styles {space}>{known}{styles}</w:styles>"
    for name, content in (parts or {}).items():
        members[name] = content if isinstance(content, bytes) else _with_space(content, space)
    return zipped(members)


def _with_space(content: str, space: str) -> str:
    """The part with the namespaces on its root, when it is one of WordprocessingML."""
    if not content.startswith("<w:"):
        return content
    end = min(place for place in (content.find(">"), content.find(" "), content.find("/>")) if place > 0)
    return f"{content[:end]} {space}{content[end:]}"
