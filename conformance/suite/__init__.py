"""What to try: suite files, read strictly, as values."""
