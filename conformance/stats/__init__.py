"""What samples say: intervals and decisions that stay valid wherever sampling stopped."""
