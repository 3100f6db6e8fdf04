"""Intake: receives documents and messages from outside and turns them into cases."""
