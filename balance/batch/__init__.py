"""Folders of films and landmark documents, measured case by case into tables."""
