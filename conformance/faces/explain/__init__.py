"""What `conformance explain` says of each kind of thing."""
