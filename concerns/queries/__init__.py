"""Queries ask: read models for pages and for actions. They write nothing."""
