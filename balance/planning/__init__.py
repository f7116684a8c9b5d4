"""Planning: landmarks and a plan give landmarks, which are measured like those of any film."""
