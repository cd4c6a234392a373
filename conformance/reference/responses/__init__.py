"""Responses (POST /responses) in terms of the model behind chat: read, answered, told as items."""
