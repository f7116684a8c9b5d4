"""Assessment: values graded against published thresholds, or withheld with a reason."""
