"""How much of what companies write is read right: one module for each subject."""
