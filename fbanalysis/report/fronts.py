"""Sizes for the sheets that are no slides: cover, summary, agenda, dividers, gaps, limits.

They list what others wrote, as many entries as there are: sizes shrink first, then texts are cut with "…", which the
long report has whole. Nothing is drawn here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from fbanalysis.report.layout import CONTENT, cut_sentence, cut_text, plain, text_height
from fbanalysis.report.theme import shortened

Content = Mapping[str, object]

#: Height below kicker and title, above the foot; below a divider's head, which stands lower over one answer.
_BODY, _BELOW_HEAD, _BELOW_LOW_HEAD = 512, 486, 428
_FOOT_WIDTH = 560
_UNCUT = 100_000

_COVER_TITLES, _COVER_WIDTH, _COVER_ROOM, _META_WIDTH = (58, 50, 42, 36, 30), 708, 186, 314
_SUMMARY_SIZES, _SUMMARY_WIDTH, _NAME_WIDTH = (20.5, 19, 17.5, 16, 14.5, 13, 12, 11), 918, 148
_AGENDA_SIZES, _AGENDA_WIDTH = (16, 15, 14, 13, 12), 456
_ANSWER_SIZES, _ANSWER_WIDTH = (36, 32, 28, 25, 21, 18.5, 16.5, 15), 980
_MANY_SIZES, _MANY_WIDTH, _TOPIC_WIDTH = (20, 18.5, 17, 15.5, 14, 13, 12, 11), 946, 168
_CONTENTS_SIZES, _CONTENTS_WIDTH = (19, 17.5, 15.5, 14.5, 13.5, 12.5, 11.5), 516
_LIMIT_SIZES, _LIMIT_WIDTH = (15, 14, 13, 12, 11), 540
_REASON_SIZES = (22, 19, 17, 15, 13)
_CUTS = (_UNCUT, 240, 160, 120, 90, 64, 44, 30)


def fitted(kind: str, content: Content) -> Content:
    """Give a sheet's content with the sizes at which its texts fit, cut where no size is small enough."""
    fits: Mapping[str, Callable[[Content], Content]] = {
        "cover": _cover,
        "summary": _summary,
        "agenda": _agenda,
        "part": _part,
        "gap": _gap,
        "limits": _limits,
    }
    return fits[kind](content)


def short_foot(foot: str) -> str:
    """Keep the foot in its half of the line."""
    return shortened(foot, size=12.5, width=_FOOT_WIDTH)


def _first(
    sizes: Sequence[float],
    cuts: Sequence[int],
    made: Callable[[float, int], tuple[float, Content]],
    room: float,
) -> Content:
    """Give what is made at the largest size, then with the least cut, that fits into a room; else the last."""
    smallest = len(sizes) - 1
    tried = [(size, cuts[0]) for size in sizes[:smallest]] + list(product(sizes[smallest:], cuts))
    found: Content = {}
    for size, most in tried:
        height, found = made(size, most)
        if height <= room:
            break
    return found


def _cover(content: Content) -> Content:
    def made(size: float, most: int) -> tuple[float, Content]:
        title = cut_text(str(content["title"]), most)
        return text_height(title, size, _COVER_WIDTH, 1.24), {"title": title, "title_size": size}

    meta = [
        (name, shortened(str(text), size=19, width=2 * _META_WIDTH - 40)) for name, text in content["meta"]
    ]
    return {**content, **_first(_COVER_TITLES, _CUTS, made, _COVER_ROOM), "meta": meta}


def _summary(content: Content) -> Content:
    def made(size: float, most: int) -> tuple[float, Content]:
        rows = [
            {
                **answer,
                "name": cut_text(str(answer["name"]), min(most, 18)),
                "answer": cut_sentence(answer["answer"], most),
            }
            for answer in content["answers"]
        ]
        return sum(_rows(rows, size, "name", _NAME_WIDTH, _SUMMARY_WIDTH)), {"answers": rows, "size": size}

    return {**content, **_first(_SUMMARY_SIZES, _CUTS, made, _BODY)}


def _rows(
    rows: Sequence[Content], size: float, name: str, name_width: float, width: float
) -> Iterator[float]:
    """Heights of rows: a name at the left, an answer or a gap at the right."""
    for row in rows:
        said = plain(row["answer"]) if row["is_done"] else str(row["gap"])
        named = text_height(str(row[name]), min(size, 16), name_width, 1.5)
        yield max(text_height(said, size, width, 1.5), named) + 9


