"""Invoices of customers and whether they are paid, as the ERP tells them (domain 2.1)."""
