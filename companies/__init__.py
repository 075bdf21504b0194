"""Who can be asked: companies under all their names, and, privately, the people to write to."""
