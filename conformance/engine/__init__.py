"""The room with sockets, clocks and chance: asks what the plan says and hands over what was heard."""
