"""Notices to staff by their channel of choice."""
