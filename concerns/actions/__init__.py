"""Actions do: the only writers. Lock, require, validate, write, audit, outbox, return."""
