"""What must hold: the wire contract as data, and the profiles that ask for parts of it."""
