"""The floor under every room: units, grid, periods, districts, spaces, datasets, settings, files; imports nothing of ours."""
