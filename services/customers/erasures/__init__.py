"""Erasing persons (decision 29): what is kept of them goes everywhere, business figures stay."""
