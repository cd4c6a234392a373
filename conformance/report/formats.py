"""The formats of a run, by name: what else lies in this room (pairs, times) needs extras to be imported."""

from conformance.report import badge, certificate, html, json, markdown  # each registers its own
from conformance.report.core import REPORTS

__all__ = ["REPORTS", "badge", "certificate", "html", "json", "markdown"]
