"""A server that conforms, and every way it can fail. Shares no code with the judge."""
