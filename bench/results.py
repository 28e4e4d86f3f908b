"""What a measurement gives: our figure, the floor's in the same run, their ratio and the goal."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path("bench/results")


@dataclass(frozen=True, slots=True)
class Result:
    """One measured row; `row` is its number in docs/performance.md."""

    what: str
    row: str
    ours: float
    floor: float
    unit: str
    goal: float
    smaller_is_better: bool = False

    @property
    def ratio(self) -> float:
        return self.ours / self.floor if self.floor else float("inf")

    @property
    def reached(self) -> bool:
        return self.ratio <= self.goal if self.smaller_is_better else self.ratio >= self.goal


def save(name: str, results: list[Result]) -> None:
    """Prints a table and writes bench/results/<name>.json."""
    table = Table("row", "what", "ours", "floor", "unit", "ratio", "goal", "reached")
    for each in results:
        sign = "≤" if each.smaller_is_better else "≥"
        table.add_row(
            each.row, each.what, f"{each.ours:,.1f}", f"{each.floor:,.1f}", each.unit,
            f"{each.ratio:.2f}", f"{sign} {each.goal:g}", "yes" if each.reached else "NO",
        )  # fmt: skip
    Console().print(table)
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(each), "ratio": round(each.ratio, 3), "reached": each.reached} for each in results]
    content = {"processors": os.cpu_count(), "results": rows}
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
