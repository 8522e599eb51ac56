"""How the rows of two files belong together: ids that each file may spell in its own way."""
