"""What the cells of both grids of segments are called, in Chinese and English: a table with versions (domain 2.5)."""
