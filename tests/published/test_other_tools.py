"""What others publish of their errors: each figure has its place and its day, and our rows beside it."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from written_yaml import loaded

from bot.validation.measurements import Metric

HERE = Path(__file__).parent
CLAIMS: list[dict[str, Any]] = loaded((HERE / "other_tools.yaml").read_text("utf-8"))
with (HERE / "measurements.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.mark.parametrize("claim", CLAIMS, ids=[f"{each['tool']}: {each['claim']}" for each in CLAIMS])
def test_a_claim_has_a_figure_a_place_and_a_day(claim: dict[str, Any]) -> None:
    assert "%" in claim["claim"]
    assert claim["source"]
    assert claim["where"]
    assert isinstance(claim["date"], date)


@pytest.mark.parametrize("ours", [claim["ours"] for claim in CLAIMS if "ours" in claim])
def test_our_rows_beside_a_claim_exist(ours: dict[str, Any]) -> None:
    metrics = {str(Metric(name)) for name in ours["metrics"]}
    rows = [
        row for row in ROWS if row["metric"] in metrics and ours.get("source", row["source"]) == row["source"]
    ]
    assert len(rows) >= 3
