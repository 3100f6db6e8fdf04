"""Chaos: processes are killed at any moment under load, and afterwards nothing may be lost, doubled, moved or stuck."""
