"""Fields on a grid, district polygons and stations come in; PNG pictures go out, offline."""
