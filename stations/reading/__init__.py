"""Bytes of instruments' files come in; what every reader shares to make rows of them goes out."""
