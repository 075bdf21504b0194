"""What came back: responses, their answers to each question, documents, and the public pages that show them."""
