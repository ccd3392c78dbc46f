"""EPUB pages whose elements were moved, doubled and taken out, so that they stay XML: the balance is exact."""

import copy
import io
import random
import zipfile
from xml.etree import ElementTree

import pytest

from tests.fuzz.test_mutations import check
from tests.unit.formats.epub_files import epub_file, toc

ElementTree.register_namespace("", "http://www.w3.org/1999/xhtml")
ElementTree.register_namespace("epub", "http://www.idpf.org/2007/ops")
PAGES = (
    '<section epub:type="titlepage"><h1>The Weir</h1><p>By Ann</p></section>',
    '<section epub:type="part"><h2>Part <span>I</span></h2></section>',
    '<section epub:type="chapter"><hgroup><h3 epub:type="ordinal">I</h3><p epub:type="title">The Ferry</p></hgroup>'
    '<p>Nina<a href="#n" epub:type="noteref">1</a> <i>ran</i><span epub:type="pagebreak">3</span> off.</p>'
    '<aside epub:type="footnote" id="n"><p>A note.</p></aside><div class="break">* * *</div>'
    "<blockquote><p>Dear <b>Bram</b>,<br/>come.</p></blockquote></section>",
    '<h1 id="a">Two</h1><ul><li>one<ul><li>two</li></ul></li></ul><dl><dt>Weir</dt><dd>A dam.</dd></dl><table><tr>'
    '<td>Mon</td></tr></table><pre>code\n here</pre><p class="stanza"><span>line</span></p><ruby>漢<rt>kan</rt></ruby>'
    '<figure><img alt="A"/><figcaption>Mill</figcaption></figure><p hidden="">hid</p><h2 id="b">Three</h2>'
    "<q>said</q><details><summary>S</summary>Body</details>",
)
BOOK = epub_file(
    *PAGES, nav=toc(("Part", "p1.xhtml", [("The Ferry", "p2.xhtml")]), ("Two", "p3.xhtml#a"), ("Three", "p3.xhtml#b"))
)


def rearranged(data: bytes, rng: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    pages = [name for name in members if name.endswith(".xhtml")]
    for _ in range(rng.randint(1, 6)):
        name = rng.choice(pages)
        root = ElementTree.fromstring(members[name])
        move(root, rng)
        members[name] = ElementTree.tostring(root)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return out.getvalue()


def move(root: ElementTree.Element, rng: random.Random) -> None:
    """Doubles, moves or takes out an element of the body."""
    body = next(each for each in root if each.tag.endswith("body"))
    parents = {child: parent for parent in body.iter() for child in parent}
    if not parents:
        return
    one, other = rng.choice([*parents]), rng.choice([*parents])
    kind = rng.randrange(4)
    if kind == 0:
        parents[one].insert(rng.randrange(len(parents[one]) + 1), copy.deepcopy(other))
    elif kind == 1:
        one.insert(0, copy.deepcopy(other))
    elif kind == 2:
        parents[one].remove(one)
    elif one not in other.iter():
        parents[one].remove(one)
        other.append(one)


@pytest.mark.parametrize("tries", [200, pytest.param(20_000, marks=pytest.mark.slow)])
def test_elements_in_odd_places_lose_no_word(tries: int):
    for number in range(tries):
        try:
            check(rearranged(BOOK, random.Random(number)), "epub")
        except AssertionError as error:
            raise AssertionError(f"seed {number}") from error
