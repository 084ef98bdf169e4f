"""Reads an HTML page as it shows: our decks, reports and doors with the records behind their numbers, and any other."""

from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml import html as markup

from fbanalysis.errors import AuditError
from fbanalysis.report.audit.formats.text import decoded
from fbanalysis.report.audit.passages import Document, Line, Passage

#: Elements that run on within a paragraph; whatever else begins a new one.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "br",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "tspan",
        "u",
        "var",
        "wbr",
        "ruby",
        "rb",
        "rt",
        "rp",
        "textpath",
        "output",
    ]
)
_UNREAD = frozenset(
    [
        "script",
        "style",
        "template",
        "head",
        "iframe",
        "object",
        "embed",
        "video",
        "audio",
        "canvas",
        "select",
        "datalist",
    ]
)
_NOT_READ = {
    "iframe": "嵌入的网页没有读",
    "object": "嵌入的对象没有读",
    "embed": "嵌入的对象没有读",
    "video": "视频没有读",
    "audio": "音频没有读",
    "canvas": "画布上的图没有读，里面的字取不到",
}
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "figcaption", "caption", "legend"), "title"),
    "blockquote": "quote",
    "pre": "code",
    "footer": "foot",
    "svg": "label",
}
_CLASS_KINDS = {
    "notes": "note",
    "fb-foot": "foot",
    "fb-fignum": "text",
    "fb-message": "title",
    "fb-quote": "quote",
    # what notebook cells put out, below their code
    "fb-scroll": "code",
}
#: Links that only repeat where one is.
_SELF_LINKS = frozenset(("fb-hash", "anchor-link", "headerlink"))
#: Pieces of our sentences; other elements side by side are set apart by the style sheet.
_SENTENCE_PARTS = frozenset(("fb-word", "fb-see", "fb-typed"))
_SECTIONS = frozenset(["section", "article", "figure", "div", "p", "aside", "dialog"])
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_WIDEST_SPAN = 1000


