"""Everything that travels: wording, messages out and in, who decides that one is due, and who sends it."""
