"""A TOML file read section by section, so that every complaint names its line and what would be right.

Knows nothing of what the keys mean; :mod:`fbanalysis.dataset` does.
"""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from fbanalysis.errors import ConfigError

#: Key → (kind, default); the default `...` means that the key must be there.
Keys = Mapping[str, tuple[str, Any]]

#: The kinds of value, as a complaint names them.
KINDS: dict[str, str] = {
    "text": "文字（放在双引号里，不能为空）",
    "texts": '文字的列表，如 ["P0", "7×24"]',
    "whole": "整数",
    "number": "数",
    "date": "日期（写成 2023-01-01，不加引号）",
    "scalar": "文字、数或日期",
    "section": "一节（用方括号标题开始，如 [period]）",
    "sections": "若干节（各用双方括号标题开始，如 [[feedback]]）",
    "section or sections": "一节（如 [tables.orders]），或几个文件各一节（如 [[tables.orders]]）",
}


def _is_kind(value: object, kind: str) -> bool:
    """Say whether a TOML value is of the wanted kind; true and false are never numbers."""
    match kind:
        case "text":
            return isinstance(value, str) and value.strip() != ""
        case "texts":
            return isinstance(value, list) and all(_is_kind(item, "text") for item in value)
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "date":
            return isinstance(value, date) and not isinstance(value, datetime)
        case "scalar":
            return isinstance(value, str | int | float | date) and not isinstance(value, bool)
        case "section":
            return isinstance(value, dict)
        case "section or sections":
            return _is_kind(value, "section") or _is_kind(value, "sections")
        case _:
            return isinstance(value, list) and value != [] and all(isinstance(item, dict) for item in value)


def _shown(value: object) -> str:
    """Show a TOML value as the analyst typed it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'文字 "{value}"'
    if isinstance(value, dict):
        return "一节"
    return f"列表 {value}" if isinstance(value, list) else str(value)


def meant(word: str, known: Iterable[str]) -> str:
    """Ask about the most similar known word, or end the half sentence."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"，是否想写「{close[0]}」？" if close else "；"


@dataclass(frozen=True)
class Section:
    """A section of dataset.toml that knows where it stands, so that a complaint can name the line."""

    label: str
    folder: Path
    lines: Mapping[tuple[str | int, ...], int]
    content: Mapping[str, Any]
    path: tuple[str | int, ...] = ()

    @property
    def title(self) -> str:
        names = [part for part in self.path if isinstance(part, str)]
        brackets = "[[{}]]" if self.path and isinstance(self.path[-1], int) else "[{}]"
        return brackets.format(".".join(names)) if names else "文件开头"

    def fail(self, message: str, *, key: str | None = None) -> NoReturn:
        path = self.path if key is None else (*self.path, key)
        while path and path not in self.lines:
            path = path[:-1]
        where = f" 第 {self.lines[path]} 行" if path else ""
        raise ConfigError(f"{self.label}{where}：{message}")

    def read(self, keys: Keys) -> dict[str, Any]:
        """Return the value or default of every key, after checking that all is as it should be."""
        for key in self.content:
            if key not in keys:
                self.fail(f"不认识的键「{key}」{meant(key, keys)}这里可用：{'、'.join(keys)}。", key=key)
        return {key: self._value(key, kind=kind, default=default) for key, (kind, default) in keys.items()}

    def _value(self, key: str, *, kind: str, default: Any) -> Any:
        if key in self.content:
            return self.checked(key, kind=kind)
        if default is ...:
            wanted = {"section": f"[{key}] 一节", "sections": f"[[{key}]] 一节"}.get(kind, f"「{key}」")
            self.fail(f"{self.title}缺少必需的{wanted}，应为{KINDS[kind]}。")
        return default

    def checked(self, key: str, *, kind: str) -> Any:
        """Return the value of a key that is there, if it is of the wanted kind."""
        value = self.content[key]
        if not _is_kind(value, kind):
            self.fail(f"「{key}」应为{KINDS[kind]}，写的是{_shown(value)}。", key=key)
        return value.strip() if kind == "text" else value

    def section(self, key: str) -> "Section":
        """Step into a section; one that is absent is empty."""
        content = self.checked(key, kind="section") if key in self.content else {}
        return self._into(content, key)

    def entries(self, key: str) -> list["Section"]:
        """Step into each of several sections of one name."""
        return [self._into(entry, key, number) for number, entry in enumerate(self.content[key])]

    def _into(self, content: Mapping[str, Any], *steps: str | int) -> "Section":
        return Section(self.label, self.folder, self.lines, content, (*self.path, *steps))


