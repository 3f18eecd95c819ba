"""Settings come in; a city with a known truth goes out, as files of the same kinds as real ones."""
