"""Who can be asked: providers.toml and presets, read strictly, as values."""
