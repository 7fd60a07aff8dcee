"""Homework 7: to order, by the pixel, and in print."""
