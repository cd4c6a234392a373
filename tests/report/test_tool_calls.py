"""Calls that cannot be run are a table: by provider, by way, by class."""

from sample import CALLS, provider, run

from conformance.report.markdown import markdown
from conformance.report.tool_calls import tool_calls, tool_calls_data


def test_each_way_in_which_calls_came_is_a_row():
    one = provider(tool_calls={"streamed": CALLS, "whole": CALLS})

    title, _, rows = tool_calls(run(one))

    assert title == "## Tool calls that cannot be run"
    assert [line.split("|")[2].strip() for line in rows.splitlines()[2:]] == [
        "streamed",
        "not streamed",
    ]
    assert rows.count("2 (10.0%; 1.0% to 37.5%)") == 2


def test_without_a_call_there_is_no_table():
    assert "Tool calls that cannot be run" not in markdown(run(provider(tool_calls={})))


def test_the_data_has_counts_rates_and_intervals():
    assert tool_calls_data(provider())["streamed"]["unknown_name"] == {
        "count": 2,
        "rate": 0.1,
        "interval": [0.01, 0.375],
    }
