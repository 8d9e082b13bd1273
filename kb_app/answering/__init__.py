"""A question becomes an answer: prompts, the model's words or extracts, and what is made of them."""
