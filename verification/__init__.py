"""Companies whose truth is known: is what is printed true? make verify."""
