"""What counts as a chapter, a part, front matter or a scene, in the forms writers use."""

import pytest

from saga_agent.formats.manuscript import Manuscript, parse_manuscript

PROSE = "He walked out into the rain and did not look back at the house.\n\nShe waited.\n\n"
PREFACE = " ".join(["These words were written for readers who like to know how a book came about."] * 3) + "\n\n"


def parse(text: str, *, markdown: bool = False) -> Manuscript:
    return parse_manuscript(text, name="my_book", kind="markdown" if markdown else "txt")


def numbers_and_titles(book: Manuscript) -> list[tuple[int | None, str]]:
    return [(chapter.number, chapter.title) for chapter in book.chapters]


def scene_texts(book: Manuscript) -> list[str]:
    (chapter,) = book.chapters
    return [chapter.text[scene.start : scene.end] for scene in chapter.scenes]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("CHAPTER I. The River", "CHAPTER II. The Sea", [(1, "The River"), (2, "The Sea")]),
        ("CHAPTER 1", "CHAPTER 2", [(1, ""), (2, "")]),
        ("Chapter One", "Chapter Twenty-Two", [(1, ""), (22, "")]),
        ("Chapter One: The River", "Chapter Two — The Sea", [(1, "The River"), (2, "The Sea")]),
        ("Chapter 1 The River", "Chapter 2 The Sea", [(1, "The River"), (2, "The Sea")]),
        ("CHAPTER THE FIRST", "CHAPTER THE SECOND", [(1, ""), (2, "")]),
        ("CHAPTER I\nThe River", "CHAPTER II\nThe Sea", [(1, "The River"), (2, "The Sea")]),
        ("CHAPTER I\n\nThe River", "CHAPTER II\n\nThe Sea", [(1, "The River"), (2, "The Sea")]),
        ("1\n\nThe River", "2\n\nThe Sea", [(1, "The River"), (2, "The Sea")]),
        ("I", "II", [(1, ""), (2, "")]),
        ("ONE", "TWO", [(1, ""), (2, "")]),
        ("I. THE RIVER", "II. THE SEA", [(1, "THE RIVER"), (2, "THE SEA")]),
        ("BOOK ONE: The River", "BOOK TWO: The Sea", [(1, "The River"), (2, "The Sea")]),
        ("STAVE I. Marley’s Ghost", "STAVE II. The First Spirit", [(1, "Marley’s Ghost"), (2, "The First Spirit")]),
        ("Глава 1", "Глава 2. Начало", [(1, ""), (2, "Начало")]),
        ("**Chapter 1**", "**Chapter 2**", [(1, ""), (2, "")]),
        ("# Chapter 1: The River", "# Chapter 2: The Sea", [(1, "The River"), (2, "The Sea")]),
        ("The River\n=========", "The Sea\n=======", [(1, "The River"), (2, "The Sea")]),
        ("## The River ##", "## The Sea", [(1, "The River"), (2, "The Sea")]),
    ],
)
def test_two_chapters(first: str, second: str, expected: list[tuple[int, str]]):
    book = parse(f"{first}\n\n{PROSE}{second}\n\n{PROSE}")
    assert numbers_and_titles(book) == expected
    assert [chapter.text for chapter in book.chapters] == [PROSE.strip()] * 2
    assert book.warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        "Chapter 2 was the one that he had never finished.",
        "Part one, and the worst part, was over.",
        "Chapter I of it bored him.",
        "“Chapter Two,” she said.",
        "1066 and all that",
        "Letter to a friend",
        "Notes",
        "“One?”",
    ],
)
def test_a_line_that_only_looks_like_a_heading_stays_text(line: str):
    book = parse(f"Chapter 1\n\n{PROSE}{line}\n\n{PROSE}")
    assert numbers_and_titles(book) == [(1, "")]
    assert line in book.chapters[0].text


def test_the_first_sentence_is_not_taken_for_a_title():
    book = parse(f"Chapter 1\n\nIt rained.\n\n{PROSE}")
    assert book.chapters[0].title == ""
    assert book.chapters[0].text.startswith("It rained.")


def test_start_line_is_the_headings_line_in_the_source():
    book = parse(f"A Title\r\n\r\n\r\nChapter 1\r\n\r\n{PROSE}Chapter 2\r\n\r\n{PROSE}")
    assert [chapter.start_line for chapter in book.chapters] == [4, 10]


def test_list_items_are_not_chapters():
    book = parse("Buy these.\n\n1. Eggs\n\n2. Milk\n\n3. Bread\n\nThat is all.")
    assert len(book.chapters) == 1


