"""Whether a store still buys, and what is to be expected of it: models fitted on the company's own purchases."""
