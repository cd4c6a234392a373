"""Servers of real models that the package brings along; each runs in a process of its own."""
