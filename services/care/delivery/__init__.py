"""Messages on their way: judged by one gate, rendered, handed to providers once."""
