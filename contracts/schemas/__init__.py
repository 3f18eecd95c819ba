"""One contract a file: what every dataset of the pipeline holds."""
