"""Files outside of the databases behind one interface: a folder, or an S3-compatible server (domain 3.1)."""
