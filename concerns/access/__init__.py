"""Access permits: who may do what, decided in one place, and the same rule as querysets."""
