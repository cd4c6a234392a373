"""JSON Schema as the server needs it: is it valid, does a value fit, make a value that fits."""
