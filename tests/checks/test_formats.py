"""Formats of strings: what every standard allows is right, and what no standard allows is wrong."""

import pytest

from conformance.checks.fits import misfit

RIGHT = {
    "date": ["2026-05-03", "0001-01-01", "2026-02-31"],
    "time": ["09:30:00Z", "23:59:60z", "09:30:00.125+02:00", "00:00:00-11:30"],
    "date-time": ["2026-05-03T09:30:00Z", "2026-05-03t09:30:00z", "2026-05-03 09:30:00.5+00:00"],
    "duration": ["PT2H", "P3D", "P1Y2M3DT4H5M6S", "P2W", "PT0.5S", "P1M"],
    "email": ["ada@example.com", "a+b@x", "ä@exämple.de"],
    "hostname": ["localhost", "a-b.example.com", "xn--bcher-kva.example", "a.b."],
    "ipv4": ["192.0.2.1", "0.0.0.0", "255.255.255.255"],
    "ipv6": ["::", "2001:db8::1", "::ffff:192.0.2.1"],
    "uuid": ["00000000-0000-4000-8000-000000000000", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"],
    "colour-of-ours": ["anything"],
}
WRONG = {
    "date": ["3 May 2026", "2026-13-01", "2026-5-3", "2026-05-03T00:00:00Z", "２０２６-05-03", ""],
    "time": ["half past nine", "9:30:00Z", "24:00:00Z", "09:30:00", "09:30Z"],
    "date-time": ["2026-05-03", "2026-05-03T09:30:00", "tomorrow", "2026-05-03_09:30:00Z"],
    "duration": ["two hours", "P", "PT", "2H", "P1H"],
    "email": ["ada at example", "@x", "a b@x", "ada@"],
    "hostname": ["my host!", "-a.example", "a..b", "", "a" * 64],
    "ipv4": ["300.1.2", "1.2.3.256", "1.2.3.4.5", "::1"],
    "ipv6": ["10.0.0.1", "12345::", "1:2:3", ":::"],
    "uuid": ["17", "00000000-0000-4000-8000-00000000000", "g0000000-0000-4000-8000-000000000000"],
}


def said(name, text):
    return misfit(text, {"type": "string", "format": name}, formats=True)


@pytest.mark.parametrize(
    ("name", "text"), [(n, each) for n, all_ in RIGHT.items() for each in all_]
)
def test_a_text_of_the_format_fits(name, text):
    assert said(name, text) == ""


@pytest.mark.parametrize(
    ("name", "text"), [(n, each) for n, all_ in WRONG.items() for each in all_]
)
def test_a_text_of_no_such_format_does_not(name, text):
    assert "breaks format" in said(name, text)


def test_only_who_asks_is_told_of_formats_and_only_of_texts():
    assert misfit("17", {"format": "uuid"}) == ""
    assert misfit(17, {"format": "uuid"}, formats=True) == ""
