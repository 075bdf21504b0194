"""Companies with contacts from a file or a pasted table: read, match, check, accept, take back."""
