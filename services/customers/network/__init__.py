"""Regions as a tree, numbered so that the database itself sees which lies in which."""
