"""What is asked of whom, and how it stands: campaigns, questions, approaches, and the events that move them."""
