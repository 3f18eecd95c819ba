"""Innovations and the parts of S come in; sizes and lengths of the errors, with their own, go out."""
