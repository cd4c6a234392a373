"""A server whose times are known: what it wrote when is in its log, and that log is the truth.

It answers /v1/chat/completions as the name of the model says (see `score.py`), knows nothing of
language, and shares no code with what measures it.
"""
