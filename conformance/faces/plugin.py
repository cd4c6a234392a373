"""The pytest plugin's entry: options only, everything else on demand."""
