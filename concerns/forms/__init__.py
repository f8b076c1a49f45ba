"""Forms check: what was typed, returned as clean values. They write nothing."""
