"""
The chapters of docs/staff-guide/: read, made into HTML, searched.

The files are ours and come with the code, so what they say is trusted; HTML in them is still shown as text, because a
chapter has no need of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

FOLDER: Path = settings.BASE_DIR / "docs" / "staff-guide"
IMAGES = FOLDER / "images"
CONTENTS = "README"  # its links, in their order, are the chapters

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def _picture(renderer: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    """A picture opens in its full size."""
    source = tokens[number].attrs["src"]
    return format_html('<a href="{}">{}</a>', source, mark_safe(renderer.image(tokens, number, options, env)))  # noqa: S308


def _table(renderer: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    """A table too wide for a telephone scrolls by itself, by keyboard too."""
    return '<div class="guide-table" role="region" aria-label="Таблица" tabindex="0"><table>'


def _table_end(renderer: Any, tokens: Sequence[Token], number: int, options: Any, env: Any) -> str:
    return "</table></div>"


_MARKDOWN.add_render_rule("image", _picture)
_MARKDOWN.add_render_rule("table_open", _table)
_MARKDOWN.add_render_rule("table_close", _table_end)


@dataclass(frozen=True)
class Heading:
    """Of one part of a chapter: `level` 2 or more, and the words under it up to the next heading."""

    level: int
    title: str
    anchor: str
    words: str = ""


@dataclass(frozen=True)
class Chapter:
    """One file. `slug` is its name without .md."""

    slug: str
    text: str
    known: frozenset[str] = field(default_factory=frozenset)  # the slugs that links to other files may name

    @cached_property
    def _tokens(self) -> list[Token]:
        return _MARKDOWN.parse(self.text)

    @cached_property
    def title(self) -> str:
        """The heading of the first level, which every chapter begins with."""
        return next(_plain(words) for opening, words in _headings(self._tokens) if opening.tag == "h1")

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        return tuple(_parts(self._tokens))

    @cached_property
    def html(self) -> SafeString:
        """The chapter without its title, which the page shows as its own."""
        tokens = _MARKDOWN.parse(self.text)
        _name_headings(tokens)
        for token in tokens:
            for child in token.children or ():
                self._lead(child)
        html: str = _MARKDOWN.renderer.render(_without_title(tokens), _MARKDOWN.options, {})
        return mark_safe(html)  # noqa: S308  our own files; the parser escapes what HTML they hold

    def _lead(self, token: Token) -> None:
        """A link to another file leads to its page, a picture comes from the view of pictures, with its size."""
        if token.type == "link_open":
            token.attrSet("href", self._address(str(token.attrs["href"])))
        if token.type == "image":
            name = PurePosixPath(str(token.attrs["src"])).name
            width, height = image_size(name)
            token.attrs |= {"src": reverse("staff_guide_image", args=[name]), "width": width, "height": height}
            token.attrs |= {"loading": "lazy"}

    def _address(self, written: str) -> str:
        file, mark, anchor = written.partition("#")
        slug = file.removesuffix(".md")
        if not file.endswith(".md") or slug not in self.known:
            return written
        return reverse("staff_guide_chapter", args=[slug]) + mark + anchor


@dataclass(frozen=True)
class Found:
    """A part of a chapter in which all words of a search stand."""

    chapter: Chapter
    heading: Heading | None  # None: before the first heading

    @property
    def address(self) -> str:
        page = reverse("staff_guide_chapter", args=[self.chapter.slug])
        return f"{page}#{self.heading.anchor}" if self.heading else page


@dataclass(frozen=True)
class Guide:
    """The page of contents and the chapters in its order."""

    contents: Chapter
    chapters: tuple[Chapter, ...]

    def find(self, words: str) -> list[Found]:
        """The parts that hold every word, those that have one in a heading first. No words find nothing."""
        wanted = words.casefold().split()
        found: list[tuple[int, Found]] = []
        for chapter in self.chapters if wanted else ():
            for heading in chapter.headings:
                title = f"{chapter.title} {heading.title}".casefold()
                if all(word in f"{title} {heading.words.casefold()}" for word in wanted):
                    rank = 0 if any(word in title for word in wanted) else 1
                    found.append((rank, Found(chapter, heading if heading.level > 1 else None)))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def chapter(self, slug: str) -> Chapter | None:
        return next((chapter for chapter in self.chapters if chapter.slug == slug), None)

    def beside(self, chapter: Chapter) -> tuple[Chapter | None, Chapter | None]:
        """The chapters before and after."""
        place = self.chapters.index(chapter)
        before = self.chapters[place - 1] if place else None
        return before, next(iter(self.chapters[place + 1 :]), None)


def guide() -> Guide:
    """As the files are now."""
    files = sorted(FOLDER.glob("*.md"))
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int], ...]) -> Guide:
    texts = {path.stem: path.read_text(encoding="utf-8") for path, _ in files}
    contents = texts.pop(CONTENTS)
    known = frozenset(texts)
    named = dict.fromkeys(re.findall(r"\]\(([\w-]+)\.md\)", contents))  # each once, in the order of the contents
    chapters = tuple(Chapter(slug, texts[slug], known) for slug in named)
    return Guide(Chapter(CONTENTS, contents, known), chapters)


@lru_cache(maxsize=256)
def image_size(name: str) -> tuple[int, int]:
    """Width and height in pixels, so that the page does not jump while its pictures come."""
    with Image.open(IMAGES / name) as image:
        return image.size


# -- Headings -------------------------------------------------------------------------------------------------------


def anchor_of(title: str) -> str:
    """As code hosts make it from a heading, so that a link into a chapter works there and here."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Token]]:
    """(opening, words) of each heading."""
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            yield token, tokens[number + 1]


def _name_headings(tokens: Sequence[Token]) -> None:
    for opening, words in _headings(tokens):
        opening.attrSet("id", anchor_of(_plain(words)))


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    """Three tokens make a heading; the first of the chapter is its title."""
    return list(tokens[3:])


def _parts(tokens: Sequence[Token]) -> Iterator[Heading]:
    """The headings, each with the words that follow it."""
    current: Heading | None = None
    words: list[str] = []
    is_title = False
    for token in tokens:
        if token.type == "heading_open":
            if current:
                yield _with(current, words)
            current, words, is_title = Heading(int(token.tag[1:]), "", ""), [], True
        elif token.type == "inline" and current:
            if is_title:
                title = _plain(token)
                current, is_title = Heading(current.level, title, anchor_of(title)), False
            else:
                words.append(_plain(token))
    if current:
        yield _with(current, words)


def _with(heading: Heading, words: list[str]) -> Heading:
    return Heading(heading.level, heading.title, heading.anchor, " ".join(words))


def _plain(token: Token) -> str:
    """The words without their marks."""
    return "".join(" " if child.type in ("softbreak", "hardbreak") else child.content for child in token.children or ())
