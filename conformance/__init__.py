"""Prove whether one LLM endpoint can replace another.

The package is a line of rooms (see ARCHITECTURE.md); importing it costs nothing,
because the pytest plugin loads in every pytest run of its users.
"""

__version__ = "0.1.0"
