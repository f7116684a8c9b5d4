"""Several films of one patient, and several readers of one film: change, motion, agreement."""
