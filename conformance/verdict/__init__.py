"""What it means: trials to findings, findings to a certificate. Pure."""
