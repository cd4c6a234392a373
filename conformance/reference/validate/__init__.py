"""From the body of a request to a value that can be trusted, or to an error that says why not."""
