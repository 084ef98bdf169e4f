"""The charts of the deck, drawn in one theme. A chart draws columns of analysis frames; it computes nothing.

Every kind takes a frame and keywords, gives a `Chart`, and draws 没有数据 where there is none.
"""

from fbanalysis.report.charts.canvas import Chart
from fbanalysis.report.charts.control import control
from fbanalysis.report.charts.gantt import gantt
from fbanalysis.report.charts.kano import kano
from fbanalysis.report.charts.lines import trend
from fbanalysis.report.charts.pareto import pareto
from fbanalysis.report.charts.quadrants import quadrants
from fbanalysis.report.charts.rows import bars, dots, dumbbell, waterfall
from fbanalysis.report.charts.shares import likert, stacked
from fbanalysis.report.charts.slope import slope
from fbanalysis.report.charts.spans import columns, timeline
from fbanalysis.report.charts.words import cloud, heat, keyness
from fbanalysis.report.theme import CATEGORIES, COLOURS, FONT, colour_of, font_file, printable

__all__ = [
    "CATEGORIES",
    "COLOURS",
    "FONT",
    "Chart",
    "bars",
    "cloud",
    "colour_of",
    "columns",
    "control",
    "dots",
    "dumbbell",
    "font_file",
    "gantt",
    "heat",
    "kano",
    "keyness",
    "likert",
    "pareto",
    "printable",
    "quadrants",
    "slope",
    "stacked",
    "timeline",
    "trend",
    "waterfall",
]
