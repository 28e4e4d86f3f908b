"""What others than customer service would have changed in a customer's consents: listed, agreed to or refused."""