def read_config(path: Path, *, label: str) -> Section:
    """Parse a TOML file into its top section.

    Raises
    ------
    ConfigError
        The file is no UTF-8 text or breaks TOML's rules; the message names the line.
    FileNotFoundError
        There is no such file.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{label} 第 {line} 行：不是 UTF-8 文字，请把文件另存为 UTF-8 编码。") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax_message(str(error), label=label, text=text)) from error
    return Section(label, path.parent, _key_lines(text), content)


_KEY = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")


def _key_lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Find the line of every section and key; a key inside an inline table has its section's line."""
    lines: dict[tuple[str | int, ...], int] = {}
    entries: Counter[tuple[str | int, ...]] = Counter()
    section: tuple[str | int, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            section = _section_path(_names(header[2]), entries, repeated=header[1] == "[[")
            lines.setdefault(section, number)
        elif pair := _PAIR.match(line):
            names = _names(pair[1])
            for length in range(1, len(names) + 1):
                lines.setdefault((*section, *names[:length]), number)
    return lines


def _names(dotted: str) -> list[str]:
    return [name[1:-1] if name[0] in "\"'" else name for name in re.findall(_KEY, dotted)]


def _section_path(
    names: list[str], entries: Counter[tuple[str | int, ...]], *, repeated: bool
) -> tuple[str | int, ...]:
    """Turn a header's names into a path in which each repeated section has its number."""
    path: tuple[str | int, ...] = ()
    for name in names[:-1]:
        path = (*path, name)
        path = (*path, entries[path] - 1) if path in entries else path
    path = (*path, names[-1])
    if repeated:
        entries[path] += 1
        return (*path, entries[path] - 1)
    return path


_SYNTAX = (
    ("Invalid initial character for a key part", "键只能用字母、数字、_ 和 -，中文的键要放在双引号里"),
    ("Expected '=' after a key", "键的后面应是等号；中文的键要放在双引号里"),
    ("Cannot overwrite a value", "同一个键写了两次"),
    ("Cannot declare", "同一个方括号标题写了两次"),
    ("Cannot mutate immutable", "同一节写了两次"),
    ("Expected ']", "方括号标题没有写完"),
    ("Unclosed array", "它或它前面的列表没有用 ] 结束"),
    ("Unclosed inline table", "花括号没有用 } 结束"),
    ("Unterminated string", "文字没有用双引号结束"),
    ("Illegal character", "文字没有在同一行用双引号结束，或有看不见的控制字符"),
    ("Unescaped '\\' in a string", "双引号里的 \\ 要写成 \\\\，或改用单引号"),
    ("Expected newline or end of document", "值的后面多了内容；一行只写一个键"),
    ("Invalid date or datetime", "没有这样的日期"),
    ("Invalid statement", "不是「键 = 值」的写法；中文的键要放在双引号里"),
    ("Invalid value", "值写得不对：文字要放在双引号里，日期写成 2023-01-01"),
)
_FULL_WIDTH = "“”‘’＝［］，｛｝＂"


def _syntax_message(error: str, *, label: str, text: str) -> str:
    """Say in Chinese, and with the line, what the TOML parser stumbled over."""
    found = re.search(r"line (\d+)", error)
    lines = text.split("\n")
    number = min(int(found[1]) if found else len(lines), len(lines))
    said = next((chinese for english, chinese in _SYNTAX if english in error), "不合 TOML 的写法")
    line = lines[number - 1].strip()
    strange = [mark for mark in _FULL_WIDTH if mark in line]
    hint = f"；这一行有全角符号 {' '.join(strange)}，请用半角" if strange else ""
    return f"{label} 第 {number} 行：{said}{hint}，写的是「{line}」。"
