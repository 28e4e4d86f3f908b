"""Winning somebody back who has left: the call, the visit and the message that their tier's terms ask for."""
