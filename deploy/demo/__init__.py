"""`make demo`: a believable franchise network and the main story, told through the public HTTP API alone."""
