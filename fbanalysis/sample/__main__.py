"""Command line of the sample: ``python -m fbanalysis.sample [--year 2023] [--rows 100000] [--out data/raw]``."""

import argparse
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fbanalysis.sample.comments.texts import variety
from fbanalysis.sample.feedback.items import SEED
from fbanalysis.sample.files import draw_year, write_year
from fbanalysis.sample.plans import PLANS
from fbanalysis.sample.planted import planted

#: Below this a year has too few rows for its own margins.
FEWEST_ROWS = 200


def main(arguments: list[str] | None = None) -> None:
    """Write the sample years, say where, and how varied their texts are."""
    given = _parser().parse_args(arguments)
    if given.effects:
        print(planted().to_csv(index=False, sep="\t", lineterminator="\n"), end="")
        return
    keys = []
    for year in [given.year] if given.year else sorted(PLANS):
        drawn = draw_year(year, rows=given.rows, seed=given.seed)
        sizes, key = write_year(drawn, folder=given.out / str(year))
        keys.append(key.assign(year=year))
        _report(sizes, folder=given.out / str(year))
        print(
            variety(drawn.items["comment"][drawn.items["comment"] != ""]).to_string(index=False), end="\n\n"
        )
    if given.key:
        key = pd.concat(keys)[["year", "file", "sheet", "row", "kind", "text"]]
        key.to_csv(given.key, index=False, encoding="utf-8", lineterminator="\n")
        print(f"{given.key}：{len(key)} 处个人信息")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fbanalysis.sample", description="写出示例公司的原始数据")
    parser.add_argument("--year", type=int, choices=sorted(PLANS), help="只写这一年（默认两年都写）")
    parser.add_argument("--rows", type=_rows, help="每年接受的反馈条数，其余各表按比例（默认 3528 与 2612）")
    parser.add_argument("--seed", type=int, default=SEED, help=f"随机种子（默认 {SEED}）")
    parser.add_argument("--out", type=Path, default=Path("data/raw"), help="写到哪里（默认 data/raw）")
    parser.add_argument("--key", type=Path, help="另写一份清单：虚构的个人信息各在哪个文件哪一行")
    parser.add_argument("--effects", action="store_true", help="只列出数据里埋下的效应及其大小，不写文件")
    return parser


def _rows(text: str) -> int:
    rows = int(text)
    if rows < FEWEST_ROWS:
        raise argparse.ArgumentTypeError(f"至少 {FEWEST_ROWS} 条，这里写的是 {rows}")
    return rows


def _report(sizes: Mapping[str, int], *, folder: Path) -> None:
    print(f"{folder}：{len(sizes)} 个文件，{sum(sizes.values()) / 1024:.0f} KB")
    for name, size in sizes.items():
        print(f"  {size / 1024:8.0f} KB  {name}")


if __name__ == "__main__":
    main()
