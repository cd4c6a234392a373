"""An audit of output parity: prepared, asked live, kept, and judged again from its record."""
