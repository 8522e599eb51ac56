"""One module for each thing people run; each is a short, readable list of steps."""
