"""What the reference server offers: each module registers the routes of one endpoint."""
