"""Homework 5: is it any good?"""
