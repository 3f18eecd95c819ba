"""Series, totals and completeness come in; strings of inline SVG in two languages go out."""
