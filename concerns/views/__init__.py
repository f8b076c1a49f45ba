"""Views show: guard, form, action, redirect; or guard, query, render."""
