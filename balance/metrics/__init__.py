"""Metrics: every alignment parameter as a formula over points of the patient's plane."""
