"""Homework 1: information and codes."""
