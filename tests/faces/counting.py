"""What a server was asked, and what a report says once times and names are taken out."""

import json
import re
from collections import Counter

TIMED = {"created", "end_ms", "seconds", "started", "finished", "pieces"}
"""Members of reports that are times, or depend on them."""
CREATED = re.compile(r'(created|cached_tokens)(\\*)":\d+')
"""When an answer was made, and how much of its prompt had been asked before."""
NAMED = {"date", "x-request-id", "x-client-request-id", "content-length"}
"""Headers that differ where two cases ask the same: whoever asks first gets the first name."""


def asked(log):
    """Method, path and digest of every request that the server began to answer."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return Counter(
        (each["method"], each["path"], each["digest"]) for each in lines if each["event"] == "start"
    )


def newest(reports):
    """The folder of the newest run."""
    return reports / (reports / "latest.txt").read_text().strip()


def report(reports):
    """The newest report without its times."""
    folder = newest(reports)
    return plain(json.loads((folder / "report.json").read_text()), folder.name)


def plain(value, run):
    if isinstance(value, dict):
        return {name: plain(each, run) for name, each in value.items() if name not in TIMED}
    if isinstance(value, list):
        return [plain(each, run) for each in value if not _named(each)]
    return CREATED.sub(r"\1", value.replace(run, "RUN")) if isinstance(value, str) else value


def _named(each):
    return isinstance(each, list) and bool(each) and str(each[0]).lower() in NAMED
