"""What `conformance doctor` and `conformance init` find out about an endpoint, in a handful of requests."""