def test_page_numbers_are_neither_chapters_nor_scenes():
    book = parse("The text begins and runs\n\n1\n\non over the page until\n\n2\n\nit ends at last.\n\n3\n\nDone.")
    assert len(book.chapters) == 1
    assert len(book.chapters[0].scenes) == 1


@pytest.mark.parametrize(
    "contents",
    [
        "CONTENTS\n\nCHAPTER I. The River\nCHAPTER II. The Sea",
        "Contents\n\nCHAPTER I. The River\n\nCHAPTER II. The Sea",
        "CHAPTER I. The River ..... 1\nCHAPTER II. The Sea ..... 99",
        "CONTENTS\nCHAPTER I. The River\nCHAPTER II. The Sea",
    ],
)
def test_a_table_of_contents_makes_no_chapters(contents: str):
    book = parse(
        f"THE BOOK\nby Ann Other\n\n{contents}\n\n\nCHAPTER I. The River\n\n{PROSE}CHAPTER II. The Sea\n\n{PROSE}"
    )
    assert numbers_and_titles(book) == [(1, "The River"), (2, "The Sea")]
    assert book.title == "THE BOOK"
    assert sum(aside.text.count("CHAPTER I") for aside in book.asides) == 2
    assert {aside.reason for aside in book.asides} <= {"title", "title page", "contents"}
    assert book.front == ()


def test_parts_hold_their_chapters_and_their_mottos():
    book = parse(f"PART ONE\n\nA motto.\n\n1\n\n{PROSE}2\n\n{PROSE}PART TWO\n\n1\n\n{PROSE}")
    assert numbers_and_titles(book) == [(1, ""), (2, ""), (1, "")]
    assert [(p.number, p.first_chapter, p.end_chapter) for p in book.parts] == [(1, 0, 2), (2, 2, 3)]
    assert [(d.number, d.text) for d in book.documents if d.kind == "part"] == [(1, "A motto.")]
    assert [(aside.reason, aside.text) for aside in book.asides] == [("part headings", "PART TWO")]


def test_markdown_levels_give_title_parts_chapters_and_scenes():
    first_part = f"# The Book\n\n## Part One\n\n### Chapter 1\n\n{PROSE}#### Later\n\n{PROSE}"
    text = f"{first_part}## Part Two\n\n### Chapter 2\n\n{PROSE}"
    book = parse(text, markdown=True)
    assert book.title == "The Book"
    assert numbers_and_titles(book) == [(1, ""), (2, "")]
    assert [(part.heading, part.first_chapter, part.end_chapter) for part in book.parts] == [
        ("Part One", 0, 1),
        ("Part Two", 1, 2),
    ]
    first = book.chapters[0]
    assert [first.text[scene.start :].split("\n")[0] for scene in first.scenes] == [PROSE.split("\n")[0], "#### Later"]


def test_a_picture_before_the_markdown_title_does_not_hide_it():
    book = parse(f"![cover](cover.png)\n\n# The Book\n\n## Dawn\n\n{PROSE}## Dusk\n\n{PROSE}", markdown=True)
    assert (book.title, numbers_and_titles(book)) == ("The Book", [(1, "Dawn"), (2, "Dusk")])


def test_markdown_headings_without_a_number_among_counted_ones():
    end = f"# A Letter\n\n{PROSE}# Chapter 2\n\n{PROSE}"
    text = f"# The Book\n\n# The Night Before\n\n{PREFACE}# Chapter 1\n\n{PROSE}{end}"
    book = parse(text, markdown=True)
    assert book.title == "The Book"
    assert [chapter.title for chapter in book.front] == ["The Night Before"]
    assert numbers_and_titles(book) == [(1, ""), (None, "A Letter"), (2, "")]


def test_markdown_front_and_back_matter():
    book = parse(f"# The Book\n\n## Prologue\n\n{PROSE}## The River\n\n{PROSE}## Epilogue\n\n{PROSE}", markdown=True)
    assert [(chapter.number, chapter.title) for chapter in book.documents] == [
        (None, "Prologue"),
        (1, "The River"),
        (None, "Epilogue"),
    ]


def test_a_yaml_header_gives_the_title_and_is_kept_aside():
    book = parse(f'---\ntitle: "The Book"\ntags: [draft]\n---\n\n# Chapter 1\n\n{PROSE}', markdown=True)
    assert book.title == "The Book"
    assert [(aside.reason, "tags: [draft]" in aside.text) for aside in book.asides] == [("properties", True)]
    assert book.chapters[0].start_line == 6


