"""What each screen says: a sentence, a picture and a question, made from the facts."""
