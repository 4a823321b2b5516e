"""`ftcost validate`: tables in, figures out; broken rows are reported, never fatal."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.validate import reader_of, validate_command
from bot.files import load_catalog
from bot.validation.figures import figures, figures_document, percentile, verdicts, weights, worst
from bot.validation.measurements import BadTable, Broken, Judged, Metric, judged_rows, rows_of
from estimator.memory.result import Verdict

CATALOG = load_catalog()
READ = reader_of(CATALOG)
LORA = "llama-7b lora bf16 mbs=1 ga=1 seq=1024 1xa100-80gb ckpt sdpa hf r=16"
HUGE = "llama-3.1-70b full bf16 mbs=8 ga=1 seq=4096 1xa100-80gb ckpt sdpa hf"


def table(*rows: Mapping[str, object]) -> io.StringIO:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, {name: None for row in rows for name in row})
    writer.writeheader()
    writer.writerows(rows)
    stream.seek(0)
    return stream


def judged(*rows: Mapping[str, object]) -> tuple[tuple[Judged, ...], tuple[Broken, ...]]:
    return judged_rows(rows_of(table(*rows)), CATALOG, READ)


def measured(
    text: str = LORA, metric: str = "mem_process_gib", value: object = 20, **more: object
) -> dict[str, object]:
    return {"spec": text, "metric": metric, "value": value, **more}


def test_three_columns_are_enough() -> None:
    (row,), broken = judged(measured())
    assert broken == ()
    assert row.metric is Metric.PROCESS
    assert row.error == pytest.approx(row.estimated.likely / 20 - 1)
    assert row.labels["method"] == "lora"
    assert row.labels["gpu"] == "a100-80gb"


def test_each_metric_is_compared_with_its_own_estimate() -> None:
    rows, _ = judged(*(measured(metric=metric) for metric in Metric))
    by_metric = {row.metric: row.estimated.likely for row in rows}
    assert by_metric[Metric.ALLOCATED] < by_metric[Metric.RESERVED] < by_metric[Metric.PROCESS]
    assert by_metric[Metric.UNSPECIFIED] == by_metric[Metric.PROCESS]
    assert by_metric[Metric.TOKENS] == pytest.approx(1024 / by_metric[Metric.STEP])


def test_the_peak_of_simulated_execution_is_what_is_allocated() -> None:
    (row,), _ = judged({"spec": LORA, "peak_gib": 14.0})
    assert row.metric is Metric.ALLOCATED
    assert row.measured == 14


def test_a_spec_without_a_micro_batch_gets_the_planners() -> None:
    (row,), broken = judged(measured("llama-7b lora bf16 1xa100-80gb"))
    assert broken == ()
    assert row.estimated.likely > 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (measured("llama-7b lora sqe=1024 1xa100-80gb"), "sqe"),
        (measured("llama-7b lora mbs=1"), "names no GPU"),
        (measured("llama-7b lora fp8 1xa100-80gb"), "no_precision gpu=a100-80gb precision=fp8"),
        (measured(metric="watts"), "unknown metric `watts`"),
        (measured(value="a lot"), "a lot"),
        (measured(value="-1"), "no positive number"),
        (measured(""), ""),
    ],
    ids=["unknown word", "no card", "no such precision", "unknown metric", "no number", "negative", "empty"],
)
def test_a_broken_row_is_reported_and_the_others_go_on(row: Mapping[str, object], said: str) -> None:
    good, broken = judged(row, measured())
    assert len(good) == 1
    assert broken[0].row.line == 2
    assert said in broken[0].problem


def test_a_table_without_a_spec_is_none() -> None:
    with pytest.raises(BadTable, match="spec"):
        rows_of(table({"metric": "oom", "value": 80}))


def test_sources_weigh_the_same_then_configurations_then_rows() -> None:
    rows, _ = judged(
        measured(source="a", config_key="1"),
        measured(source="a", config_key="1"),
        measured(source="a", config_key="2"),
        measured(source="b", config_key="3"),
    )
    assert weights(rows) == pytest.approx((1 / 8, 1 / 8, 1 / 4, 1 / 2))


def test_percentiles_are_weighted() -> None:
    assert percentile((1, 2, 3), (0.2, 0.2, 0.6), 0.5) == 3
    assert percentile((1, 2, 3), (0.5, 0.3, 0.2), 0.5) == 1
    assert percentile((1, 2, 3), (0.5, 0.3, 0.2), 1) == 3


def test_figures_keep_metrics_and_fidelity_apart() -> None:
    rows, _ = judged(
        measured(fidelity="exact"),
        measured(fidelity="partial"),
        measured(metric="mem_allocated_gib", fidelity="exact"),
    )
    assert [(each.metric, each.fidelity, each.num_rows) for each in figures(rows)] == [
        (Metric.ALLOCATED, "exact", 1),
        (Metric.PROCESS, "exact", 1),
        (Metric.PROCESS, "partial", 1),
    ]


def test_figures_can_be_grouped_by_labels() -> None:
    rows, _ = judged(measured(source="a"), measured(source="b"))
    assert [each.group for each in figures(rows, ("source", "gpu"))] == [
        (("source", "a"), ("gpu", "a100-80gb")),
        (("source", "b"), ("gpu", "a100-80gb")),
    ]


def test_saturated_rows_stay_out_of_the_figures() -> None:
    rows, _ = judged(measured(near_capacity="1"), measured(near_capacity="0"))
    (figure,) = figures(rows)
    assert figure.num_rows == 1


def test_verdicts_tell_runs_that_died_from_runs_that_ran() -> None:
    rows, _ = judged(measured(HUGE, "oom", 80), measured(LORA, "oom", 80), measured(f"{LORA} liger"))
    said = verdicts(rows)
    assert said.died == {Verdict.DOES_NOT_FIT: 1, Verdict.FITS: 1}
    assert said.missed == 1
    assert said.ran == {Verdict.FITS: 1}
    assert said.false_alarms == 0


def test_the_worst_rows_are_the_farthest_off_by_factor() -> None:
    rows, _ = judged(measured(value=1000), measured(f"{LORA} liger", value=20), measured(HUGE, value=1))
    assert [row.measured for row in worst(rows, 2)] == [1, 1000]


def test_the_document_is_json() -> None:
    rows, broken = judged(measured(), measured("nonsense"))
    said = figures_document(rows, broken, by=("method",), num_worst=1)
    assert json.loads(json.dumps(said)) == said
    assert said["num_rows"] == 2
    assert said["figures"][0]["group"] == {"method": "lora"}
    assert said["broken"][0]["line"] == 3


def run(tmp_path: Path, *arguments: str) -> Result:
    path = tmp_path / "runs.csv"
    refused = measured("llama-7b lora fp8 1xa100-80gb")
    rows = table(measured(source="a"), measured("nonsense"), refused)
    path.write_text(rows.read(), encoding="utf-8")
    return CliRunner().invoke(validate_command, [str(path), *arguments])


def test_the_command_prints_figures_and_broken_rows(tmp_path: Path) -> None:
    result = run(tmp_path, "--worst", "1")
    assert result.exit_code == 0
    assert "mem_process_gib" in result.output
    assert "line 3" in result.output
    assert "line 4: a100-80gb has no fp8." in result.output


def test_the_command_prints_json(tmp_path: Path) -> None:
    result = run(tmp_path, "--json", "--by", "source,method")
    assert json.loads(result.output)["figures"][0]["group"] == {"source": "a", "method": "lora"}


def test_the_command_draws_a_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "runs.png"
    assert run(tmp_path, "--plot", str(picture)).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_label_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    result = run(tmp_path, "--by", "colour")
    assert result.exit_code == 2
    assert "choose from source" in result.output


def test_a_file_that_is_none_ends_with_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(validate_command, [str(tmp_path / "absent.csv")])
    assert result.exit_code == 1
    assert "absent.csv" in result.output


def test_a_table_of_broken_rows_alone_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("spec,metric,value\nnonsense,oom,80\n", encoding="utf-8")
    assert CliRunner().invoke(validate_command, [str(path)]).exit_code == 1
