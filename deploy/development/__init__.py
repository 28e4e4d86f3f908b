"""What a developer starts from: the skeleton of a capability, the draft of a migration, the catalogue of errors."""
