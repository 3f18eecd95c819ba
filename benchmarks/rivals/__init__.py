"""Other ways to the same answer, each written from the equations of its source and nothing of ours."""
