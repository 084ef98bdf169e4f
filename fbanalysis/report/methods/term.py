"""One entry of the glossary of methods, its kinds, and the books that several entries cite."""

from dataclasses import dataclass

ESTIMATE, INTERVAL, TEST, ADJUSTMENT, EFFECT, RULE = "估计", "区间", "检验", "校正", "效应量", "规则"
#: The order in which the chapter on method prints them.
KINDS = (ESTIMATE, INTERVAL, TEST, ADJUSTMENT, EFFECT, RULE)

COHEN = "Cohen (1988)，Statistical Power Analysis for the Behavioral Sciences，第 2 版，"
COCHRAN = "Cochran (1977)，Sampling Techniques，第 3 版，"
AGRESTI = "Agresti (2013)，Categorical Data Analysis，第 3 版，"


@dataclass(frozen=True)
class Term:
    """One entry of the glossary.

    Parameters
    ----------
    name, kind
        What readers call it, and what it is: 估计, 区间, 检验, 校正, 效应量 or 规则.
    pattern
        Regular expression that finds it in a record's method.
    formula, source
        In plain text, and where it is published, with year and section or page.
    function
        What computes it: module and name below ``fbanalysis.analysis``.
    """

    name: str
    kind: str
    pattern: str
    formula: str
    source: str
    function: str

    def as_json(self) -> dict[str, str]:
        """Give what readers see of it."""
        return {"name": self.name, "kind": self.kind, "formula": self.formula, "source": self.source}
