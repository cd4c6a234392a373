"""Every way to misbehave that the field has shown, one function each, by area."""
