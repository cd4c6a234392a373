"""Is it right? One module per area of the contract; each check is one short function."""
