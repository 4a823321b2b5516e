"""Names of GPUs in another catalogue: what is unknown is counted, in few words for a log."""

from structlog.testing import capture_logs

from bot.prices.names import LONGEST_NAME, GpuNames


def test_an_endless_name_does_not_fill_the_log() -> None:
    names = GpuNames("test", ())
    assert names.key("X" * 100_000, 80) is None
    with capture_logs() as logs:
        names.log_unknown()
    (said,) = logs
    assert said["names"] == [f"{'X' * LONGEST_NAME} 80 GB"]
