"""Who tests the tester: every fault of the reference server against the packaged suites."""
