"""The report finds what is planted in the sample year, within the size that is planted, and nothing that is not."""

from pathlib import Path

import pandas as pd
import pytest

from fbanalysis.sample.planted import planted

NO_DIFFERENCE = "没有差异"

#: Planted effect → the record that tells it.
TOLD = {
    "completion_2023": "completion[all]",
    "nps_2023": "nps[all]",
    "nps_2022": "nps_prior_year[all]",
    "nps_core_2023": "nps_segment_difference[人群·核心客户]",
    "nps_in_time_2023": "nps_in_time[all]",
    "csi_2023": "csi[all]",
    "csi_2022": "csi_prior_year[all]",
    "csi_product_2023": "csi[all/产品质量]",
    "csi_service_2023": "csi[all/服务]",
    "csi_value_2023": "csi[all/价值]",
    "csi_bond_2023": "csi[all/情感联结]",
    "csi_alpha_product": "csi_alpha[产品质量]",
    "csi_alpha_service": "csi_alpha[服务]",
    "csi_alpha_value": "csi_alpha[价值]",
    "csi_alpha_bond": "csi_alpha[情感联结]",
    "ces": "ces[all]",
    "ces_hotline": "ces[客户服务热线]",
    "kano_stability": "kano_share[系统稳定运行]",
    "kano_accuracy": "kano_share[数据准确]",
    "kano_security": "kano_share[权限安全]",
    "kano_speed": "kano_share[响应速度]",
    "kano_reports": "kano_share[报表能力]",
    "kano_interfaces": "kano_share[接口开放]",
    "kano_assistant": "kano_share[智能问答]",
    "kano_offline": "kano_share[移动端离线]",
    "kano_skins": "kano_share[换肤主题]",
    "kano_popups": "kano_share[弹窗公告]",
    "kano_questionable": "kano_questionable[all]",
    "rfm_champions": "rfm_share[重要价值]",
    "rfm_win_back": "rfm_share[重要挽留]",
    "rfm_developing": "rfm_share[一般发展]",
    "rfm_new": "rfm_share[新客户]",
    "rfm_at_risk": "rfm_share[流失风险]",
    "journey_reach_renewal": "journey_reach[续约]",
    "journey_score_setup": "journey_mean[实施]",
    "journey_score_support": "journey_mean[售后]",
    "journey_score_use": "journey_mean[使用]",
    "driver_1": "driver_beta[功能满足]",
    "driver_2": "driver_beta[系统稳定]",
    "driver_3": "driver_beta[响应及时]",
    "driver_8": "driver_beta[性价比]",
    "churn_2023": "churn_rate[all]",
    "callback_split": "ab_effect[回访短信改版]",
    "home_page_split": "ab_effect[新首页]",
    "dispatch_pilot": "pilot_effect[工单智能分派试点]",
    "dispatch_parallel": "pilot_trend[工单智能分派试点]",
    "department_pilot": "pilot_effect[部门限时办结试点]",
}

#: What is not planted: no verdict but this may stand in the metric, for strata that begin so.
ABSENT = {
    "nps_segment_difference": "地区·",
    "customer_group_variance": "",
    "ab_effect": "新首页",
    "pilot_placebo": "",
    "pilot_decay": "工单",
    "driver_change": "",
}

PRESENT = {
    "nps_yoy[all]": "上升",
    "csi_yoy[all]": "上升",
    "ab_effect[回访短信改版]": "较高",
    "pilot_effect[工单智能分派试点]": "下降",
    "pilot_effect[部门限时办结试点]": "下降",
    "churn_gap[规模·小型]": "较高",
    "ces_gap[客户服务热线]": "未达",
    "participation_change[2023 vs 2022]": "上升",
}


@pytest.fixture(scope="module")
def records(sample_report: Path) -> pd.DataFrame:
    table = pd.read_csv(sample_report / "metrics.csv")
    return table.set_index(table["metric"] + "[" + table["stratum"] + "]")


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    return planted().set_index("key")


@pytest.mark.parametrize(("effect", "record"), TOLD.items())
def test_a_planted_effect_is_told(
    effect: str, record: str, records: pd.DataFrame, effects: pd.DataFrame
) -> None:
    known = effects.loc[effect]
    assert float(records.loc[record, "value"]) == pytest.approx(known["size"], abs=known["tolerance"])


@pytest.mark.parametrize(("metric", "prefix"), ABSENT.items())
def test_what_is_not_planted_is_not_found(metric: str, prefix: str, records: pd.DataFrame) -> None:
    rows = records[records["metric"].eq(metric) & records["stratum"].str.startswith(prefix)]
    assert len(rows)
    assert set(rows["verdict"]) <= {NO_DIFFERENCE, "基数不足", "无法检验"}


@pytest.mark.parametrize(("record", "verdict"), PRESENT.items())
def test_what_is_planted_is_found_to_differ(record: str, verdict: str, records: pd.DataFrame) -> None:
    assert records.loc[record, "verdict"] == verdict
