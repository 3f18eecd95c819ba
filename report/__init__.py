"""Every contract file of a run comes in; one self-contained page and its map pictures go out."""
