"""Real client libraries on recorded answers: what an application would have got."""
