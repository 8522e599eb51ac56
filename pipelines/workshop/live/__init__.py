"""The live session: sales and marketing change the rules on a page and see what it would mean."""
