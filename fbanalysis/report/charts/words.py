"""Charts of words and of tables: keyness, cloud, heat map."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.patches import Rectangle
from PIL import ImageFont
from wordcloud import WordCloud

from fbanalysis.report.charts.canvas import (
    HEIGHT,
    INK,
    MUTED,
    NORMAL,
    RULE,
    SMALL,
    UNNAMED,
    Chart,
    Sheet,
    area,
    bare,
    bases_of,
    described,
    finish,
    is_blank,
    key,
    nothing,
    picture,
    sheet,
    styled,
    tick_text,
    value_scale,
    write,
    write_lines,
)
from fbanalysis.report.charts.plot import Plot, Series, plain_values
from fbanalysis.report.theme import (
    COLOURS,
    colour_of,
    font_file,
    names_of,
    printable,
    printed,
    readable,
    shortened,
    text_on,
    text_width,
    tint,
    wrapped,
)

# Keyness


@styled
def keyness(
    frame: pd.DataFrame,
    *,
    word: str = "word",
    value: str = "log_ratio",
    low: str = "low",
    high: str = "high",
    groups: tuple[str, str] = ("另一组", "本组"),
    colours: tuple[str, str] | None = None,
    label: str = "对数比（底 2）",
    wide: bool = False,
) -> Chart:
    """Draw words on either side of zero: left those of the first group, right those of the second.

    `groups` names the sides; each word stands beyond its interval.
    """
    if is_blank(frame, value):
        return nothing("keyness", frame, wide=wide)
    marks = pd.DataFrame({"word": [printable(one) for one in frame[word]]})
    for name, column in (("value", value), ("low", low), ("high", high)):
        marks[name] = pd.to_numeric(frame[column]).to_numpy(dtype=float) if column in frame else np.nan
    marks["base"] = bases_of(frame, value=value) or None
    marks = marks.dropna(subset=["value"])
    sides = [
        marks[marks["value"] < 0].sort_values("value"),
        marks[marks["value"] >= 0].sort_values("value", ascending=False),
    ]
    most = max(map(len, sides))
    paper = sheet(wide=wide, height=max(HEIGHT, most * 20 + 74))
    pitch = min((paper.height - 74) / most, 52)
    axes = area(paper, left=0, top=38, width=paper.width, height=pitch * most)
    axes.set_ylim(most - 0.5, -0.5)
    size = float(np.clip(pitch * 0.62, SMALL, 16))
    tones = colours or tuple(colour_of(name, groups) for name in groups)
    reach = _reach(marks, width=paper.width / 2, size=size)
    axes.set_xlim(-reach, reach)
    for side, tone in zip(sides, tones, strict=True):
        for y, mark in enumerate(side.itertuples()):
            _draw_word(axes, mark, y, colour=tone, size=size, pitch=pitch, room=paper.width * 0.24)
    _keyness_axis(axes, label=label, reach=reach, most=most)
    for at, name, tone, align in ((-1, groups[0], tones[0], "right"), (1, groups[1], tones[1], "left")):
        arrow = f"← {name}更常用" if at < 0 else f"{name}更常用 →"
        write(axes, arrow, (0, -0.5), shift=(16 * at, 20), size=15, colour=readable(tone), align=align)
    alt = described(
        f"关键性点图（左为{groups[0]}，右为{groups[1]}）",
        list(marks["word"]),
        list(marks["value"]),
        unit="ratio",
        decimals=1,
    )
    plot = _keyness_plot(sides, names=groups, tones=tones, label=label)
    return finish(paper, kind="keyness", data=frame, alt=alt, plot=plot)


def _keyness_plot(
    sides: Sequence[pd.DataFrame], *, names: Sequence[str], tones: Sequence[str], label: str
) -> Plot:
    """Give a series each side, empty at the words of the other; strongest words first."""
    marks = pd.concat(sides, keys=range(len(sides)), names=["side"]).reset_index("side")
    series = []
    for side, (name, tone) in enumerate(zip(names, tones, strict=True)):
        own = marks[["value", "low", "high"]].where(marks["side"] == side)
        low, high = (plain_values(own[end]) if own[end].notna().any() else () for end in ("low", "high"))
        series.append(Series(printable(name), plain_values(own["value"]), colour=tone, low=low, high=high))
    base = tuple(None if pd.isna(n) else int(n) for n in marks["base"])
    return Plot(
        "keyness",
        tuple(marks["word"]),
        tuple(series),
        unit="ratio",
        decimals=1,
        base=base if any(n is not None for n in base) else (),
        label=printable(label),
    )


def _reach(marks: pd.DataFrame, *, width: float, size: float) -> float:
    """The largest value of the axis such that every word finds room beyond its interval."""
    outer = marks[["value", "low", "high"]].abs().max(axis=1)
    needed = [min(text_width(one, size), width * 0.48) + 18 for one in marks["word"]]
    return max(max(out * width / (width - need) for out, need in zip(outer, needed, strict=True)), 0.5)


def _draw_word(
    axes: Axes, mark: object, y: int, *, colour: str, size: float, pitch: float, room: float
) -> None:
    way = -1 if mark.value < 0 else 1
    axes.plot([0, mark.value], [y, y], color=RULE, linewidth=1, zorder=1)
    axes.plot(
        [mark.low, mark.high],
        [y, y],
        color=tint(colour, strength=0.3),
        linewidth=min(pitch * 0.3, 8),
        solid_capstyle="round",
        zorder=2,
    )
    axes.plot([mark.value], [y], "o", color=colour, markersize=min(pitch * 0.45, 11), zorder=3)
    outer = np.nanmin([mark.low, mark.value]) if way < 0 else np.nanmax([mark.high, mark.value])
    write(
        axes,
        shortened(mark.word, size=size, width=room),
        (outer, y),
        shift=(12 * way, 0),
        size=size,
        align="right" if way < 0 else "left",
    )


def _keyness_axis(axes: Axes, *, label: str, reach: float, most: int) -> None:
    axes.plot([0, 0], [-0.5, most - 0.5], color=INK, linewidth=1.2, zorder=4)
    axes.plot([-reach, reach], [most - 0.5, most - 0.5], color=RULE, linewidth=1)
    _, _, ticks = value_scale([-reach * 0.7, reach * 0.7], unit="pp", count=7)
    for tick, text in zip(ticks, tick_text(ticks, unit=""), strict=True):
        write(axes, text, (tick, most - 0.5), shift=(0, -13), size=SMALL, colour=MUTED, align="center")
    write(
        axes,
        label,
        (1, most - 0.5),
        coords=("axes fraction", "data"),
        shift=(0, -13),
        size=SMALL,
        colour=MUTED,
        align="right",
    )


# Cloud


@styled
def cloud(
    frame: pd.DataFrame,
    *,
    word: str = "word",
    weight: str = "n",
    colour: str | None = None,
    colours: Mapping[str, str] | None = None,
    most: int = 90,
    seed: int = 20240101,
    wide: bool = False,
) -> Chart:
    """Lay words out by weight; the colour is the word's group, named in a key.

    Words stay text. Without `colour` (a column) all words stand in ink and accent.
    """
    known = (
        frame[pd.to_numeric(frame[weight]) > 0].sort_values(weight, ascending=False, kind="stable").head(most)
    )
    if known.empty:
        return nothing("cloud", frame, wide=wide)
    groups = list(dict.fromkeys(printable(one) for one in known[colour])) if colour else []
    tones = {name: readable((colours or {}).get(name) or colour_of(name, groups)) for name in groups}
    paper = sheet(wide=wide)
    top = 0.0
    if groups:
        top = key(paper, list(tones.items())) + 6
    words = {shortened(printable(one), size=20, width=260): one for one in known[word]}
    weights = dict(
        zip(words, known.set_index(word).loc[list(words.values()), weight].astype(float), strict=True)
    )
    group_of = (
        {shown: printable(known.set_index(word)[colour].loc[raw]) for shown, raw in words.items()}
        if colour
        else {}
    )
    places = _cloud_places(weights, width=paper.width, height=paper.height - top, seed=seed)
    inks = [tones.get(group_of.get(text, ""), COLOURS["accent"]) for text, *_ in places]
    for (text, size, x, baseline), ink in zip(places, inks, strict=True):
        at = (x, top + baseline)
        paper.page.annotate(text, at, size=size, va="baseline", ha="left", color=ink)
    alt = described(
        "词云",
        list(weights),
        list(weights.values()),
        unit="count",
        more=f"颜色表示：{'、'.join(groups)}。" if groups else "",
    )
    plot = _cloud_plot({text: weights[text] for text, *_ in places}, colours=inks)
    return finish(paper, kind="cloud", data=frame, alt=alt, plot=plot, png=picture(paper))


def _cloud_plot(weights: Mapping[str, float], *, colours: Sequence[str]) -> Plot:
    series = Series(UNNAMED, plain_values(weights.values()), colour=COLOURS["accent"], colours=tuple(colours))
    return Plot("cloud", tuple(weights), (series,), unit="count")


def _cloud_places(
    weights: Mapping[str, float], *, width: float, height: float, seed: int
) -> list[tuple[str, float, float, float]]:
    """Let wordcloud find places: (word, size, left, baseline) in pixels."""
    layout = (
        WordCloud(
            font_path=str(font_file()),
            width=int(width),
            height=int(height),
            random_state=seed,
            prefer_horizontal=1.0,
            min_font_size=13,
            max_font_size=88,
            relative_scaling=0.5,
            margin=5,
            max_words=len(weights),
        )
        .generate_from_frequencies(dict(weights))
        .layout_
    )
    placed = []
    for (text, _), size, (y, x), _, _ in layout:
        font = ImageFont.truetype(str(font_file()), size)
        left, above, *_ = font.getbbox(text, anchor="ls")
        placed.append((text, float(size), float(x - left), float(y - above)))
    return placed


# Heat map


@styled
def heat(
    frame: pd.DataFrame,
    *,
    row: str,
    column: str,
    value: str,
    center: float = 0,
    mark: float | None = 2,
    unit: str = "ratio",
    decimals: int | None = 1,
    ends: tuple[str, str] = ("少于预期", "多于预期"),
    wide: bool = False,
) -> Chart:
    """Draw a table of residuals as colours with numbers; cells beyond ±`mark` are framed.

    `frame` is long: a line for each row and column. `ends` names the two ends of the palette.
    """
    if is_blank(frame, value):
        return nothing("heat", frame, wide=wide)
    rows, heads = list(dict.fromkeys(frame[row])), list(dict.fromkeys(frame[column]))
    table = frame.drop_duplicates([row, column]).pivot(index=row, columns=column, values=value)
    table = table.reindex(index=rows, columns=heads).astype(float)
    row_names, head_names = names_of(rows), names_of(heads)
    least, bottom = 22, 40
    paper = sheet(wide=wide)
    gutter = min(max(text_width(name, NORMAL) for name in row_names), paper.width * 0.26) + 14
    cell = (paper.width - gutter - 2) / len(heads)
    titles, top = _head_lines(head_names, cell=cell)
    paper = sheet(wide=wide, height=max(HEIGHT, len(rows) * least + top + bottom))
    axes = area(paper, left=gutter, top=top, width=cell * len(heads), height=paper.height - top - bottom)
    palette = _diverging()
    texts = [[printed(v, unit=unit, decimals=decimals) for v in line] for line in table.to_numpy()]
    grounds = _grounds(table, palette=palette, center=center)
    _colour_cells(axes, table, palette=palette, center=center)
    _fill_cells(axes, texts, grounds, cell=(cell, (paper.height - top - bottom) / len(rows)))
    if mark is not None:
        _frame_cells(axes, table, center=center, mark=mark)
    _name_heat_rows(axes, row_names, gutter=gutter)
    _head_columns(axes, titles, cell=cell)
    _heat_key(paper, gutter=gutter, ends=ends, palette=palette, marked=_marked(mark, center=center))
    cells = list(table.to_numpy().ravel())
    alt = described("热图", [*row_names, *head_names], cells, unit=unit, decimals=decimals)
    series = [
        Series(name, plain_values(table.iloc[:, x]), texts=_column(texts, x), colours=_column(grounds, x))
        for x, name in enumerate(head_names)
    ]
    label = printable(f"{ends[0]} → {ends[1]}")
    plot = Plot("heat", tuple(row_names), tuple(series), unit=unit, decimals=decimals, label=label)
    return finish(paper, kind="heat", data=frame, alt=alt, plot=plot)


def _diverging() -> LinearSegmentedColormap:
    """From alarm over white to accent, as the theme has them now."""
    ends = [tint(COLOURS[name], strength=0.85) for name in ("alarm", "accent")]
    return LinearSegmentedColormap.from_list("alarm_accent", [ends[0], COLOURS["ground"], ends[1]])


def _grounds(table: pd.DataFrame, *, palette: LinearSegmentedColormap, center: float) -> list[list[str]]:
    """The colour of every cell; a missing one lies in the middle."""
    reach = _reach_of(table, center=center)
    away = np.nan_to_num(table.to_numpy() - center)
    return [[to_hex(palette(0.5 + one / (2 * reach))) for one in line] for line in away]


def _column(lines: Sequence[Sequence[str]], place: int) -> tuple[str, ...]:
    return tuple(line[place] for line in lines)


def _marked(mark: float | None, *, center: float) -> str:
    """Say what a frame around a cell means."""
    if mark is None:
        return ""
    return f"加框：超出 ±{mark:g}" if center == 0 else f"加框：偏离 {center:g} 超过 {mark:g}"


def _name_heat_rows(axes: Axes, names: Sequence[str], *, gutter: float) -> None:
    place = {"coords": ("axes fraction", "data"), "shift": (-12, 0), "align": "right"}
    for y, name in enumerate(names):
        write(axes, shortened(name, size=NORMAL, width=gutter - 14), (0, y + 0.5), **place)


def _head_lines(names: Sequence[str], *, cell: float) -> tuple[list[list[str]], float]:
    """Break column heads into their cells; narrow cells get heads that stand upright."""
    if cell < 44:
        cut = [shortened(name, size=SMALL, width=110) for name in names]
        return [[name] for name in cut], max(text_width(name, SMALL) for name in cut) + 12
    lines = [wrapped(name, size=NORMAL, width=cell - 8, lines=3) for name in names]
    return lines, 17 * max(map(len, lines)) + 10


def _head_columns(axes: Axes, titles: Sequence[Sequence[str]], *, cell: float) -> None:
    for x, lines in enumerate(titles):
        if cell < 44:
            write(
                axes,
                lines[0],
                (x + 0.5, 1),
                coords=("data", "axes fraction"),
                shift=(0, 6),
                size=SMALL,
                rotation=90,
                align="center",
            )
        else:
            write_lines(
                axes,
                lines,
                (x + 0.5, 1),
                coords=("data", "axes fraction"),
                shift=(0, 6 + 8.5 * len(lines)),
                align="center",
            )


def _colour_cells(
    axes: Axes, table: pd.DataFrame, *, palette: LinearSegmentedColormap, center: float
) -> None:
    reach = _reach_of(table, center=center)
    sns.heatmap(
        table.to_numpy(),
        ax=axes,
        cmap=palette,
        vmin=center - reach,
        vmax=center + reach,
        cbar=False,
        linewidths=1.5,
        linecolor="white",
        xticklabels=False,
        yticklabels=False,
    )
    bare(axes)


def _fill_cells(
    axes: Axes, texts: Sequence[Sequence[str]], grounds: Sequence[Sequence[str]], *, cell: tuple[float, float]
) -> None:
    """Write the value into every cell, unless the cells are too small."""
    widest = max(text_width(text, 1) for line in texts for text in line)
    size = min(15, cell[1] * 0.62, (cell[0] - 6) / widest)
    if size < 11:
        return
    for (y, x), text in np.ndenumerate(np.array(texts, dtype=object)):
        write(axes, text, (x + 0.5, y + 0.5), size=size, colour=text_on(grounds[y][x]), align="center")


def _frame_cells(axes: Axes, table: pd.DataFrame, *, center: float, mark: float) -> None:
    for (y, x), v in np.ndenumerate(table.to_numpy()):
        if abs(v - center) >= mark:
            frame = Rectangle((x + 0.03, y + 0.04), 0.94, 0.92, fill=False, edgecolor=INK, linewidth=1.4)
            axes.add_patch(frame)


def _reach_of(table: pd.DataFrame, *, center: float) -> float:
    return max(float(np.nanmax(np.abs(table.to_numpy() - center))), 1e-9)


def _heat_key(
    paper: Sheet, *, gutter: float, ends: tuple[str, str], palette: LinearSegmentedColormap, marked: str
) -> None:
    y = paper.height - 14
    write(paper.page, ends[0], (gutter, y), size=SMALL, colour=MUTED)
    x = gutter + text_width(ends[0], SMALL) + 8
    for step in range(9):
        paper.page.add_patch(
            Rectangle((x + step * 16, y - 7), 16, 14, facecolor=palette(step / 8), linewidth=0)
        )
    write(paper.page, ends[1], (x + 9 * 16 + 8, y), size=SMALL, colour=MUTED)
    if marked:
        write(paper.page, marked, (paper.width - 2, y), size=SMALL, colour=MUTED, align="right")
