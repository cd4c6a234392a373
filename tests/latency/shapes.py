"""Readings by hand."""

from conformance.latency.reading import Arrival, Reading

MS = 1_000_000


def arrival(at, *, tokens=1.0, doubtful=False, answer=True, text="x"):
    return Arrival(at=at, text=text, answer=answer, tokens=tokens, doubtful=doubtful)


def reading(sent=0, *, ttft=100, itl=20, count=10, **changes):
    """Milliseconds in, nanoseconds out; every token an arrival."""
    start = sent * MS
    arrivals = changes.pop("arrivals", None)
    if arrivals is None:
        arrivals = tuple(arrival(start + int((ttft + itl * n) * MS)) for n in range(count))
    values = {
        "key": "r0",
        "intended": start,
        "begun": start,
        "sent": start,
        "ended": arrivals[-1].at if arrivals else start + ttft * MS,
        "first_byte": arrivals[0].at if arrivals else None,
        "arrivals": arrivals,
        "tokens": count,
        **changes,
    }
    return Reading(**values)
