"""Results near the edge of what these statistics do: causes, coding, tickets, orders, control charts."""

import re

import numpy as np
import pandas as pd

from benchmarks.references.comparing import SetAside
from benchmarks.references.entries import Reference, computes
from fbanalysis.analysis.causes import problem_pareto
from fbanalysis.analysis.codings import check_codings
from fbanalysis.analysis.coverage import share_by
from fbanalysis.analysis.customers.rfm import order_base, score_customers
from fbanalysis.analysis.incidents import durations
from fbanalysis.schema import SENTIMENTS

NO_FUNCTION = SetAside("a fact of the raw file that no analysis gives")


@computes("pareto_qcc_defects")
def pareto(reference: Reference) -> object:
    pairs = re.findall(r"([a-z. ]+?) (\d+)(?:,|$)", reference.file.removeprefix("inline:"))
    names = np.repeat([name.strip() for name, _ in pairs], [int(count) for _, count in pairs])
    found = problem_pareto(pd.DataFrame({"kind": "投诉", "issue": names}))
    return {
        "order": found["stratum"].to_list(),
        "cum_pct": found["cumulative"],
        "n_to_80pct": int(found["is_vital"].sum()),
    }


@computes("cohen_kappa_2x2")
def kappa(reference: Reference) -> object:
    cells = np.array(reference.numbers(), dtype=int)
    one, other = ([SENTIMENTS[at] for at in side] for side in ((0, 0, 1, 1), (0, 1, 0, 1)))
    said = {"one": np.repeat(one, cells), "other": np.repeat(other, cells)}
    codings = pd.DataFrame(said).rename_axis("comment").reset_index()
    codings = codings.melt("comment", var_name="coder", value_name="sentiment")
    nothing = pd.DataFrame({"comment_hash": [], "text": [], "label": []})
    rows = check_codings(nothing, codings, seed=0)
    return {"kappa": next(row[2] / 100 for row in rows if "Kappa" in row[0])}


@computes(
    "spc_xbar_R_pistonrings", "spc_p_orangejuice", "spc_c_circuit", "spc_u_dyedcloth", "spc_imr_viscosity"
)
def control_chart(reference: Reference) -> object:
    return SetAside("no control limits are computed yet")


# ---------------------------------------------------------------- event log


@computes("sla_incident_log")
def incident_log(reference: Reference) -> object:
    events = reference.table()
    incidents = _one_row_each(events)
    met = share_by(incidents, "made_sla").set_index("stratum").loc["True"]
    resolved, closed = (_hours(incidents, until=name) for name in ("resolved_at", "closed_at"))
    return {
        "events": SetAside("events become one row an incident before the product reads them"),
        "incidents": met["base"],
        "made_sla": met["n"],
        "sla_share": met["percent"] / 100,
        "sla_wilson": [met["low"] / 100, met["high"] / 100],
        "by_priority": _met_by_priority(incidents),
        "resolved_n": int(resolved.notna().sum()),
        "resolved_hours_median": resolved.median(),
        "resolved_negative": int((resolved < 0).sum()),
        "closed_hours_median": closed.median(),
        "reopened": NO_FUNCTION,
        "reassigned_mean": NO_FUNCTION,
    }


def _one_row_each(events: pd.DataFrame) -> pd.DataFrame:
    """Keep the last event of every incident; question marks are missing, days come before months."""
    last = events.drop_duplicates("number", keep="last").replace("?", np.nan)
    times = ["opened_at", "resolved_at", "closed_at"]
    return last.assign(**last[times].apply(pd.to_datetime, format="%d-%m-%Y %H:%M"))


def _hours(incidents: pd.DataFrame, *, until: str) -> pd.Series:
    named = {"number": "incident", "opened_at": "started_at", until: "resolved_at"}
    return durations(incidents[list(named)].rename(columns=named))["resolution_hours"]


def _met_by_priority(incidents: pd.DataFrame) -> dict[str, dict[str, int]]:
    found = {}
    for priority, rows in incidents.groupby("priority"):
        met = share_by(rows, "made_sla", order=["True"]).iloc[0]
        found[str(priority)] = {"n": int(met["base"]), "met": int(met["n"])}
    return found


# ---------------------------------------------------------------- orders


@computes("retail_sample_facts")
def retail(reference: Reference) -> object:
    table = reference.table()
    orders = pd.DataFrame(
        {
            "customer_id": table["CustomerID"],
            "ordered_at": pd.to_datetime(table["InvoiceDate"]),
            "amount_cny": table["Quantity"] * table["UnitPrice"],
        }
    )
    end = orders["ordered_at"].max()
    counted = order_base(orders, as_of=end).set_index("stratum")["n"]
    bought = score_customers(orders[orders["amount_cny"] >= 0], as_of=end)
    names = ("negative_qty", "cancellations_C", "zero_price", "customers", "revenue_all", "exact_duplicates")
    return dict.fromkeys(names, NO_FUNCTION) | {
        "rows": counted["全部"],
        "missing_customer": counted["没有客户编号"],
        "customers_positive": len(bought),
        "revenue_positive_known_customer": bought["monetary"].sum(),
    }
