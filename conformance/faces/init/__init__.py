"""What `conformance init` needs: whom to ask, how an entry is written, where it goes."""
