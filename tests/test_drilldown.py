"""The way down to small groups: who is counted, and who stays hidden."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fbanalysis.analysis.drilldown import drill_down


def drillable(counts: dict[tuple[str, str, str, str | None], int]) -> pd.DataFrame:
    """Feedback of side, stratum, department and region, so many of each; scores 4, 2, 4, 2 …"""
    rows = [key for key, count in counts.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=["side", "stratum", "department", "region"]).astype("str")
    scores = [4.0 - 2 * (i % 2) for i in range(len(frame))]
    return frame.assign(overall_score=scores, kind=["表扬" if score > 3 else "问题反映" for score in scores])


def test_drill_down_goes_from_everybody_to_the_region_of_a_department() -> None:
    feedback = drillable(
        {("external", "客户", "研发/一部", "华东"): 6, ("internal", "员工", "客服部", None): 8}
    )
    table = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5)
    assert table["stratum"].is_unique
    rows = table.set_index("stratum")
    assert rows.loc["下钻/全部/全部/全部", "n"] == 14
    row = rows.loc["下钻/外部/研发／一部/华东"]
    assert (row["n"], row["mean"], row["percent_top2"], row["percent_problem"]) == (6, 3.0, 50.0, 50.0)
    half = stats.t.ppf(0.975, 5) * np.std([4, 2] * 3, ddof=1) / 6**0.5
    assert row["high"] - row["mean"] == pytest.approx(half)
    assert {"下钻/外部·客户/研发／一部/全部", "下钻/全部/客服部/全部", "下钻/全部/全部/未填写"} <= set(
        rows.index
    )


def test_drill_down_hides_small_groups_and_what_would_give_them_away() -> None:
    sizes = {"东": 3, "西": 6, "南": 20}
    feedback = drillable({("internal", "员工", "客服部", region): n for region, n in sizes.items()})
    rows = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5).set_index("stratum")
    hidden = rows.index[rows["mean"].isna()]
    assert {name for name in hidden if "客服部" in name} == {"下钻/内部/客服部/东", "下钻/内部/客服部/西"}
    assert {name for name in hidden if "客服部" not in name} == {"下钻/全部/全部/东", "下钻/全部/全部/西"}
    assert rows["n"].notna().all()


def test_drill_down_without_departments_stops_at_the_strata() -> None:
    feedback = drillable({("internal", "员工", "客服部", "东"): 8}).assign(department=None, region=None)
    table = drill_down(feedback, ["department", "region"], scale_maximum=5, below=5)
    assert table["stratum"].tolist() == ["下钻/全部", "下钻/内部", "下钻/内部·员工"]
