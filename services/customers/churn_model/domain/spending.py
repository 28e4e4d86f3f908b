"""What a customer spends at a purchase (domain 2.6): the Gamma-Gamma model.

Purchases vary about a mean of the customer's own; means vary among customers, independently of how often they buy.
Fader, Hardie and Lee, RFM and CLV (2005). Amounts in CNY.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpendingModel:
    """The parameters of a fit; v in CNY. Among customers there is a mean only where q > 1."""

    p: float
    q: float
    v: float

    def amount(self, frequency: int, mean: float) -> float:
        """The amount to expect of a purchase, after so many repeat purchases of this mean.

        The own mean weighs the more the more purchases it stands on; without any, all customers' mean is expected.
        """
        own = self.p * frequency
        return (self.v * self.p + own * mean) / (own + self.q - 1)
