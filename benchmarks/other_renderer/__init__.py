"""A second renderer: bones in three dimensions before a beam; no code of the phantoms."""
