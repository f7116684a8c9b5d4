"""Landmarks: the evidence that every value rests on."""
