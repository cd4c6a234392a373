"""Thin faces: the pytest plugin and the command line. They may import everything; nothing imports them."""