def test_text_before_the_first_chapter_is_a_document_when_it_is_prose():
    book = parse(f"{PREFACE}Chapter 1\n\n{PROSE}")
    assert [(c.number, c.title, c.text) for c in book.front] == [(None, "Front matter", PREFACE.strip())]
    headed = parse(f"PREFACE\n\n{PREFACE}Chapter 1\n\n{PROSE}")
    assert [(c.title, c.text) for c in headed.front] == [("PREFACE", PREFACE.strip())]


def test_letters_before_the_chapters_are_front_matter():
    book = parse(f"LETTER I\n\n{PROSE}CHAPTER I\n\n{PROSE}CHAPTER II\n\n{PROSE}")
    assert [chapter.title for chapter in book.front] == ["LETTER I"]
    assert len(book.chapters) == 2


def test_an_interlude_between_chapters_has_no_number():
    book = parse(f"Chapter 1\n\n{PROSE}INTERLUDE\n\n{PROSE}Chapter 2\n\n{PROSE}")
    assert numbers_and_titles(book) == [(1, ""), (None, "INTERLUDE"), (2, "")]


def test_the_licence_around_a_gutenberg_book_is_no_part_of_it():
    fence = "*** {} OF THE PROJECT GUTENBERG EBOOK X ***"
    book = parse(f"Terms.\n\n{fence.format('START')}\n\nChapter 1\n\n{PROSE}{fence.format('END')}\n\nMore terms.")
    assert book.chapters[0].text == PROSE.strip()
    first, last = book.asides
    assert (first.reason, first.text.startswith("Terms."), first.line) == ("boilerplate", True, 1)
    assert (last.reason, last.text.endswith("More terms."), last.line) == ("boilerplate", True, 0)


def test_a_text_without_headings_is_one_chapter_named_by_the_file():
    book = parse(PROSE)
    assert (book.title, numbers_and_titles(book)) == ("my book", [(1, "")])
    assert "No chapter headings" in book.warnings[0]


def test_a_chapter_without_text_is_kept_and_reported():
    book = parse(f"Chapter 1\n\n\nChapter 2\n\n{PROSE}")
    assert [chapter.text for chapter in book.chapters] == ["", PROSE.strip()]
    assert book.chapters[0].scenes == ()
    assert book.warnings == ("'Chapter 1' (line 1) has no text.",)


def test_an_empty_text_has_no_chapter():
    book = parse(" \n\f\n")
    assert (book.chapters, book.warnings) == ((), ("The text is empty.",))


@pytest.mark.parametrize("mark", ["***", "* * *", "#", "---", "*   *   *   *", "⁂", "~", "\\* \\* \\*", "——————"])
def test_scene_separators(mark: str):
    assert scene_texts(parse(f"One here.\n\n{mark}\n\nTwo there.")) == ["One here.", "Two there."]


def test_several_separators_in_a_row_are_one_break_and_none_at_the_ends():
    book = parse("***\n\nOne here.\n\n* * *\n\n * *  *\n\nTwo there.\n\n***")
    assert book.chapters[0].text == "One here.\n\n* * *\n\nTwo there."
    assert len(book.chapters[0].scenes) == 2


def test_wide_gaps_are_breaks_only_where_paragraphs_stand_closer():
    assert scene_texts(parse("One.\n\nTwo.\n\n\n\nThree.\n\nFour.")) == ["One.\n\nTwo.", "Three.\n\nFour."]
    assert scene_texts(parse("One.\n\n\nTwo.\n\n\nThree.")) == ["One.\n\nTwo.\n\nThree."]


def test_one_paragraph_a_line_with_blank_lines_between_scenes():
    line = "This paragraph goes on in one line, as a word processor saves it, without a wrap to be seen anywhere " * 2
    book = parse(f"Chapter 1\n{line} Yes.\n“No.”\n{line} Yes.\n“No.”\n{line} Yes.\n\nLater.\n{line} Yes.\n“No.”\n")
    assert len(book.chapters[0].text.split("\n\n")) == 8
    assert len(book.chapters[0].scenes) == 2


def test_a_form_feed_is_a_page_and_not_a_scene():
    assert scene_texts(parse("One.\n\nTwo.\n\n\fThree.\n\nFour.\fFive.")) == [
        "One.\n\nTwo.\n\nThree.\n\nFour.\n\nFive."
    ]


def test_emphasis_and_smart_quotes_stay():
    text = "“It’s _so_,” she said — *truly*.\n\n‘No.’"
    assert parse(text).chapters[0].text == text


def test_characters_a_database_refuses_are_gone():
    assert parse("\ufeffA\x00b\x1b c\ud800 d.").chapters[0].text == "A b  c\ufffd d."
