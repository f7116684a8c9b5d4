"""Phantoms: spines of chosen parameters whose exact values are known by construction."""
