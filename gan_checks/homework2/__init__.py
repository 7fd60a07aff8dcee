"""Homework 2: how far apart two distributions are."""
