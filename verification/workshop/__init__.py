"""The workshop as people use it: pictures of its page, and a scripted live session."""
