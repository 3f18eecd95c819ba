"""Footprint files of other models come in; `footprints` datasets go out, one file a format."""
