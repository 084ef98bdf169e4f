"""The story of a finished report, told again from its executed notebooks as the pipeline tells it."""

from pathlib import Path

from fbanalysis.dataset import load_dataset
from fbanalysis.pipeline.plan import Plan, Step, make_plan
from fbanalysis.report.story import Chapter, Story, tell
from fbanalysis.report.theme import use


def story_of(root: Path, year: int) -> Story:
    """Tell the story of a year whose files are all made; a chapter without its tables is a gap."""
    dataset = load_dataset(root, year)
    use(dataset.theme)
    plan = make_plan(dataset)
    return tell(dataset, [_chapter(plan, step) for step in plan.chapters])


def _chapter(plan: Plan, step: Step) -> Chapter:
    executed, lacking = plan.executed(step), plan.why_left_out(step)
    status = "left out" if lacking else "done"
    number = step.name.split("_")[0]
    return Chapter(number, step.name, step.outline.title, None if lacking else executed, status, lacking)
