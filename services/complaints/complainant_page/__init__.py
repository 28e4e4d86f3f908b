"""The page of whoever complains: their case, without a login, in Chinese and English."""