def read(path: Path) -> Document:
    """Read a page; see `reading.read_document`."""
    text = decoded(path)
    parser = markup.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root = markup.document_fromstring(text.encode("utf-8", errors="replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise AuditError(f"「{path.name}」不是网页，或已损坏；请重新导出") from error
    # libxml2 leaves off at 2,048 levels, and says so only in its log
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise AuditError(f"「{path.name}」的元素嵌套超过两千层，读不完；请用浏览器打开后另存，或导出为 PDF")
    page = _Page(is_own=bool(root.xpath("//*[@id='fb-records'] | //*[contains(@class, 'fb-lead')]")))
    properties = _properties(root)
    hidden = [Passage("网页属性", "hidden", f"{name}：{text}") for name, text in properties.items() if text]
    attached = {one.get("id"): one.text or "" for one in root.iterfind(".//script[@id]")}
    return Document(path, "html", (*page.read(root), *hidden), tuple(page.skipped), properties, attached)


def _properties(root: markup.HtmlElement) -> dict[str, str]:
    named = {meta.get("name"): meta.get("content", "") for meta in root.iterfind(".//meta[@name]")}
    title = " ".join(root.findtext(".//head/title", "").split())
    kept = {name: text for name, text in named.items() if name.lower() != "viewport"}
    return ({"title": title} if title else {}) | kept


@dataclass
class _Table:
    """A table while it is read: heads of its columns, and which cells reach down from rows above."""

    has_heads: bool
    heads: dict[int, str] = field(default_factory=dict)
    reaching: dict[int, tuple[int, str]] = field(default_factory=dict)
    row: int = -1
    column: int = 0
    name: str = ""

    def begin_row(self) -> None:
        self.row, self.column, self.name = self.row + 1, 0, ""
        self.reaching = {at: (left - 1, text) for at, (left, text) in self.reaching.items() if left > 1}

    def begin_cell(self) -> None:
        while self.column in self.reaching:
            if self.column == 0:
                self.name = self.reaching[0][1]
            self.column += 1

    def end_cell(self, element: markup.HtmlElement, text: str, *, is_head: bool) -> None:
        width, height = _span(element, "colspan"), _span(element, "rowspan")
        for at in range(self.column, self.column + width):
            if is_head and text and text not in self.heads.get(at, ""):
                self.heads[at] = f"{self.heads.get(at, '')} {text}".strip()
            if height > 1:
                self.reaching[at] = (height, text)
        if self.column == 0 and not is_head:
            self.name = text
        self.column += width

    def is_head(self, element: markup.HtmlElement) -> bool:
        """Say whether a cell heads a column: in a thead, a th in the first row, or the first row of a bare table."""
        parent = element.getparent().getparent()
        in_head = parent is not None and parent.tag == "thead"
        is_top = self.row == 0 and (element.tag == "th" or not self.has_heads)
        return in_head or element.get("scope") == "col" or is_top


def _span(element: markup.HtmlElement, name: str) -> int:
    given = element.get(name, "1").strip()
    return min(max(int(given), 1), _WIDEST_SPAN) if given.isdecimal() else 1


@dataclass(frozen=True)
class _Frame:
    """An element that is open: what its text is, and how it is left again."""

    kind: str
    is_block: bool
    is_apart: bool = False
    has_anchor: bool = False
    key_from: int = -1


@dataclass
class _Page:
    """The reader of a page: it walks over the elements and cuts a passage where a paragraph ends."""

    is_own: bool
    passages: list[Passage] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    _line: Line = field(default_factory=Line)
    _asides: list[Passage] = field(default_factory=list)
    _frames: list[_Frame] = field(default_factory=list)
    _anchors: list[str] = field(default_factory=lambda: [""])
    _tables: list[_Table] = field(default_factory=list)
    _slide: int = 0
    _in_slides: bool = False
    _is_before: bool = False
    _heading: str = ""

    def read(self, root: markup.HtmlElement) -> list[Passage]:
        """Give all passages of a page in reading order."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if not isinstance(element.tag, str):
                continue
            if event == "start" and self._is_unread(element):
                walk.skip_subtree()
                self._frames.append(_Frame("", is_block=element.tag not in _INLINE))
            elif event == "start":
                self._enter(element)
            else:
                self._leave(element)
        self._flush("text")
        return self.passages

    @property
    def page(self) -> int:
        return self._slide + self._is_before if self._in_slides else 0

    @property
    def place(self) -> str:
        if self.page:
            return f"幻灯片 {self.page}"
        return f"「{self._heading[:24]}」" if self._heading else "开头"

    def _is_unread(self, element: markup.HtmlElement) -> bool:
        if element.tag in _NOT_READ:
            self.skipped.append((self.place, _NOT_READ[element.tag]))
        return element.tag in _UNREAD or bool(_SELF_LINKS & _classes(element)) or _is_said_twice(element)

    # elements

    def _enter(self, element: markup.HtmlElement) -> None:
        parent = self._frames[-1] if self._frames else _Frame("text", is_block=True)
        is_block = element.tag not in _INLINE or (
            parent.is_apart and not (_classes(element) & _SENTENCE_PARTS)
        )
        if is_block:
            self._break(parent.kind)
        self._place_in(element)
        kind = self._kind(element, parent.kind)
        self._frames.append(
            _Frame(
                kind,
                is_block,
                is_apart=self.is_own and kind != "code" and _is_apart(element),
                has_anchor=self._open_anchor(element),
                key_from=len(self._line.text) if element.tag == "data" and element.get("value") else -1,
            )
        )
        self._describe(element)
        self._open_table(element)
        if element.tag == "br":
            self._line.add(" ")
        self._line.add(element.text or "")

    def _leave(self, element: markup.HtmlElement) -> None:
        frame = self._frames.pop()
        if frame.key_from >= 0:
            self._line.mark(frame.key_from, element.get("value"))
        if element.tag in ("td", "th") and self._tables:
            self._end_cell(element, frame.kind)
        elif frame.is_block:
            self._break(frame.kind, heading=element if element.tag in _HEADINGS else None)
        if element.tag == "table" and self._tables:
            self._tables.pop()
        if frame.has_anchor:
            self._anchors.pop()
        if "slides" in _classes(element):
            self._in_slides = False
        self._line.add(element.tail or "")

    def _kind(self, element: markup.HtmlElement, inherited: str) -> str:
        """Say what the text of an element is; quotes, code and notes stay what they are further down."""
        if inherited == "label":
            return "alt" if element.tag in ("title", "desc") else "label"
        named = [_CLASS_KINDS[name] for name in _classes(element) if name in _CLASS_KINDS]
        if element.tag in ("td", "th") and inherited not in ("code", "quote"):
            return "quote" if _is_quote_cell(element) else "cell"
        if inherited in ("quote", "code", "note", "foot") and element.tag != "svg":
            return inherited
        return (named or [_KINDS.get(element.tag, inherited)])[0]

    def _place_in(self, element: markup.HtmlElement) -> None:
        """Count slides: the innermost sections of a reveal.js deck."""
        if "slides" in _classes(element):
            self._in_slides = True
        elif self._in_slides and element.tag == "section":
            # a column of slides is named where its first slide stands
            self._is_before = element.find("section") is not None
            self._slide += not self._is_before

    def _open_anchor(self, element: markup.HtmlElement) -> bool:
        name = element.get("id") or (element.get("aria-labelledby") if element.tag == "section" else None)
        if element.tag in _HEADINGS and name:
            self._anchors[-1] = name
        if element.tag in _SECTIONS and (name or element.tag == "section"):
            self._anchors.append(name or self._anchors[-1])
            return True
        return False

    def _describe(self, element: markup.HtmlElement) -> None:
        """Keep the texts that are heard or shown on hovering, after the paragraph in which they stand."""
        names = dict.fromkeys(
            text
            for name in ("alt", "aria-label", "title")
            if (text := " ".join(element.get(name, "").split()))
        )
        self._asides += [self._passage("alt", text) for text in names]
        if element.tag == "img" and element.get("alt") is None:
            self.skipped.append((self.place, "图片没有替代文字，里面的字读不到"))

    # tables

    def _open_table(self, element: markup.HtmlElement) -> None:
        if element.tag == "table":
            self._tables.append(_Table(has_heads=element.find(".//th") is not None))
        elif element.tag == "tr" and self._tables:
            self._tables[-1].begin_row()
        elif element.tag in ("td", "th") and self._tables:
            self._tables[-1].begin_cell()

    def _end_cell(self, element: markup.HtmlElement, kind: str) -> None:
        table = self._tables[-1]
        is_head = table.is_head(element)
        row = "" if is_head or table.column == 0 else table.name
        column = "" if is_head else table.heads.get(table.column, "")
        text = self._flush(kind, row=row, column=column)
        table.end_cell(element, text, is_head=is_head)

    # passages

    def _break(self, kind: str, heading: markup.HtmlElement | None = None) -> None:
        """End a paragraph; inside a cell paragraphs run on, so that it stays one passage."""
        if self._in_cell():
            self._line.add(" ")
            return
        if heading is not None and self._line.text.strip():
            self._heading = self._line.text.strip()
        self._flush(kind)

    def _in_cell(self) -> bool:
        return any(frame.kind == "cell" for frame in self._frames[-1:]) and bool(self._tables)

    def _flush(self, kind: str, *, row: str = "", column: str = "") -> str:
        text, keys = self._line.finish()
        if text:
            self.passages.append(self._passage(kind or "text", text, row=row, column=column, keys=keys))
        self.passages += self._asides
        self._asides = []
        return text

    def _passage(
        self,
        kind: str,
        text: str,
        *,
        row: str = "",
        column: str = "",
        keys: tuple[tuple[int, int, str], ...] = (),
    ) -> Passage:
        return Passage(self.place, kind, text, self.page, self._anchors[-1], row, column, keys)


def _classes(element: markup.HtmlElement) -> frozenset[str]:
    return frozenset(element.get("class", "").split())


def _is_apart(element: markup.HtmlElement) -> bool:
    """Say whether our style sheet sets the children of an element apart: elements side by side without text."""
    children = list(element)
    return (
        len(children) > 1
        and not (element.text or "").strip()
        and all(child.tag in ("span", "b", "a") and not (child.tail or "").strip() for child in children)
        and not any(_classes(child) & _SENTENCE_PARTS for child in children)
    )


def _is_said_twice(element: markup.HtmlElement) -> bool:
    """Say whether a drawing's title repeats its label."""
    drawing = element.getparent()
    is_title = element.tag in ("title", "desc") and drawing is not None and drawing.tag == "svg"
    return is_title and (element.text or "").strip() == drawing.get("aria-label", "").strip()


def _is_quote_cell(element: markup.HtmlElement) -> bool:
    """Say whether a cell holds a verbatim comment: the long lists of quotes say so."""
    is_text = "fb-text" in _classes(element) and element.tag == "td"
    return is_text and any(one.get("data-kind") == "quotes" for one in element.iterancestors("div"))
