"""Files of customers, purchases and payments, CSV and XLSX, however many there are (domain 2.3)."""
