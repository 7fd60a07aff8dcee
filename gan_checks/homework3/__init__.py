"""Homework 3: the game, its value and its losses."""
