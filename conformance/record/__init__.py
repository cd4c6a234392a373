"""What was captured, as JSON lines: written once while it happens, read again for judging."""
