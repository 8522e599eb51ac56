"""Do proposals find what was planted, and nothing by chance?"""
