"""Reads what single values of a company's file say: numbers, money, choices."""
