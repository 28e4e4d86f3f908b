"""Finding out whose a phone or an e-mail is: how often one caller may."""
