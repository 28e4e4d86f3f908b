"""Straightening out a network (强化整顿): contracts that are to be ended, and how far each is (domain 2.2)."""
