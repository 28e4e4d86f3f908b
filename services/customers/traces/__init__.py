"""The blind index: by which exact values somebody is found whose values lie sealed."""
