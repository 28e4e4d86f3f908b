"""A task finds its end: done with proof, or missed at its moment; what follows is planned at once."""