def _agenda(content: Content) -> Content:
    def made(size: float, most: int) -> tuple[float, Content]:
        rows = [{**part, "about": cut_text(str(part["about"]), most)} for part in content["parts"]]
        said = [row["about"] if row["is_done"] else row["gap"] for row in rows]
        heights = [75 + text_height(str(text), size, _AGENDA_WIDTH, 1.6) for text in said]
        return _paired(heights, 0), {"parts": rows, "size": size}

    return {**content, **_first(_AGENDA_SIZES, _CUTS, made, _BODY - 6)}


def _paired(heights: Sequence[float], gap: float) -> float:
    """Height of boxes that stand two in a row."""
    rows = [max(heights[i : i + 2]) for i in range(0, len(heights), 2)]
    return sum(rows) + gap * max(len(rows) - 1, 0)


def _part(content: Content) -> Content:
    if len(content["answers"]) > 1:
        return {
            **content,
            **_first(_MANY_SIZES, _CUTS, lambda *at: _many(content["answers"], *at), _BELOW_HEAD),
        }
    answered, height = [], 0.0
    for answer in content["answers"]:
        one = _first(
            _ANSWER_SIZES, _CUTS[1:], lambda *at, answer=answer: _one(answer, *at), _BELOW_LOW_HEAD / 2
        )
        answered, height = [one], float(one["height"])
    entries = _first(
        _CONTENTS_SIZES[1 * bool(answered) :],
        _CUTS,
        lambda *at: _entries(content["contents"], *at),
        (_BELOW_LOW_HEAD if answered else _BELOW_HEAD) - height - 40,
    )
    return {**content, **entries, "answers": answered, "size": answered[0]["size"] if answered else 0}


def _many(answers: Sequence[Content], size: float, most: int) -> tuple[float, Content]:
    rows = [
        {
            **answer,
            "topic": cut_text(str(answer["topic"]), min(most, 18)),
            "answer": cut_sentence(answer["answer"], most),
        }
        for answer in answers
    ]
    return sum(_rows(rows, size, "topic", _TOPIC_WIDTH, _MANY_WIDTH)), {"answers": rows, "size": size}


def _one(answer: Content, size: float, most: int) -> tuple[float, Content]:
    question = cut_text(str(answer["question"]), 90)
    said = cut_sentence(answer["answer"], most)
    text = plain(said) if answer["is_done"] else str(answer["gap"])
    height = text_height(question, 21, CONTENT, 1.6) + 20 + text_height(text, size, _ANSWER_WIDTH, 1.52)
    return height, {**answer, "question": question, "answer": said, "size": size, "height": height}


def _entries(entries: Sequence[Content], size: float, most: int) -> tuple[float, Content]:
    """A list of what follows: at the tightest, only as many as stand in two columns of eighteen."""
    kept = entries if most > _CUTS[-1] else entries[:36]
    rows = [{**entry, "title": cut_sentence(entry["title"], most)} for entry in kept]
    heights = [text_height(plain(row["title"]), size, _CONTENTS_WIDTH, 1.6) for row in rows]
    gap = 16 if size > 16 else 7
    return _paired(heights, gap), {"contents": rows, "contents_size": size, "contents_gap": gap}


def _gap(content: Content) -> Content:
    def made(size: float, most: int) -> tuple[float, Content]:
        reason = cut_text(str(content["reason"]), most)
        return text_height(reason, size, CONTENT - 110, 1.7), {"reason": reason, "size": size}

    name = cut_text(str(content["name"]), 60)
    return {**content, **_first(_REASON_SIZES, (_UNCUT, 600, 300), made, 220), "name": name}


def _limits(content: Content) -> Content:
    def made(size: float, most: int) -> tuple[float, Content]:
        groups = [
            {
                "name": cut_text(str(group["name"]), 30),
                "limits": [cut_text(limit, most) for limit in group["limits"]],
            }
            for group in content["groups"]
        ]
        heights = [
            26 + sum(2 + text_height(limit, size, _LIMIT_WIDTH, 1.5) for limit in group["limits"])
            for group in groups
        ]
        return _paired(heights, 14), {"groups": groups, "size": size}

    return {**content, **_first(_LIMIT_SIZES, _CUTS, made, _BODY)}
