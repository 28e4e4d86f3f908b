"""What ids stand for: names of staff, brands, regions, customers, their people and others, many at once."""
