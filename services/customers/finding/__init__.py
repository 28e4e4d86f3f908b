"""Finding stores by how their names sound, and by what their names say, however many stores there are."""
