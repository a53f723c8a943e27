"""What each route of the public API answers, by family, and the table of all of them."""
