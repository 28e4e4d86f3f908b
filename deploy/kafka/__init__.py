"""A real, single-node Apache Kafka broker from Maven's jars, for machines without Docker."""
