"""Small pieces of code for an application: each mends one deviation on the client's side.

They are read as data by everything of ours, and imported by nothing of it (docs/adr/0022).
"""
