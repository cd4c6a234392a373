"""Runs from selection to reports: alone, shared, gone on with, judged again, merged. Knows no pytest."""
