"""What will be done: suites x providers x selection, before anything is sent."""
