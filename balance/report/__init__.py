"""Report: an analysis shown as figure, table, CSV or JSON."""
