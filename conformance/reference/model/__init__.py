"""A rule-based model: deterministic, cooperative, and small enough to read."""
