"""Homework 4: train a GAN."""
