"""The checks of homework 6: collapse, critics, smoothing, and a probe of one's own."""
