"""What ids stand for: names of staff, departments, brands, regions and customers, many at once."""
