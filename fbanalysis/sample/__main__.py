"""Command line of the sample: ``python -m fbanalysis.sample [--year 2023] [--out data/raw]``."""

import argparse
from pathlib import Path

from fbanalysis.sample.files import write_year
from fbanalysis.sample.plans import PLANS


def main(arguments: list[str] | None = None) -> None:
    """Write the sample years and say where."""
    parser = argparse.ArgumentParser(prog="python -m fbanalysis.sample", description="写出示例公司的原始数据")
    parser.add_argument("--year", type=int, choices=sorted(PLANS), help="只写这一年（默认两年都写）")
    parser.add_argument("--out", type=Path, default=Path("data/raw"), help="写到哪里（默认 data/raw）")
    given = parser.parse_args(arguments)
    for year in [given.year] if given.year else sorted(PLANS):
        files = write_year(year, out=given.out)
        size = sum(file.stat().st_size for file in files) / 1024
        print(f"{given.out / str(year)}：{len(files)} 个文件，{size:.0f} KB")


if __name__ == "__main__":
    main()
