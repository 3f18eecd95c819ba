"""The settings of a run, one section a file; `load.load_settings` reads and checks a whole configuration."""
