"""What is asked of results: explanation, evaluation of a scheme, what-if, differences between periods."""
