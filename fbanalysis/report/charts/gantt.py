"""Gantt chart: a plan's tasks as bars in time, what is done of each, their state, and the milestones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.dates import date2num, num2date
from matplotlib.patches import Rectangle

from fbanalysis.report.charts.canvas import (
    FAINT,
    HEIGHT,
    INK,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    Chart,
    Panel,
    Sheet,
    finish,
    is_blank,
    nothing,
    numbers_of,
    row_sheet,
    styled,
    write,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.charts.timeaxis import bounds, name_axis, time_ticks
from fbanalysis.report.theme import (
    CATEGORIES,
    COLOURS,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_width,
    tint,
)

#: How a state is written: its words, its mark (told apart without colour), its colour.
_STATES = (
    (("已完成", "完成", "按期完成"), "✓", "accent"),
    (("正常", "按期", "按计划", "进行中", "绿"), "●", "accent"),
    (("关注", "有风险", "风险", "预警", "黄"), "▲", "watch"),
    (("滞后", "延误", "延期", "逾期", "超期", "红"), "■", "alarm"),
    (("未开始", "待启动", "暂停"), "○", "muted"),
)
#: Rows this high have the milestones' names below their bars; in lower ones they stand beside.
_HIGH_ROW, _LOW_ROW, _LEAST_ROW = 40, 22, 17.5
_TOP, _BOTTOM = 48, 30
_FEWEST_DAYS = 14
_PERCENT = 46
#: A name cut to fewer says nothing.
_FEWEST_LETTERS = 4


@dataclass
class _Task:
    """One row: a task, a lane's heading, or a row that has only milestones."""

    name: str
    begin: float = np.nan
    end: float = np.nan
    progress: float = np.nan
    planned: float = np.nan
    status: str = ""
    lane: str = ""
    is_tracked: bool = False
    is_heading: bool = False
    milestones: list[tuple[float, str]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return _state(self.status)[0] if self.status else ""

    @property
    def colour(self) -> str:
        return _state(self.status)[1] if self.status else COLOURS["accent"]

    @property
    def places(self) -> list[float]:
        moments = [self.begin, self.end, *(at for at, _ in self.milestones)]
        return [moment for moment in moments if np.isfinite(moment)]

    @property
    def said_milestones(self) -> str:
        return "、".join(f"{_day(at)} {name}".strip() for at, name in self.milestones)


@styled
def gantt(
    frame: pd.DataFrame,
    *,
    by: str,
    start: str,
    end: str,
    progress: str | None = None,
    planned: str | None = None,
    status: str | None = None,
    milestones: pd.DataFrame | None = None,
    today: object = None,
    today_label: str | None = None,
    lanes: str | None = None,
    wide: bool = False,
) -> Chart:
    """Draw each task as a bar from its start to its end, filled as far as it is done.

    Parameters
    ----------
    progress, planned
        Columns in percent: what is done, and, as an upright stroke, what should be done by `today`.
    status
        Column with the state in words (正常, 关注, 滞后, 已完成, 未开始 …), written with its mark and colour.
    milestones
        Frame with the column `by`, ``at`` (a date) and ``name``; a task that `frame` lacks gets its own row.
    today, today_label
        A line across all rows, drawn where it lies within the plan, and its name.
    lanes
        Column of groups; each has a heading above its tasks.
    """
    if is_blank(frame, start):
        return nothing("gantt", frame, wide=wide)
    tasks = _tasks(frame, by=by, columns=(start, end, progress, planned, status, lanes))
    _add_milestones(tasks, milestones, by=by)
    rows = _with_headings(tasks)
    moment = float(date2num(pd.Timestamp(today))) if today is not None else np.nan
    said = printable(today_label) if today_label else "" if np.isnan(moment) else f"今天 {_day(moment)}"
    room = HEIGHT - _BOTTOM - _TOP
    is_tight = len(rows) * _LOW_ROW > room and not wide
    paper, panels = row_sheet(
        ["" if task.is_heading else task.name for task in rows],
        top=_TOP,
        bottom=_BOTTOM,
        right=_state_width(tasks, is_tight=is_tight),
        wide=wide,
        least=_least_row(rows, room=room, wide=wide),
        most=64,
    )
    drawn = _Drawing(
        paper, panels[0].axes.get_position().x0 * paper.width, _span(tasks), moment, said, is_tight
    )
    hidden = sum(_draw_panel(drawn, panel, rows) for panel in panels)
    note = shortened(_note(tasks, hidden=hidden, is_tight=is_tight), size=SMALL, width=paper.width)
    write(paper.page, note, (0, 10), size=SMALL, colour=MUTED)
    plot = _gantt_plot(tasks, today=moment, said=said)
    return finish(paper, kind="gantt", data=frame, alt=_sentence(tasks, said=said), plot=plot)


@dataclass(frozen=True)
class _Drawing:
    """What all columns of rows share: sheet, width of the names, span of time, today and its name."""

    paper: Sheet
    gutter: float
    span: tuple[float, float]
    today: float
    said: str
    is_tight: bool


def _least_row(rows: Sequence[_Task], *, room: float, wide: bool) -> float:
    """Choose how low rows may get: high enough for milestones' names, low enough for two columns."""
    if any(task.milestones for task in rows) and len(rows) * _HIGH_ROW <= room:
        return _HIGH_ROW
    in_two = room / -(-len(rows) // 2)
    return in_two if wide and _LEAST_ROW <= in_two < _LOW_ROW else _LOW_ROW


def _span(tasks: Sequence[_Task]) -> tuple[float, float]:
    """Give the ends of the axis, far enough apart for days."""
    first, last = bounds(pd.Series([place for task in tasks for place in task.places]))
    lack = max(_FEWEST_DAYS - (last - first), 0) / 2
    return first - lack, last + lack


def _state(status: str) -> tuple[str, str]:
    """Give mark and colour of a state."""
    colours = {name: COLOURS[name] for name in ("accent", "alarm", "muted")} | {"watch": CATEGORIES[1]}
    for words, mark, colour in _STATES:
        if status.startswith(words):
            return mark, colours[colour]
    return "●", colours["muted"]


def _day(moment: float) -> str:
    day = num2date(moment)
    return f"{day.month}月{day.day}日"


def _moments(column: pd.Series) -> np.ndarray:
    return date2num(pd.to_datetime(column).to_numpy(dtype="datetime64[ns]"))


# Rows


def _tasks(frame: pd.DataFrame, *, by: str, columns: Sequence[str | None]) -> list[_Task]:
    start, end, progress, planned, status, lanes = columns
    texts = {
        name: [printable(one) for one in frame[column].fillna("")] if column else [""] * len(frame)
        for name, column in (("status", status), ("lane", lanes))
    }
    parts = zip(
        names_of(list(frame[by])),
        _moments(frame[start]),
        _moments(frame[end]),
        np.clip(numbers_of(frame, progress), 0, 100),
        np.clip(numbers_of(frame, planned), 0, 100),
        texts["status"],
        texts["lane"],
        strict=True,
    )
    return [_Task(*part, is_tracked=progress is not None) for part in parts]


def _add_milestones(tasks: list[_Task], milestones: pd.DataFrame | None, *, by: str) -> None:
    """Hang each milestone on its task; those of no task get a row of their own."""
    if milestones is None or milestones.empty:
        return
    rows = milestones.dropna(subset=["at"])
    known = {task.name: task for task in reversed(tasks)}
    for label, at, name in zip(names_of(list(rows[by])), _moments(rows["at"]), rows["name"], strict=True):
        if label not in known:
            known[label] = _Task(label)
            tasks.append(known[label])
        known[label].milestones.append((float(at), printable(name)))
    for task in tasks:
        task.milestones.sort()


def _with_headings(tasks: Sequence[_Task]) -> list[_Task]:
    """Put each lane's tasks under its heading, lanes in the order in which they come."""
    lanes = list(dict.fromkeys(task.lane for task in tasks))
    if lanes == [""]:
        return list(tasks)
    rows: list[_Task] = []
    for lane in lanes:
        rows += [
            _Task(lane or "其他", lane=lane, is_heading=True),
            *(one for one in tasks if one.lane == lane),
        ]
    return rows


def _note(tasks: Sequence[_Task], *, hidden: int, is_tight: bool) -> str:
    """Say what the parts of a bar mean, as far as they are there, and what had no room."""
    marks = dict.fromkeys(f"{task.mark} {task.status}" for task in tasks if task.status)
    parts = (
        ("深色为已完成", any(task.is_tracked for task in tasks)),
        ("短竖线为应达进度", any(np.isfinite(task.planned) for task in tasks)),
        ("菱形为里程碑", any(task.milestones for task in tasks)),
        (f"{hidden} 行的里程碑名称未写全", hidden > 0),
        ("　".join(marks), is_tight and bool(marks)),
    )
    return "，".join(text for text, is_there in parts if is_there)


def _state_width(tasks: Sequence[_Task], *, is_tight: bool) -> float:
    """Room at the right for the percent done and the state."""
    percent = _PERCENT if any(task.is_tracked for task in tasks) else 0
    widest = max((text_width(_said_state(task, is_tight=is_tight), SMALL) for task in tasks), default=0)
    return max(percent + (widest + 14 if widest else 0), 34)


def _said_state(task: _Task, *, is_tight: bool) -> str:
    """Give the mark of a state and, where there is room, its words."""
    return f"{task.mark} {'' if is_tight else shortened(task.status, size=SMALL, width=84)}".strip()


# Drawing


def _draw_panel(drawing: _Drawing, panel: Panel, rows: Sequence[_Task]) -> int:
    """Draw one column of rows; give in how many the milestones' names had no room."""
    axes = panel.axes
    axes.set_xlim(drawing.span)
    ticks = time_ticks(*drawing.span, width=panel.width * 0.96)
    for at, _ in ticks:
        axes.axvline(at, color=RULE, linewidth=1, zorder=0)
    name_axis(axes, ticks)
    head = rows[panel.first]
    if head.lane and not head.is_heading:
        _draw_heading(drawing, panel, -1, f"{head.lane}（续）")
    if drawing.span[0] <= drawing.today <= drawing.span[1]:
        _draw_today(panel, drawing.today, drawing.said)
    hidden = 0
    for y, row in enumerate(panel.rows):
        if rows[row].is_heading:
            _draw_heading(drawing, panel, y, rows[row].name)
        else:
            hidden += not _draw_task(panel, y, rows[row], is_tight=drawing.is_tight)
    return hidden


def _draw_heading(drawing: _Drawing, panel: Panel, y: float, name: str) -> None:
    """Write a lane's name over the gutter, with a rule from there to the end of the row."""
    box, paper = panel.axes.get_position(), drawing.paper
    left = box.x0 * paper.width - drawing.gutter
    height = (1 - box.y1) * paper.height + (y + 0.5) * panel.pitch
    if y < 0:
        height = (1 - box.y1) * paper.height - 11
    said = shortened(name, size=NORMAL, width=max(drawing.gutter - 14, 4 * NORMAL))
    write(paper.page, said, (left, height), colour=readable(COLOURS["accent"]))
    if y > 0:
        line = height - panel.pitch / 2
        paper.page.plot([left, box.x1 * paper.width], [line, line], color=RULE, linewidth=1)


def _draw_task(panel: Panel, y: int, task: _Task, *, is_tight: bool) -> bool:
    """Draw a row; false where its milestones could not be named."""
    is_high = panel.pitch >= _HIGH_ROW and bool(task.milestones)
    middle = y - 0.16 if is_high else y
    thick = min(0.36 if is_high else 0.5, 20 / panel.pitch)
    _draw_bar(panel, middle, task, thick=thick)
    size = min(panel.pitch * 0.36, 11)
    look = {"color": INK, "markersize": size, "markeredgecolor": "white", "clip_on": False}
    panel.axes.plot([at for at, _ in task.milestones], [middle] * len(task.milestones), "D", **look, zorder=5)
    _write_state(panel, y, task, is_tight=is_tight)
    if is_high:
        return _name_below(panel, y + 0.27, task)
    return not task.milestones or _name_beside(panel, y, task)


def _draw_bar(panel: Panel, y: float, task: _Task, *, thick: float) -> None:
    axes, colour, days = panel.axes, task.colour, task.end - task.begin
    if np.isnan(task.begin):
        if not task.milestones:
            place = {"coords": ("axes fraction", "data"), "size": SMALL, "colour": MUTED}
            write(axes, "时间未定", (0, y), shift=(4, 0), **place)
        return
    if not days > 0:
        axes.plot([task.begin], [y], "D", color=colour, markersize=min(panel.pitch * 0.34, 12), zorder=3)
        return
    ground = tint(colour, strength=0.28) if task.is_tracked else colour
    axes.barh(y, days, left=task.begin, height=thick, color=ground, linewidth=0, zorder=2)
    if np.isfinite(task.progress):
        done = days * task.progress / 100
        axes.barh(y, done, left=task.begin, height=thick, color=colour, linewidth=0, zorder=3)
    if np.isfinite(task.planned):
        at = task.begin + days * task.planned / 100
        ends = [y - thick / 2 - 0.08, y + thick / 2 + 0.08]
        axes.plot([at, at], ends, color=INK, linewidth=1.8, zorder=4)


def _write_state(panel: Panel, y: int, task: _Task, *, is_tight: bool) -> None:
    """Write the percent done, then the state with its mark."""
    style = {"coords": ("axes fraction", "data"), "size": SMALL, "colour": readable(task.colour)}
    if task.is_tracked:
        percent = printed(task.progress, unit="percent", decimals=0)
        write(panel.axes, percent, (1, y), shift=(_PERCENT, 0), align="right", **style)
    state = _said_state(task, is_tight=is_tight)
    write(panel.axes, state, (1, y), shift=(12 + _PERCENT * task.is_tracked, 0), **style)


def _name_below(panel: Panel, y: float, task: _Task) -> bool:
    """Name milestones in a line below the bar, pushed apart; false where a name was cut."""
    first, last = panel.axes.get_xlim()
    names = [name for _, name in task.milestones]
    fits = sum(text_width(name, SMALL) + 10 for name in names) <= panel.width
    room = panel.width if fits else max(panel.width / len(names) - 10, 2 * SMALL)
    said = [shortened(name, size=SMALL, width=room) for name in names]
    widths = [text_width(text, SMALL) for text in said]
    scale = panel.width / (last - first)
    lefts = [(at - first) * scale - wide / 2 for (at, _), wide in zip(task.milestones, widths, strict=True)]
    for text, left in zip(said, _pushed(lefts, widths, width=panel.width), strict=True):
        _write_on_ground(panel, text, left, y)
    return said == names


def _write_on_ground(panel: Panel, text: str, left: float, y: float) -> None:
    """Write in a row from a pixel on, over white, so that no line of the axis runs through the text."""
    wide, high = (text_width(text, SMALL) + 4) / panel.width, SMALL * 1.2 / panel.pitch
    ground = {"facecolor": COLOURS["ground"], "linewidth": 0, "zorder": 1.8}
    place = ((left - 2) / panel.width, y - high / 2)
    over = panel.axes.get_yaxis_transform()
    panel.axes.add_patch(Rectangle(place, wide, high, transform=over, **ground))
    write(panel.axes, text, (0, y), coords=("axes fraction", "data"), shift=(left, 0), size=SMALL)


def _pushed(lefts: Sequence[float], widths: Sequence[float], *, width: float) -> list[float]:
    """Push texts in a line apart, to the right and back from the end.

    >>> _pushed([-5, 0, 90], [20, 20, 20], width=100.0)
    [0.0, 30.0, 80.0]
    """
    placed = [float(left) for left in lefts]
    for i in range(len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + widths[i - 1] + 10 if i else 0.0)
    for i in reversed(range(len(placed))):
        limit = placed[i + 1] - 10 if i + 1 < len(placed) else width
        placed[i] = min(placed[i], limit - widths[i])
    return placed


def _name_beside(panel: Panel, y: float, task: _Task) -> bool:
    """Name milestones in the row, right or left of all that stands there; false where names were cut."""
    first, last = panel.axes.get_xlim()
    scale = panel.width / (last - first)
    text = "、".join(name for _, name in task.milestones)
    left, right = (min(task.places) - first) * scale - 14, (last - max(task.places)) * scale - 14
    is_right = text_width(text, SMALL) <= right or right >= left
    said = _whole_names([name for _, name in task.milestones], width=max(left, right, 0))
    if said:
        wide = text_width(said, SMALL)
        start = (max(task.places) - first) * scale + 12
        _write_on_ground(panel, said, start if is_right else left + 2 - wide, y)
    return said == text


def _whole_names(names: Sequence[str], *, width: float) -> str:
    """Give as many names as fit whole into a width; of a single one that does not, as much as says something.

    >>> _whole_names(["评审", "上线", "验收"], width=120)
    '评审、上线、验收'
    >>> _whole_names(["评审", "上线", "验收"], width=90)
    '评审、上线等'
    """
    if not names:
        return ""
    said = "、".join(names)
    for count in range(len(names), 0, -1):
        said = "、".join(names[:count]) + ("等" if count < len(names) else "")
        if text_width(said, SMALL) <= width:
            return said
    cut = shortened(said, size=SMALL, width=width)
    return cut if len(cut) > _FEWEST_LETTERS else ""


def _draw_today(panel: Panel, today: float, said: str) -> None:
    panel.axes.plot([today, today], [-0.5, panel.count - 0.5], color=INK, linewidth=1.2, zorder=1.5)
    low, high = panel.axes.get_xlim()
    at = panel.width * (today - low) / (high - low)
    half = text_width(said, SMALL) / 2
    nudge = max(half - at - 8, 0) - max(at + half - panel.width - 8, 0)
    write(panel.axes, said, (today, -0.5), shift=(nudge, 11), size=SMALL, align="center")


# What it says in words and data


def _sentence(tasks: Sequence[_Task], *, said: str) -> str:
    places = [place for task in tasks for place in task.places]
    named = "、".join(task.name for task in tasks[:6]) + (f"等 {len(tasks)} 项" if len(tasks) > 6 else "")
    states = pd.Series([task.status for task in tasks if task.status], dtype=object).value_counts(sort=False)
    counted = "、".join(f"{state} {count} 项" for state, count in list(states.items())[:6])
    more = (f"{counted}。" if counted else "") + (f"竖线为{said}。" if said else "")
    return f"甘特图：{named}；从 {_day(min(places))} 到 {_day(max(places))}。{more}"


def _gantt_plot(tasks: Sequence[_Task], *, today: float, said: str) -> Plot:
    origin = np.floor(min(place for task in tasks for place in task.places))
    days = np.array([max(task.end - task.begin, 0) if np.isfinite(task.end) else 0 for task in tasks])
    days[[bool(np.isnan(task.begin)) for task in tasks]] = np.nan
    done = days * np.array([task.progress for task in tasks]) / 100
    colours = tuple(task.colour for task in tasks)
    pale = tuple(tint(colour, strength=0.28) for colour in colours)
    accent = COLOURS["accent"]
    look = {"colour": accent, "colours": colours, "unit": "days", "texts": _said_states(tasks)}
    bars = [Series("工期", plain_values(days), **look)]
    if any(task.is_tracked for task in tasks):
        bars = [
            Series("已完成", plain_values(done), **look),
            Series(
                "未完成", plain_values(days - np.nan_to_num(done)), colour=FAINT, colours=pale, unit="days"
            ),
        ]
    begins = plain_values(task.begin - origin for task in tasks)
    return Plot(
        "gantt",
        tuple(task.name for task in tasks),
        (Series("开始", begins, unit="days", is_hidden=True), *bars),
        unit="days",
        target=None if np.isnan(today) else float(today - origin),
        target_label=said,
        notes=tuple(_said_task(task) for task in tasks),
        origin=num2date(origin).date().isoformat(),
        lanes=tuple(task.lane for task in tasks) if any(task.lane for task in tasks) else (),
    )


def _said_states(tasks: Sequence[_Task]) -> tuple[str, ...]:
    """Say of each task what stands at the right of its row; nothing where none has progress or a state."""
    percents = [
        printed(task.progress, unit="percent", decimals=0) if task.is_tracked else "" for task in tasks
    ]
    states = [_said_state(task, is_tight=False) for task in tasks]
    texts = [f"{percent} {state}".strip() for percent, state in zip(percents, states, strict=True)]
    return tuple(texts) if any(texts) else ()


def _said_task(task: _Task) -> str:
    """Say beside a bar what the picture shows of the task: lane, percent done, state, milestones."""
    percents = (("完成", task.progress), ("应达", task.planned))
    parts = [
        task.lane,
        *(f"{name} {printed(v, unit='percent', decimals=0)}" for name, v in percents if np.isfinite(v)),
        f"{task.mark} {task.status}" if task.status else "",
        task.said_milestones,
    ]
    return "；".join(part for part in parts if part)
