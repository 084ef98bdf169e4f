"""The deck: one HTML file for the screen, by nbconvert's slides exporter and reveal.js; chapters across, slides down."""

from importlib.util import find_spec
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from fbanalysis.report.fronts import fitted, short_foot
from fbanalysis.report.page import page
from fbanalysis.report.slides import TEMPLATES, environment, render, sizes
from fbanalysis.report.story import Sheet, Story

#: Sheets that open a column of the deck: everything up to the next one stands below it.
_OPENING = ("cover", "summary", "agenda", "part")


def deck(story: Story) -> str:
    """Build the deck of a story."""
    from nbconvert.exporters import SlidesExporter

    notebook = nbformat.v4.new_notebook(cells=[_cell(sheet, story) for sheet in story.sheets])
    body = "".join(cell.outputs[0].data["text/html"] for cell in notebook.cells)
    shared = page(
        story,
        body=body,
        scripts=[(_reveal() / "reveal.js").read_text("utf-8"), "deck.js", "records.js", "remarks.js"],
        styles=[
            (_reveal() / "reveal.css").read_text("utf-8"),
            "slide.css",
            "deck.css",
            "record.css",
            "remark.css",
        ],
    )
    notebook.metadata["fbanalysis"] = shared
    exporter = SlidesExporter(template_name="deck", extra_template_basedirs=[str(TEMPLATES)])
    return exporter.from_notebook_node(notebook)[0]


def _cell(sheet: Sheet, story: Story) -> NotebookNode:
    """Give a sheet as a cell for nbconvert: ``slide`` opens a column, ``subslide`` goes down."""
    output = nbformat.v4.new_output("display_data", data={"text/html": _drawn(sheet, story)})
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    cell.metadata.update(
        slideshow={"slide_type": "slide" if sheet.kind in _OPENING else "subslide"},
        anchor=sheet.anchor,
        label=sheet.label,
        layout=f"fb-{sheet.kind}",
        style=sizes(sheet.spec["fit"]) if sheet.spec else "",
        chapter=sheet.label,
    )
    return cell


def _drawn(sheet: Sheet, story: Story) -> str:
    foot = story.dataset.theme.footer
    if sheet.spec is not None:
        remarks = story.remarks_on(sheet)
        return render(sheet.spec, page=str(sheet.page), foot=short_foot(foot), remarks=remarks)
    draw = environment().get_template("page.html.j2").render
    content = fitted(sheet.kind, sheet.content)
    return draw(kind=sheet.kind, page=sheet.page, foot=short_foot(foot or story.foot), sheet=sheet, **content)


def _reveal() -> Path:
    """The folder with reveal.js, out of the package that brings it."""
    return Path(find_spec("sphinx_revealjs").submodule_search_locations[0]) / "_static" / "revealjs" / "dist"
