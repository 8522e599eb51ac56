"""Speed and memory beside a stated peer or limit: make bench."""
